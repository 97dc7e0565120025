"""Schedules fire within a second, fill in what Scheduler knows of the start, and call the API itself."""

from mending import Mend

MODULE = "ministack.services.scheduler"

MENDS = [
    Mend(
        id="schedule-tick",
        module=MODULE,
        old="""_SCHEDULE_TICK_INTERVAL = 10  # seconds between sweeps
""",
        new="""_SCHEDULE_TICK_INTERVAL = 0.5
""",
        reason="what is due waits for up to ten seconds",
        aws="Starts within the minute that the expression names.",
    ),
    Mend(
        id="schedule-due",
        module=MODULE,
        old="""            _schedule_last_fired[state_key] = now
            target = sched.get("Target") or {}
""",
        new="""            due = (
                at_epoch if at_epoch is not None
                else _schedule_last_fired[state_key] + interval if interval is not None
                else next_fire.timestamp()
            )
            _schedule_last_fired[state_key] = now
            target = sched.get("Target") or {}
""",
        reason="when a start was due is forgotten",
        aws="<aws.scheduler.scheduled-time> is when it was due.",
    ),
    Mend(
        id="schedule-target",
        module=MODULE,
        old="""                _eb._invoke_target(target, event, sched)
""",
        new="""                import schedules
                schedules.invoke(target, event, sched, due)
""",
        reason="context attributes stay as they are written, calls of the API are no target, and a refused start is gone",
        aws="Context attributes are filled in; a universal target is called; what is refused goes to the dead-letter queue.",
    ),
]
