/** The emulator's EventBridge Scheduler, of whose client nothing else here has a use. */
const call = async (
  gatewayUrl: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> => {
  const response = await fetch(new URL(path, gatewayUrl), {
    method,
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/scheduler/aws4_request, SignedHeaders=host, Signature=none',
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw new Error(`Scheduler answered ${response.status} to ${method} ${path}: ${await response.text()}`);
  return response.json();
};

/** What a deployed schedule calls, as Scheduler keeps it. */
interface Target {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input: string;
}
interface Listed {
  readonly Name: string;
  readonly GroupName: string;
}

/** The target of the deployed schedule that starts runs with ids beginning so. */
export const targetOfSchedule = async (gatewayUrl: string, id: string): Promise<Target> => {
  const { Schedules } = (await call(gatewayUrl, 'GET', '/schedules')) as { Schedules: Listed[] };
  for (const { Name, GroupName } of Schedules) {
    const path = `/schedules/${Name}?groupName=${encodeURIComponent(GroupName)}`;
    const { Target } = (await call(gatewayUrl, 'GET', path)) as { Target: Target };
    if (Target.Input?.includes(`"${id}-<aws.scheduler.execution-id>"`)) return Target;
  }
  throw new Error(`No schedule ${id} is deployed.`);
};

/** Starts once, at a whole second, what a target calls. */
export const scheduleOnce = async (
  gatewayUrl: string,
  { name, at, target }: { readonly name: string; readonly at: Date; readonly target: Target },
): Promise<void> => {
  await call(gatewayUrl, 'POST', `/schedules/${name}`, {
    ScheduleExpression: `at(${at.toISOString().slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: target,
  });
};
