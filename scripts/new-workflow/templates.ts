const lambdaRetry =
  '[{ "ErrorEquals": ["TransientError", "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxDelaySeconds": 20, "MaxAttempts": 5, "JitterStrategy": "FULL" }]';
const startRetry =
  '[{ "ErrorEquals": ["StepFunctions.ExecutionLimitExceededException", "StepFunctions.AWSStepFunctionsException", "StepFunctions.SdkClientException"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxDelaySeconds": 20, "MaxAttempts": 5, "JitterStrategy": "FULL" }]';
const toEnd =
  '[{ "ErrorEquals": ["States.ALL"], "Assign": { "error": "${CaughtError}", "outcome": "failed" }, "Next": "Record end" }]';
const toFailure =
  '[{ "ErrorEquals": ["States.ALL"], "Assign": { "error": "${CaughtError}" }, "Next": "Run failed" }]';

const invoke = (fn: string, payload: string): string[] => [
  '"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 60,',
  `"Arguments": { "FunctionName": "\${${fn}FunctionArn}", "Payload": "{% ${payload} %}" },`,
  `"Retry": ${lambdaRetry},`,
];

const state = (name: string, lines: readonly string[]): string =>
  `    "${name}": {\n${lines.map((line) => `      ${line}`).join('\n')}\n    }`;

const execution =
  "'execution': { 'arn': $states.context.Execution.Id, 'name': $states.context.Execution.Name, 'startedAt': $states.context.Execution.StartTime }";
const carried =
  "['run', 'module', 'variables', 'role', 'roleVariables', 'places', 'reason', 'requestedBy', 'approvalTimeoutSeconds']";

/** The definition: what every run does, around one block. */
export const definition = (name: string): string => `{
  "Comment": "Configures the hosts of a workspace with one role, after approval of exactly that. Example input: {\\"workspace\\":\\"demo/web-01\\",\\"role\\":\\"web-service\\",\\"roleVariables\\":{\\"web_service_greeting\\":\\"Hello from ${name}\\"},\\"reason\\":\\"A first try of ${name}\\",\\"requestedBy\\":\\"you\\"}",
  "QueryLanguage": "JSONata",
  "StartAt": "Prepare",
  "TimeoutSeconds": 2764800,
  "States": {
${[
  '    "Prepare": { "Type": "Pass", "Assign": { "summary": null, "decision": null, "compliance": null, "error": null, "outcome": "applied" }, "Next": "Begin run" }',
  state('Begin run', [
    ...invoke(
      'BeginRun',
      `{ 'workflow': '${name}', ${execution}, 'input': $states.context.Execution.Input }`,
    ),
    `"Catch": ${toEnd},`,
    '"Assign": { "begun": "{% $states.result.Payload %}" },',
    '"Next": "Change role"',
  ]),
  state('Change role', [
    '"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "TimeoutSeconds": 2710100,',
    '"Arguments": {',
    '  "StateMachineArn": "${RoleChangeStateMachineArn}",',
    `  "Name": "{% $states.context.Execution.Name & '-role-' & $begun.attempt %}",`,
    `  "Input": "{% $merge([{ 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID': $states.context.Execution.Id, 'workflow': '${name}', 'pin': $begun.pins.module }, $sift($begun, function($v, $k) { $k in ${carried} })]) %}"`,
    '},',
    `"Retry": ${startRetry},`,
    `"Catch": ${toEnd},`,
    '"Assign": { "outcome": "{% $states.result.Output.outcome %}", "summary": "{% $states.result.Output.summary %}", "decision": "{% $states.result.Output.decision %}" },',
    '"Next": "Record end"',
  ]),
  state('Record end', [
    ...invoke(
      'EndRun',
      "{ 'runId': $states.context.Execution.Name, 'executionArn': $states.context.Execution.Id, 'outcome': $outcome, 'summary': $summary, 'decision': $decision, 'compliance': $compliance, 'error': $error }",
    ),
    `"Catch": ${toFailure},`,
    '"Assign": { "end": "{% $states.result.Payload %}", "error": "{% $states.result.Payload.error %}" },',
    '"Next": "Notify"',
  ]),
  state('Notify', [
    ...invoke('Notify', '$end'),
    `"Catch": ${toFailure},`,
    '"Output": "{% $end %}",',
    '"Next": "How did it end?"',
  ]),
  '    "How did it end?": { "Type": "Choice", "Choices": [{ "Condition": "{% $end.outcome = \'failed\' %}", "Next": "Run failed" }], "Default": "Done" }',
  '    "Done": { "Type": "Succeed" }',
  '    "Run failed": { "Type": "Fail", "Error": "{% $error.name %}", "Cause": "{% $error.message %}" }',
].join(',\n')}
  }
}
`;

export const manual = (name: string): string => `# ${name}

What it is for, in one sentence: configures the hosts that a workspace has with one role, after approval of exactly that.

    npm start -- --workflow ${name} --example
    npm start -- --workflow ${name} --approve

The second needs the workspace of the example: \`npm start -- --keep --approve\` makes it.

| input | |
|---|---|
| \`workspace\`, \`reason\` | required |
| \`role\`, \`roleVariables\` | the role, from the [catalogue](catalogue.md) |
| \`approvalTimeoutSeconds\`, \`requestedBy\` | as for [vm-provisioning](vm-provisioning.md) |

It has the general contract of workflows: [input](contracts/composed-workflow.schema.json).

Decisions: the block \`role-change\` asks for one, unless the role would change nothing. Clean ends are \`applied\`,
\`unchanged\`, \`rejected\` and \`expired\`; every other end is a failure, by a name of [errors](errors.md), which says what to do.

<!-- picture:${name} -->
<!-- /picture -->
`;

export const test = (name: string): string => `import { walkWorkflow } from '../support/walk-workflow';

const begun = {
  run: { runId: 'run-1', workspace: 'demo/web-01', traceparent: 'trace' },
  attempt: 1,
  pins: { module: null, role: null },
  role: 'web-service',
};
const walk = (changed: Parameters<typeof walkWorkflow>[2]) =>
  walkWorkflow(
    '${name}',
    { workspace: 'demo/web-01' },
    {
      'Begin run': { result: begun },
      'Record end': { result: { outcome: 'applied', error: null } },
      Notify: { result: {} },
      ...changed,
    },
  );

test('changes the role through the gate, and ends recorded and told', async () => {
  const applied = { outcome: 'applied', summary: null, decision: { outcome: 'approved' } };
  const { tasks, failed } = await walk({ 'Change role': { result: applied } });
  expect(tasks.map(([state]) => state)).toEqual(['Begin run', 'Change role', 'Record end', 'Notify']);
  expect(tasks[1]?.[1]).toMatchObject({ workflow: '${name}', role: 'web-service' });
  expect(tasks.at(-2)?.[1]).toMatchObject({ outcome: 'applied', decision: { outcome: 'approved' } });
  expect(failed).toBeUndefined();
});

test('fails with the error of the block, recorded and told', async () => {
  const error = { name: 'AnsibleError', message: 'It broke.' };
  const { tasks, failed } = await walk({
    'Change role': { raises: 'AnsibleError' },
    'Record end': { result: { outcome: 'failed', error } },
  });
  expect(tasks.at(-2)?.[1]).toMatchObject({ outcome: 'failed', error: { name: 'AnsibleError' } });
  expect(tasks.at(-1)?.[0]).toBe('Notify');
  expect(failed).toBe('AnsibleError');
});
`;
