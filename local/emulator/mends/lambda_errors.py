"""A Lambda's error keeps its name on the way to its caller."""

from mending import Mend

RUNTIME = "ministack.core.lambda_runtime"
SERVICE = "ministack.services.lambda_svc"

MENDS = [
    Mend(
        id="node-error-name",
        module=RUNTIME,
        old="""            status: "error", error: String(err.message || err), trace: err.stack || ""
""",
        new="""            status: "error",
            error: err instanceof Error ? err.message : String(err && err.message || err),
            errorType: String((err && err.name) || (err instanceof Error ? "Error" : typeof err)),
            trace: (err && err.stack) || ""
""",
        reason="the worker sends the message and drops the name",
        aws="The Node.js runtime reports error.name as errorType.",
    ),
    Mend(
        id="node-thrown-error-name",
        module=RUNTIME,
        old="""        status: "error", error: e.message, trace: e.stack
""",
        new="""        status: "error", error: String(e && e.message || e),
        errorType: String((e && e.name) || typeof e), trace: (e && e.stack) || ""
""",
        reason="the same for a handler that throws before it returns a promise",
        aws="The Node.js runtime reports error.name as errorType.",
    ),
    Mend(
        id="lambda-error-type",
        module=SERVICE,
        old="""            error_type = "Runtime.HandlerError"
            if _RIE_TIMEOUT_TEXT_RE.fullmatch(error_msg):
                error_type = "Sandbox.Timedout"
            return {
                "body": {
                    "errorMessage": error_msg,
                    "errorType": error_type,
                },
                "error": True,
""",
        new="""            error_type = result.get("errorType") or "Runtime.HandlerError"
            if error_msg == "Worker process died":
                error_type = "Runtime.ExitError"
                error_msg = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
            if _RIE_TIMEOUT_TEXT_RE.fullmatch(error_msg):
                error_type = "Sandbox.Timedout"
            return {
                "body": {
                    "errorType": error_type,
                    "errorMessage": error_msg,
                    **({"trace": result["trace"].split("\\n")} if result.get("trace") else {}),
                },
                "error": True,
""",
        reason="every failure is called Runtime.HandlerError, so Retry and Catch by name never match",
        aws="The payload is {errorType, errorMessage, trace}; Step Functions takes errorType as the error's name. "
        "A process that ends during an invocation is a Runtime.ExitError.",
    ),
    Mend(
        id="python-error-name",
        module=RUNTIME,
        old="""json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()})""",
        new="""json.dumps({"status": "error", "error": str(e), "errorType": type(e).__name__,
                                                "trace": traceback.format_exc()})""",
        reason="the Python worker drops the exception's name as well",
        aws="The Python runtime reports the exception's class name as errorType.",
    ),
    Mend(
        id="warm-after-error",
        module=RUNTIME,
        old="""            if response.get("status") == "error":
                proc, self._proc = self._proc, None
""",
        new="""            if response.get("status") == "error" and "errorType" not in response:
                proc, self._proc = self._proc, None
""",
        reason="every error that a handler throws kills its process, so the next call starts cold",
        aws="A handled error leaves the execution environment warm.",
    ),
]
