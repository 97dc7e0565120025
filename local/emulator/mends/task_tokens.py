"""Callbacks: a failed start fails the state, heartbeats count, and a token is good for one answer, in time."""

from mending import Mend

MODULE = "ministack.services.stepfunctions"


def _closed(action: str, rest: str) -> Mend:
    return Mend(
        id=f"closed-token-{action}",
        module=MODULE,
        old=f"""    info = _task_tokens.get(token)
    if not info:
        return error_response_json(
            "TaskDoesNotExist", "Task token not found", 400)
{rest}""",
        new=f"""    info = _task_tokens.get(token)
    import executions
    if executions.is_closed(token, info):
        return error_response_json(
            "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400)
    if not info:
        return error_response_json(
            "TaskDoesNotExist", "Task token not found", 400)
{rest}""",
        reason="an answer for a task that is over is called unknown, and a second answer replaces the first",
        aws="TaskTimedOut: the token has expired, or its task has been closed.",
    )


MENDS = [
    _closed("success", """    info["result"] = output
"""),
    _closed("failure", """    info["error"] = {
"""),
    _closed("heartbeat", """    info["heartbeat"] = now_iso()
"""),
    Mend(
        id="token-per-attempt",
        module=MODULE,
        old="""    if is_callback:
        ctx["Task"] = {"Token": new_uuid()}

    retriers = state_def.get("Retry", [])
""",
        new="""    import executions
    retriers = state_def.get("Retry", [])
""",
        reason="all attempts of a task share one token",
        aws="Every attempt has its own token.",
    ),
    Mend(
        id="token-in-attempt",
        module=MODULE,
        old="""        ctx["State"]["RetryCount"] = sum(retry_counts.values())
        if query_language != "JSONata":
            effective =""",
        new="""        ctx["State"]["RetryCount"] = sum(retry_counts.values())
        if is_callback:
            ctx["Task"] = {"Token": executions.new_token(execution)}
        if query_language != "JSONata":
            effective =""",
        reason="all attempts of a task share one token",
        aws="Every attempt has its own token.",
    ),
    Mend(
        id="task-limits",
        module=MODULE,
        old="""                task_result = _invoke_with_callback(
                    resource, effective, ctx["Task"]["Token"], state_def)
            # Skip activities: their timeout starts when a worker gets the task, not here
            elif "TimeoutSeconds" in state_def and ":activity:" not in resource:
                task_result = _invoke_resource_with_timeout(
                    resource, effective, state_def["TimeoutSeconds"])
""",
        new="""                task_result = _invoke_with_callback(
                    resource, effective, ctx["Task"]["Token"],
                    executions.task_limits(state_def, raw_input, ctx))
            # Skip activities: their timeout starts when a worker gets the task, not here
            elif ("TimeoutSeconds" in state_def or "TimeoutSecondsPath" in state_def) and ":activity:" not in resource:
                task_result = _invoke_resource_with_timeout(
                    resource, effective,
                    executions.task_limits(state_def, raw_input, ctx)["TimeoutSeconds"])
""",
        reason="a timeout given as an expression or a path breaks the task",
        aws="Both fields take JSONata expressions, or paths in JSONPath.",
    ),
    Mend(
        id="callback-start-failure",
        module=MODULE,
        old="""        try:
            _call_lambda(func_ref, lambda_payload)
        except _ExecutionError:
            pass
""",
        new="""        try:
            _call_lambda(func_ref, lambda_payload)
        except _ExecutionError:
            _task_tokens.pop(token, None)
            raise
""",
        reason="a Lambda that fails before it hands on its token leaves the state waiting for its timeout",
        aws="The failure of the call fails the state at once.",
    ),
    Mend(
        id="callback-wait",
        module=MODULE,
        old="""    timeout = state_def.get("TimeoutSeconds", 99999)
    if not evt.wait(timeout=timeout):
        _task_tokens.pop(token, None)
        raise _ExecutionError("States.Timeout",
                              "Task timed out waiting for callback")

    info = _task_tokens.pop(token, {})
""",
        new="""    import executions
    try:
        executions.await_callback(_task_tokens[token], state_def)
    finally:
        info = _task_tokens.pop(token, {})
""",
        reason="a stopped execution goes on waiting for its callback, and HeartbeatSeconds is ignored",
        aws="An execution that ended does nothing more; a missed heartbeat is States.HeartbeatTimeout.",
    ),
]
