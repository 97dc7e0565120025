"""Which executions run, who started whom, and how an execution ends: what MiniStack does not keep.

The mended Step Functions service calls these functions. Nothing here is persisted: after a restart no execution runs.
"""

import base64
import contextlib
import contextvars
import json
import random
import threading
import time

from ministack.core.responses import new_uuid, now_iso, set_request_account_id, set_request_region

_FOREVER_SECONDS = 31_536_000  # AWS ends a standard execution after a year
_TOKEN_MARK = "orchestrator-task:"


class ExecutionEnded(Exception):
    """Raised in the threads of an execution that has ended elsewhere."""


class _Live:
    """One running execution: the event of its end, the waits it wakes, and its nested executions."""

    def __init__(self):
        self.ended = threading.Event()
        self.waits: set[threading.Event] = set()
        self.children: list[dict] = []
        self.timer: threading.Timer | None = None


_lock = threading.RLock()
_live: dict[str, _Live] = {}
_current: contextvars.ContextVar[tuple[dict, _Live] | None] = contextvars.ContextVar("execution", default=None)
_attempt: contextvars.ContextVar[list | None] = contextvars.ContextVar("attempt", default=None)
_interrupted: list[dict] = []
_on_change = None


def _service():
    from ministack.services import stepfunctions

    return stepfunctions


def _live_of(execution) -> _Live:
    with _lock:
        live = _live.get(execution["executionArn"])
        if live is None:
            live = _Live()
            if execution["status"] == "RUNNING":
                _live[execution["executionArn"]] = live
            else:
                live.ended.set()
        return live


@contextlib.contextmanager
def walking(execution):
    """Make the execution the current one of this thread, and of the threads that copy its context."""
    token = _current.set((execution, _live_of(execution)))
    try:
        yield
    finally:
        _current.reset(token)


def limit(execution, timeout_seconds) -> None:
    """Time the execution out after its machine's TimeoutSeconds."""
    if not timeout_seconds:
        return
    live = _live_of(execution)
    context = contextvars.copy_context()
    live.timer = threading.Timer(
        timeout_seconds, context.run, args=(end, execution, "TIMED_OUT"), kwargs={"error": "States.Timeout"}
    )
    live.timer.daemon = True
    live.timer.start()


_END_EVENTS = {
    "SUCCEEDED": ("ExecutionSucceeded", "executionSucceededEventDetails"),
    "FAILED": ("ExecutionFailed", "executionFailedEventDetails"),
    "ABORTED": ("ExecutionAborted", "executionAbortedEventDetails"),
    "TIMED_OUT": ("ExecutionTimedOut", "executionTimedOutEventDetails"),
}


def end(execution, status, *, error=None, cause=None, output=None) -> bool:
    """End a running execution, stop its nested executions, publish the event. False when it had ended before."""
    service = _service()
    live = _live_of(execution)
    with _lock:
        if execution["status"] != "RUNNING":
            return False
        execution.update(error=error, cause=cause, output=output, stopDate=now_iso())
        execution["status"] = status
        _live.pop(execution["executionArn"], None)
        event, details = _END_EVENTS[status]
        payload = {"output": output} if status == "SUCCEEDED" else {"error": error or "", "cause": cause or ""}
        service._add_event(execution, event, {details: payload})
        waits, children = list(live.waits), list(live.children)
    if live.timer is not None:
        live.timer.cancel()
    for child in children:
        _stop_child(child, execution["executionArn"])
    live.ended.set()
    for wait in waits:
        wait.set()
    service._emit_execution_status_event(execution)
    return True


def _stop_child(child, parent_arn) -> None:
    cause = (
        f"The Task state in AWS Step Functions execution [{parent_arn}] "
        "which was managing this resource was aborted"
    )
    end(child, "ABORTED", cause=cause)


def check_running() -> None:
    current = _current.get()
    if current is not None and current[1].ended.is_set():
        raise ExecutionEnded


def sleep(seconds) -> None:
    """Sleep, unless the execution ends first."""
    current = _current.get()
    if current is None:
        time.sleep(seconds)
    elif current[1].ended.wait(seconds):
        raise ExecutionEnded


def retry_delay(retrier, delay) -> float:
    """The seconds before a retry: capped by MaxDelaySeconds, and random up to that with full jitter."""
    delay = min(delay, retrier.get("MaxDelaySeconds", _FOREVER_SECONDS))
    return random.uniform(0, delay) if retrier.get("JitterStrategy") == "FULL" else delay


def new_attempt() -> list:
    """Begin to note which nested executions a timed task starts."""
    children: list = []
    _attempt.set(children)
    return children


def stop_attempt(children) -> None:
    current = _current.get()
    for child in children:
        _stop_child(child, current[0]["executionArn"] if current else "")


def await_child(child) -> None:
    """Wait until the nested execution has ended; it is stopped when its parent ends first."""
    live = _live_of(child)
    current = _current.get()
    if current is not None:
        parent, parent_live = current
        with _lock:
            parent_live.children.append(child)
        attempt = _attempt.get()
        if attempt is not None:
            attempt.append(child)
        if parent_live.ended.is_set():
            _stop_child(child, parent["executionArn"])
    live.ended.wait()
    check_running()


def describe(execution, *, parsed) -> dict:
    """The execution as an optimized integration reports it; `parsed` gives input and output as JSON values."""
    payload = json.loads if parsed else (lambda text: text)
    stamp = _service()._iso_to_epoch_ms
    succeeded = execution["status"] == "SUCCEEDED"
    description = {
        "Cause": execution.get("cause"),
        "Error": execution.get("error"),
        "ExecutionArn": execution["executionArn"],
        "Input": payload(execution["input"]),
        "InputDetails": {"Included": True},
        "Name": execution["name"],
        "Output": payload(execution["output"]) if succeeded else None,
        "OutputDetails": {"Included": True},
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE" if succeeded else "REDRIVABLE",
        "StartDate": stamp(execution["startDate"]),
        "StateMachineArn": execution["stateMachineArn"],
        "Status": execution["status"],
        "StopDate": stamp(execution["stopDate"]),
    }
    return {key: value for key, value in description.items() if value is not None or (key == "Output" and succeeded)}


def task_limits(state, raw_input, ctx) -> dict:
    """The state with TimeoutSeconds and HeartbeatSeconds as numbers, or without them."""
    service = _service()
    limits = dict(state)
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        if f"{field}Path" in state:
            limits[field] = service._resolve_path_or_ctx(state[f"{field}Path"], raw_input, ctx)
        elif isinstance(state.get(field), str):
            limits[field] = service._jsonata_state_field(state, field, "number", raw_input, ctx)
    return limits


def new_token(execution) -> str:
    """A task token that tells, even after a restart, that it was once valid."""
    text = f"{_TOKEN_MARK}{new_uuid()}:{execution['executionArn']}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def is_closed(token, info) -> bool:
    """True for a token that was answered, or whose task is over."""
    if info is not None:
        return info["event"].is_set()
    try:
        return base64.urlsafe_b64decode(token.encode()).decode().startswith(_TOKEN_MARK)
    except (ValueError, AttributeError):
        return False


def await_callback(info, limits) -> None:
    """Wait for an answer; raise the timeout's or the missed heartbeat's error, or ExecutionEnded."""
    failure = _service()._ExecutionError
    answered, current = info["event"], _current.get()
    if current is not None:
        with _lock:
            current[1].waits.add(answered)
        check_running()
    deadline = time.monotonic() + limits.get("TimeoutSeconds", _FOREVER_SECONDS)
    heartbeat = limits.get("HeartbeatSeconds")
    beat, beat_at = info["heartbeat"], time.monotonic()
    try:
        while not answered.is_set():
            if info["heartbeat"] != beat:
                beat, beat_at = info["heartbeat"], time.monotonic()
            until = deadline if heartbeat is None else min(deadline, beat_at + heartbeat)
            remaining = until - time.monotonic()
            if remaining <= 0:
                name = "States.Timeout" if until == deadline else "States.HeartbeatTimeout"
                raise failure(name, "The task waited too long for its callback or a heartbeat")
            answered.wait(remaining if heartbeat is None else min(remaining, 0.5))
    finally:
        if current is not None:
            with _lock:
                current[1].waits.discard(answered)
    check_running()


def mark_changed() -> None:
    if _on_change is not None:
        _on_change()


def on_change(callback) -> None:
    """Call back whenever an execution's history grows."""
    global _on_change
    _on_change = callback


def interrupt(execution) -> None:
    """Mark a restored execution that was running when the emulator died; its event follows once all is restored."""
    cause = "The local platform stopped while this execution was running."
    execution.update(status="ABORTED", stopDate=now_iso(), error="LocalPlatformStopped", cause=cause)
    details = {"executionAbortedEventDetails": {"error": execution["error"], "cause": cause}}
    _service()._add_event(execution, "ExecutionAborted", details)
    _interrupted.append(execution)


def publish_interrupted() -> None:
    """Publish the status-change events of the executions that died with the last emulator."""
    while _interrupted:
        execution = _interrupted.pop()
        contextvars.copy_context().run(_publish_in_scope, execution)


def _publish_in_scope(execution) -> None:
    _, _, _, region, account, *_ = execution["executionArn"].split(":")
    set_request_account_id(account)
    set_request_region(region)
    _service()._emit_execution_status_event(execution)
