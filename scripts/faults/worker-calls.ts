const begins = /"SET worker = :worker"/;
const task = /"task":\{"S":"([a-z-]+)"\}/;

/** The task that a worker reports with a call, as it begins it and again while it lives. */
export const reportedTask = (text: string): string | undefined =>
  begins.test(text) ? task.exec(text)?.[1] : undefined;

/** Whether a worker says with a call that it has left its task. */
export const leavesTask = (text: string): boolean => /"REMOVE worker[" ]/.test(text);
