"""Every correction to MiniStack, in the order in which they are applied."""

from mends import lambda_errors, lambda_workers, nested_executions, scheduler, step_functions, task_tokens

MENDS = [
    *lambda_errors.MENDS,
    *lambda_workers.MENDS,
    *step_functions.MENDS,
    *nested_executions.MENDS,
    *task_tokens.MENDS,
    *scheduler.MENDS,
]
