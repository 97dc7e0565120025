"""What EventBridge Scheduler does with a start that is due, and upstream does not."""

import json
import secrets
from datetime import datetime, timezone

START_EXECUTION = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"


def invoke(target: dict, event: dict, schedule: dict, due: float) -> None:
    """Fill in the context attributes, and call what is a call of the API; what is refused is a dead letter."""
    from ministack.services import eventbridge

    filled = {**target, "Input": fill(target.get("Input") or "", schedule["Arn"], due)}
    if target["Arn"].replace(":aws-cn:", ":aws:") != START_EXECUTION:
        eventbridge._invoke_target(filled if filled["Input"] else target, event, schedule)
        return
    refusal = start_execution(filled["Input"])
    if refusal:
        _keep(target, filled["Input"], schedule["Arn"], due, refusal)


def fill(text: str, schedule_arn: str, due: float) -> str:
    """Return a target's input as Scheduler sends it."""
    values = {
        "schedule-arn": schedule_arn,
        "scheduled-time": _time(due),
        "execution-id": secrets.token_hex(8),
        "attempt-number": "1",
    }
    for name, value in values.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def start_execution(text: str) -> str | None:
    """Start what the input names; return the error's code where that is refused."""
    from ministack.services import stepfunctions

    request = {key[0].lower() + key[1:]: value for key, value in json.loads(text).items()}
    status, _, body = stepfunctions._start_execution(request)
    return None if status == 200 else json.loads(body).get("__type", "Unknown")


def _keep(target: dict, text: str, schedule_arn: str, due: float, refusal: str) -> None:
    from ministack.core.arn import parse_arn
    from ministack.services import eventbridge, sqs

    arn = target.get("DeadLetterConfig", {}).get("Arn")
    if not arn:
        return
    eventbridge._dispatch_to_sqs(parse_arn(arn), text)
    attributes = {
        "ERROR_CODE": refusal,
        "ERROR_MESSAGE": refusal,
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULE_ARN": schedule_arn,
        "SCHEDULED_TIME": _time(due),
        "TARGET_ARN": target["Arn"],
    }
    message = sqs._queue_by_arn(arn)["messages"][-1]
    message["message_attributes"] = {
        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
