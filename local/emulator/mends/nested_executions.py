"""A nested execution is an execution: it emits events, is stopped with its parent, and fails as on AWS."""

from mending import Mend

MODULE = "ministack.services.stepfunctions"

MENDS = [
    Mend(
        id="nested-execution-in-sync",
        module=MODULE,
        old="""    request = _nested_start_execution_request(input_data)
    status, _, body = _start_sync_execution(request)
    payload = json.loads(body) if body else {}

    if status >= 400:
        raise _ExecutionError(
            payload.get("__type", "States.Runtime"),
            payload.get("message", "Nested execution failed to start"),
        )

    if payload.get("status") != "SUCCEEDED":
        error, cause = _nested_execution_failure(payload)
        raise _ExecutionError(error, cause)

    output_value = payload.get("output") or "{}"
    if resource.endswith(".sync:2") and isinstance(output_value, str):
        try:
            output_value = json.loads(output_value)
        except json.JSONDecodeError:
            pass

    return {
        "ExecutionArn": payload.get("executionArn"),
        "Input": payload.get("input", "{}"),
        "InputDetails": payload.get("inputDetails", {"included": True}),
        "Name": payload.get("name"),
        "Output": output_value,
        "OutputDetails": payload.get("outputDetails", {"included": True}),
        "StartDate": payload.get("startDate"),
        "StateMachineArn": payload.get("stateMachineArn"),
        "Status": payload.get("status"),
        "StopDate": payload.get("stopDate"),
    }
""",
        new="""    import executions
    started = _invoke_nested_start_execution(resource, input_data)
    child = _executions[started["ExecutionArn"]]
    executions.await_child(child)
    description = executions.describe(child, parsed=resource.endswith(".sync:2"))
    if child["status"] != "SUCCEEDED":
        raise _ExecutionError("States.TaskFailed", json.dumps(description))
    return description
""",
        reason="a failed child surfaces with its own error, emits no events, and is not stopped with its parent",
        aws="States.TaskFailed, with the child's DescribeExecution answer (names in Pascal case, dates in epoch "
        "milliseconds, and in .sync:2 input and output as JSON values) in Cause.",
    ),
    Mend(
        id="nested-start-refusal",
        module=MODULE,
        old="""    status, _, body = _start_execution(request)
    payload = json.loads(body) if body else {}

    if status >= 400:
        raise _ExecutionError(
            payload.get("__type", "States.Runtime"),
""",
        new="""    status, _, body = _start_execution(request)
    payload = json.loads(body) if body else {}

    if status >= 400:
        raise _ExecutionError(
            f"StepFunctions.{payload.get('__type', 'Unknown')}Exception",
""",
        reason="a refused start surfaces with the bare error code",
        aws="StepFunctions.<code>Exception, for example StepFunctions.ExecutionAlreadyExistsException.",
    ),
    Mend(
        id="task-timeout-stops-child",
        module=MODULE,
        old="""    pool = ThreadPoolExecutor(max_workers=1)
    # Workers do not inherit contextvars, so copy them to keep the account and region scope (#639).
    future = pool.submit(contextvars.copy_context().run, _invoke_resource, resource, input_data)
    pool.shutdown(wait=False)
    try:
        return future.result(timeout=timeout)
    except FutureTimeoutError:
        raise""",
        new="""    import executions
    pool = ThreadPoolExecutor(max_workers=1)
    attempt = executions.new_attempt()
    # Workers do not inherit contextvars, so copy them to keep the account and region scope (#639).
    future = pool.submit(contextvars.copy_context().run, _invoke_resource, resource, input_data)
    pool.shutdown(wait=False)
    try:
        return future.result(timeout=timeout)
    except FutureTimeoutError:
        executions.stop_attempt(attempt)
        raise""",
        reason="a timed-out task leaves the nested execution that it started running",
        aws="The timeout of a .sync task stops what it was waiting for.",
    ),
]
