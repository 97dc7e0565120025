import type { AslState } from './asl';
import { type Facts, isKnown } from './facts';
import { kebab } from './kebab';
import { absent, fieldOf, isLiteral, keyOf, pathOf, type Term } from './term';

/** What a Task does, as far as the rules on paths mind it. */
export type Action =
  | { readonly does: 'begin' | 'wait-for-lease' | 'bind' | 'record' | 'tell' | 'nothing' }
  /** The step that looks up, in the approvals table, whether a change may be carried out now. */
  | { readonly does: 'authorize'; readonly change: Term }
  /** Asks people about a change. */
  | { readonly does: 'ask'; readonly change: Term }
  /** Hands a worker what changes the world. */
  | { readonly does: 'change'; readonly change: Term }
  | { readonly does: 'call'; readonly block: string; readonly input: Term }
  | { readonly does: 'unknown'; readonly why: string };

/** The one file whose task is whatever its caller hands it: judged where it is called. */
export const workerBlock = 'fargate-task';

const steps: Readonly<Record<string, 'begin' | 'wait-for-lease' | 'bind' | 'record' | 'tell' | 'nothing'>> = {
  BeginRunFunctionArn: 'begin',
  AwaitLeaseFunctionArn: 'wait-for-lease',
  BindChangeFunctionArn: 'bind',
  EndRunFunctionArn: 'record',
  NotifyFunctionArn: 'tell',
  PlanRunnerFunctionArn: 'nothing',
  // A rotation changes nobody's rights: that it may be done, the tags of the secret say (ADR 40).
  RotateSecretFunctionArn: 'nothing',
};
const workers = new Set(['ApplyRunnerFunctionArn', 'AnsibleRunnerFunctionArn', 'ScriptRunnerFunctionArn']);
/** Tasks of workers that read only. */
const harmless = ['terraform-plan', 'compliance-scan', 'probe-hosts'];

const token = /^\$\{([A-Z][A-Za-z0-9]*)\}$/;
const tokenOf = (term: Term): string | undefined =>
  term.kind === 'origin' && term.name.startsWith('token:') ? token.exec(term.name.slice(6))?.[1] : undefined;

const work = (task: Term, facts: Facts): Action => {
  const kind = fieldOf(task, 'task');
  const isHarmless = harmless.some((name) => isKnown(facts, kind, name));
  return isHarmless || isKnown(facts, fieldOf(task, 'mode'), 'check')
    ? { does: 'nothing' }
    : { does: 'change', change: fieldOf(task, 'change') };
};

const invoked = (given: Term, facts: Facts): Action => {
  const name = tokenOf(fieldOf(given, 'FunctionName'));
  if (name === undefined)
    return {
      does: 'unknown',
      why: 'invokes a function that no token names. Write "FunctionName": "${…FunctionArn}", so that its permission comes with it.',
    };
  const payload = fieldOf(given, 'Payload');
  if (name === 'AuthorizeChangeFunctionArn') return { does: 'authorize', change: fieldOf(payload, 'change') };
  if (workers.has(name)) return work(payload, facts);
  const does = steps[name];
  if (does) return { does };
  return name.endsWith('RunnerFunctionArn')
    ? {
        does: 'unknown',
        why: `hands work to \${${name}}, a worker that the checks do not know. Say in lib/asl/actions.ts what its tasks change.`,
      }
    : { does: 'nothing' };
};

const blockToken = /^(.+)StateMachineArn$/;

/** The block that a token stands for. */
export const blockOf = (name: string): string | undefined => {
  const found = blockToken.exec(name)?.[1];
  return found && kebab(found);
};

const called = (given: Term, facts: Facts): Action => {
  const block = blockOf(tokenOf(fieldOf(given, 'StateMachineArn')) ?? '');
  if (block === undefined)
    return {
      does: 'unknown',
      why: 'starts a state machine that no token names. Write "StateMachineArn": "${…StateMachineArn}", with the name of a file in workflows/.',
    };
  const input = fieldOf(given, 'Input');
  if (block === 'approval-gate') return { does: 'ask', change: fieldOf(input, 'change') };
  if (block === workerBlock) return work(fieldOf(input, 'task'), facts);
  return { does: 'call', block, input };
};

const reading =
  /^arn:aws:states:::(aws-sdk:[a-z0-9]+:(get|list|describe|head|batchGet)[A-Za-z0-9]*|dynamodb:getItem)$/;

/** What a Task does. What is not understood is not taken for harmless. */
export const actionOf = (state: AslState, given: Term, facts: Facts, file: string): Action => {
  const resource = state.Resource ?? '';
  switch (resource) {
    case 'arn:aws:states:::lambda:invoke':
    case 'arn:aws:states:::lambda:invoke.waitForTaskToken':
      return invoked(given, facts);
    // What is only started carries out nothing that it would not carry out when it is waited for.
    case 'arn:aws:states:::states:startExecution':
    case 'arn:aws:states:::states:startExecution.sync:2':
      return called(given, facts);
    case 'arn:aws:states:::aws-sdk:s3:putObject':
      return tokenOf(fieldOf(given, 'Bucket')) === 'ArtifactsBucketName'
        ? { does: 'nothing' }
        : {
            does: 'unknown',
            why: 'writes to a bucket other than ${ArtifactsBucketName}. Write there, below runs/.',
          };
    case 'arn:aws:states:::ecs:runTask.sync':
      if (file === workerBlock) return { does: 'nothing' };
  }
  if (reading.test(resource)) return { does: 'nothing' };
  return {
    does: 'unknown',
    why: `uses ${resource || 'no Resource'}, of which the checks do not know what it changes. Call a function of lambdas/ with lambda:invoke, or a block with states:startExecution.sync:2.`,
  };
};

/** Where the answer of a gate says what was decided. */
export const decided = (result: Term): Term => pathOf(result, 'Output.decision.outcome');
/** Where bind-change says that no rule asks for a decision, and about which change. */
export const gateOf = (result: Term): Term => pathOf(result, 'Payload.gate');
export const boundChange = (result: Term): Term => pathOf(result, 'Payload.change');
/** Where begin-run says that a resumed run carries on an approved change. */
export const entryOf = (result: Term): Term => pathOf(result, 'Payload.enterAt');
export const endedAs = (result: Term): Term => pathOf(result, 'Payload.outcome');

/** What a change may be: a choice between values is each of them; none at all is refused when it is to be carried out. */
export const alternativesOf = (change: Term): readonly Term[] => {
  if (change.kind === 'call' && change.name === 'if') return change.args.slice(1).flatMap(alternativesOf);
  return isLiteral(change, null) ? [] : [change];
};

export const isSame = (a: Term, b: Term): boolean => a !== absent && keyOf(a) === keyOf(b);
