import { GetExecutionHistoryCommand, paginateListExecutions } from '@aws-sdk/client-sfn';
import { stagesOf } from '../../cli/run-stages';
import { executionArnOf } from '../../cli/start-run';
import type { BenchPlatform } from './bench-platform';

/**
 * US dollars, list prices of us-east-1 without any free tier, as known and not looked up for this release, from aws.amazon.com: /step-functions/pricing,
 * /lambda/pricing (x86), /fargate/pricing (Linux, x86), /s3/pricing, /dynamodb/pricing/on-demand, /kms/pricing,
 * /sns/pricing (e-mail), /api-gateway/pricing (REST).
 */
export const prices = {
  stateTransition: 0.025 / 1000,
  lambdaGigabyteSecond: 0.0000166667,
  lambdaRequest: 0.2 / 1e6,
  fargateCpuHour: 0.04048,
  fargateGigabyteHour: 0.004445,
  s3Put: 0.005 / 1000,
  s3Get: 0.0004 / 1000,
  dynamoWrite: 0.625 / 1e6,
  dynamoRead: 0.125 / 1e6,
  kmsRequest: 0.03 / 10_000,
  mail: 2 / 100_000,
  apiRequest: 3.5 / 1e6,
} as const;

/**
 * What one approved run asks of other services, rounded up from the code: artifacts, state, lock and log objects;
 * run, lease, approval and ledger items (a transaction counts double); encryption of all of them; one mail each
 * to an approver and to operations; page, form and page again.
 */
const requests = {
  s3Puts: 40,
  s3Gets: 40,
  dynamoWrites: 80,
  dynamoReads: 60,
  kms: 100,
  mails: 2,
  api: 3,
} as const;

/** A Fargate task is billed from the pull of its image, and for a minute at least. */
const fargate = { cpus: 1, gigabytes: 2, startSeconds: 40, leastSeconds: 60 } as const;
/** What the block fargate-task passes through, beyond the one state that calls it or a function. */
const fargateTransitions = 6;
/** Blocks that run Ansible. */
const onFargate = new Set(['ansible-run', 'compliance-scan']);
const runnerGigabytes = 2;
const stepGigabytes = 0.5;
/** The pages and the sender of callbacks. */
const approval = { invocations: 4, gigabytes: 1, secondsEach: 0.5 } as const;

export interface RunCost {
  readonly transitions: number;
  /** The same run where Ansible runs on Fargate. */
  readonly transitionsOnFargate: number;
  readonly transitionsByMachine: Readonly<Record<string, number>>;
  /** US dollars by service. */
  readonly dollars: Readonly<Record<string, number>>;
  readonly total: number;
}

/** One execution, as its history tells it. */
export interface Execution {
  readonly machine: string;
  readonly transitions: number;
  /** Seconds of each state that does work. */
  readonly stages: Readonly<Record<string, number>>;
}

export const readExecution = async (
  bench: BenchPlatform,
  machine: string,
  executionArn: string,
): Promise<Execution> => {
  const { events = [] } = await bench.stepFunctions.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, includeExecutionData: false }),
  );
  const count = (pattern: RegExp): number => events.filter(({ type = '' }) => pattern.test(type)).length;
  const retries = Math.max(0, count(/^TaskScheduled$/) - count(/^TaskStateEntered$/));
  return {
    machine,
    transitions: count(/StateEntered$/) + retries,
    stages: Object.fromEntries(stagesOf(events, Date.now()).map(({ name, seconds }) => [name, seconds])),
  };
};

const readExecutions = async (bench: BenchPlatform, runId: string): Promise<Execution[]> => {
  const found: Execution[] = [];
  for (const [machine, stateMachineArn] of Object.entries(bench.outputs.stateMachines)) {
    if (machine === 'vm-provisioning') {
      found.push(await readExecution(bench, machine, executionArnOf(stateMachineArn, runId)));
      continue;
    }
    for await (const page of paginateListExecutions({ client: bench.stepFunctions }, { stateMachineArn }))
      for (const { name = '', executionArn = '' } of page.executions ?? [])
        if (name.startsWith(`${runId}-`)) found.push(await readExecution(bench, machine, executionArn));
  }
  return found;
};

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** What functions are billed for. */
export interface LambdaUse {
  readonly invocations: number;
  readonly gigabyteSeconds: number;
}

/** Workflows whose states that start a block wait for it, so that their time is the block's. */
const ownStates = /^(Begin|Bind|List|Assess|Report|Record|Notify)/;

/** What the functions that executions call directly are billed for, Ansible aside, which runs on Fargate. */
export const lambdaUseOf = (executions: readonly Execution[]): LambdaUse => {
  const calls = executions.flatMap(({ machine, stages }) =>
    Object.entries(stages).flatMap(([stage, seconds]): { seconds: number; gigabytes: number }[] => {
      if (stage.startsWith('Authorize')) return [{ seconds, gigabytes: stepGigabytes }];
      if (onFargate.has(machine)) return [];
      if (machine === 'terraform-plan' || machine === 'terraform-apply')
        return [{ seconds, gigabytes: runnerGigabytes }];
      if (machine === 'approval-gate') return [{ seconds: approval.secondsEach, gigabytes: stepGigabytes }];
      return ownStates.test(stage) ? [{ seconds, gigabytes: stepGigabytes }] : [];
    }),
  );
  return {
    invocations: calls.length,
    gigabyteSeconds: sum(calls.map(({ seconds, gigabytes }) => seconds * gigabytes)),
  };
};

/** US dollars. */
export const lambdaDollars = ({ invocations, gigabyteSeconds }: LambdaUse): number =>
  gigabyteSeconds * prices.lambdaGigabyteSecond + invocations * prices.lambdaRequest;

/** Counts the transitions of one run that was measured, and models what it would have cost on AWS. */
export const measureCost = async (bench: BenchPlatform, runId: string): Promise<RunCost> => {
  const executions = await readExecutions(bench, runId);
  const transitions = sum(executions.map((one) => one.transitions));
  const playing = executions
    .filter(({ machine }) => onFargate.has(machine))
    .flatMap(({ stages }) => Object.entries(stages).filter(([stage]) => !stage.startsWith('Authorize')));
  const fargateTasks = playing.length;
  const fargateSeconds = sum(
    playing.map(([, seconds]) => Math.max(fargate.leastSeconds, seconds + fargate.startSeconds)),
  );
  const direct = lambdaUseOf(executions);
  const lambda: LambdaUse = {
    invocations: direct.invocations + approval.invocations,
    gigabyteSeconds:
      direct.gigabyteSeconds + approval.invocations * approval.secondsEach * approval.gigabytes,
  };
  const transitionsOnFargate = transitions + fargateTasks * fargateTransitions;
  const dollars = {
    'Step Functions': transitionsOnFargate * prices.stateTransition,
    Lambda: lambdaDollars(lambda),
    Fargate:
      (fargateSeconds / 3600) *
      (fargate.cpus * prices.fargateCpuHour + fargate.gigabytes * prices.fargateGigabyteHour),
    S3: requests.s3Puts * prices.s3Put + requests.s3Gets * prices.s3Get,
    DynamoDB: requests.dynamoWrites * prices.dynamoWrite + requests.dynamoReads * prices.dynamoRead,
    'KMS, SNS, API Gateway':
      requests.kms * prices.kmsRequest + requests.mails * prices.mail + requests.api * prices.apiRequest,
  };
  const byMachine: Record<string, number> = {};
  for (const one of executions) byMachine[one.machine] = (byMachine[one.machine] ?? 0) + one.transitions;
  return {
    transitions,
    transitionsOnFargate,
    transitionsByMachine: byMachine,
    dollars,
    total: sum(Object.values(dollars)),
  };
};
