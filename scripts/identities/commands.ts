import { releaseKey } from '../../lambdas/shared/release-store';
import type { Need } from './simulator';

/**
 * What each command of the operator's command line asks of AWS. One that is not here asks nothing.
 *
 * @param at the ARN of what stands at a place of the app
 */
export const needsOfCommands = (
  at: (place: string) => string,
  environment: string,
): Readonly<Record<string, readonly Need[]>> => {
  const machine = (name: string): string => at(`${name}/StateMachine`);
  const execution = (name: string): string => `${machine(name).replace(':stateMachine:', ':execution:')}:x`;
  const [, , , region, account] = at('Gate/SendCallback/Function').split(':');
  const outputs: Need = {
    action: 'cloudformation:DescribeStacks',
    resource: `arn:aws:cloudformation:${region}:${account}:stack/orchestrator-${environment}-orchestrator/id`,
  };
  const start = (name: string): Need => ({ action: 'states:StartExecution', resource: machine(name) });
  const describe = (name: string): Need => ({
    action: 'states:DescribeExecution',
    resource: execution(name),
  });
  const follow = (name: string): Need[] => [
    describe(name),
    { action: 'states:GetExecutionHistory', resource: execution(name) },
  ];
  const call = (place: string): Need => ({
    action: 'lambda:InvokeFunction',
    resource: at(`${place}/Function`),
  });
  // A run is looked for in every workflow, blocks included.
  const find = [outputs, ...['AnsibleRun', 'ApprovalGate', 'TerraformApply', 'VmProvisioning'].map(describe)];
  const freeze = [outputs, start('SetFreeze'), ...follow('SetFreeze')];
  const delegate = [outputs, call('Gate/SetDelegation')];
  const persons = [outputs, call('PersonalData/Step')];
  const ofChannel = at('Channels/Webhook-itsm/Delivery/DeadLetters');
  const ofSchedules = at('Schedules/DeadLetters');
  const ofStep = at('StarterRecord/Step/DeadLetters');
  const look: Need[] = [
    outputs,
    ...[ofChannel, ofSchedules, ofStep].flatMap((resource) => [
      { action: 'sqs:ReceiveMessage', resource },
      { action: 'sqs:ChangeMessageVisibility', resource },
    ]),
  ];
  const takeOut = (resource: string): Need => ({ action: 'sqs:DeleteMessage', resource });
  const begin = [outputs, start('VmProvisioning'), describe('VmProvisioning')];
  const beginAndWait = [outputs, start('VmProvisioning'), ...follow('VmProvisioning')];
  return {
    start: begin,
    'start --wait': beginAndWait,
    extend: begin,
    'extend --wait': beginAndWait,
    status: [...find, ...follow('VmProvisioning')],
    stop: [...find, { action: 'states:StopExecution', resource: execution('VmProvisioning') }],
    resume: [...find, start('VmProvisioning')],
    freeze,
    unfreeze: freeze,
    doctor: [outputs, call('LockDoctor/Step')],
    queue: [outputs, call('LockDoctor/Step')],
    explain: [outputs, call('Gate/ExplainApproval')],
    delegate,
    undelegate: delegate,
    'releases put': [outputs, { action: 's3:PutObject', resource: `${at('Artifacts')}/${releaseKey('x')}` }],
    'credentials list': [outputs, { action: 'dynamodb:Scan', resource: at('Credentials') }],
    'credentials rotate': [outputs, start('SecretRotation'), describe('SecretRotation')],
    'credentials rotate --wait': [outputs, start('SecretRotation'), ...follow('SecretRotation')],
    'persons export': persons,
    'persons erase': persons,
    'dead-letters list': look,
    'dead-letters show': look,
    'dead-letters replay of a schedule': [...look, takeOut(ofSchedules), start('DriftDetection')],
    'dead-letters replay of a channel': [
      ...look,
      takeOut(ofChannel),
      { action: 'sqs:SendMessage', resource: at('Channels/Webhook-itsm/Delivery/Queue') },
    ],
    'dead-letters replay of a step': [...look, takeOut(ofStep), call('StarterRecord/Step')],
    'dead-letters discard of a schedule': [...look, takeOut(ofSchedules)],
    'dead-letters discard of another': [...look, takeOut(ofChannel), takeOut(ofStep)],
  };
};
