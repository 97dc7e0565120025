import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedOutputs } from '../../cli/deployed-outputs';
import { startableWorkflows } from '../../lambdas/begin-run/startable/workflows';
import { type Attempt, attempt, type Planned, plan } from '../../scripts/evidence/attempts';
import { EvidenceError, type Lab } from '../../scripts/evidence/lab';
import { localMachine, machineFrom } from '../../scripts/evidence/machine';
import { checkLines, mayBegin, type PreflightPorts, preflight } from '../../scripts/evidence/preflight';
import { type Evidence, indexOf, isAccepted, pageOf } from '../../scripts/evidence/report';
import { type Scenario, scenarios } from '../../scripts/evidence/scenarios';
import type { EvidenceTarget } from '../../scripts/evidence/target';
import type { WorkflowEvidence } from '../../scripts/evidence/workflow-evidence';
import { workflows } from '../../scripts/evidence/workflows';

const target = (given: Partial<EvidenceTarget> = {}): EvidenceTarget =>
  ({
    name: 'local',
    signal: new AbortController().signal,
    machine: localMachine,
    putRelease: async () => 'a'.repeat(64),
    outputs: { publicUrl: 'http://pages.example' },
    environment: 'local',
    onHosts: async () => undefined,
    killWorker: () => ({ done: Promise.resolve(), forget: () => undefined }),
    ...given,
  }) as EvidenceTarget;
const labOf = (given: Partial<EvidenceTarget> = {}) => ({ target: target(given) }) as Lab;

const asking: WorkflowEvidence = {
  workflow: 'asking',
  outcome: 'applied',
  asks: true,
  places: 'fresh',
  input: ({ workspace }) => ({ workspace }),
  again: { outcome: 'unchanged' },
  meanwhile: 'refused',
};
const looking: WorkflowEvidence = { ...asking, workflow: 'looking', asks: false, places: 'lane' };

const scenarioOf = (name: string): Scenario => {
  const found = scenarios.find((one) => one.name === name);
  if (!found) throw new Error(`There is no scenario ${name}.`);
  return found;
};
const attemptOf = (
  scenario: string,
  nth: number,
  error: string | null = null,
  workflow = 'asking',
): Attempt => ({
  workflow,
  scenario,
  nth,
  startedAt: '2026-11-22T00:00:00.000Z',
  observed: error === null ? { runIds: [`run-${scenario}-${nth}`], seconds: nth, saw: 'applied' } : null,
  error,
});
const evidenceOf = (attempts: readonly Attempt[]): Evidence => ({
  target: 'local',
  environment: { target: 'local', commit: 'abc' },
  workflows: [asking],
  attempts,
  lab: labOf(),
  seconds: 60,
});

test('every workflow that begins a run brings evidence', () => {
  expect(workflows.map(({ workflow }) => workflow).sort()).toEqual(Object.keys(startableWorkflows).sort());
});

test('the input of each fits its contract, well and where a tool is to fail', async () => {
  const place = { workspace: 'evidence/one', name: 'one', attempt: 'happy-1' };
  for (const { workflow, input, failure } of workflows)
    for (const each of [input, failure?.input]) {
      const given = each && { reason: 'Evidence', ...(await each(place, labOf())) };
      expect(given && startableWorkflows[workflow]?.input.safeParse(given).error).toBeUndefined();
    }
});

test('plans each scenario that applies, five times well and three times otherwise', () => {
  const planned = plan(labOf(), [asking, looking], { happy: 5, times: 3 });
  const count = (workflow: string, name: string): number =>
    planned.filter(({ evidence, scenario }) => evidence.workflow === workflow && scenario.name === name)
      .length;
  expect([count('asking', 'happy'), count('asking', 'rejected')]).toEqual([5, 3]);
  // It asks nobody, and nothing is known that could be killed or made to fail.
  expect(
    ['rejected', 'expired', 'tool failure', 'worker killed'].map((name) => count('looking', name)),
  ).toEqual([0, 0, 0, 0]);
  const byHand: WorkflowEvidence = {
    ...looking,
    failure: { what: '', input: () => ({}), error: 'E', isByHand: true },
  };
  const whereOnlyPeopleLogIn = labOf();
  Object.assign(whereOnlyPeopleLogIn.target, { onHosts: undefined });
  const failing = (lab: Lab) => plan(lab, [byHand], { only: 'tool failure', happy: 1, times: 1 }).length;
  expect([failing(labOf()), failing(whereOnlyPeopleLogIn)]).toEqual([1, 0]);
  const inAnAccount = plan(labOf({ name: 'aws' }), [asking], { happy: 1, times: 1 });
  expect(inAnAccount.map(({ scenario }) => scenario.name)).not.toContain('throttled AWS');
  expect(plan(labOf(), [asking], { only: 'rejected', happy: 5, times: 2 })).toHaveLength(2);
});

describe('attempts', () => {
  const scenario = (given: Partial<Scenario>): Scenario => ({
    ...scenarioOf('happy'),
    attempt: async () => ({ runIds: [], seconds: 1, saw: 'applied' }),
    ...given,
  });
  const plannedOf = (evidence: WorkflowEvidence, given: Partial<Scenario>, times = 1): Planned[] =>
    Array.from({ length: times }, (_, index) => ({ evidence, scenario: scenario(given), nth: index + 1 }));
  const run = async (planned: readonly Planned[], given: Partial<EvidenceTarget> = {}) => {
    const attempts: Attempt[] = [];
    const phases: string[] = [];
    const during = (phase: string) => async (work: () => Promise<void>) => {
      phases.push(`${phase} after ${attempts.length}`);
      await work();
    };
    await attempt(labOf(given), planned, {
      onAttempt: (one) => attempts.push(one),
      whileDisturbed: during('disturbed'),
      whileThrottled: during('throttled'),
    });
    return { attempts, phases };
  };

  test('what was not expected is told in a sentence, and the others go on', async () => {
    const planned = [
      ...plannedOf(asking, {
        attempt: async () => {
          throw new EvidenceError('Run r ended\nfailed');
        },
      }),
      ...plannedOf(asking, {
        attempt: async () => {
          throw new TypeError('broken');
        },
      }),
      ...plannedOf(asking, {}),
    ];
    const { attempts } = await run(planned);
    expect(attempts.map(({ error }) => error).sort()).toEqual([
      'Run r ended failed',
      'TypeError: broken',
      null,
    ]);
  });

  test('a lane is prepared once, a fresh place each time, and again after it failed', async () => {
    const prepared: string[] = [];
    const prepare = async (_: Lab, { workspace }: { workspace: string }) => {
      prepared.push(workspace);
      if (prepared.length === 1) throw new EvidenceError('not ready');
    };
    const { attempts } = await run(plannedOf({ ...looking, prepare }, { pace: 'alone' }, 3));
    expect(attempts.map(({ error }) => error)).toEqual(['not ready', null, null]);
    expect(prepared).toEqual(['evidence/looking-lane-0', 'evidence/looking-lane-0']);

    const removed: string[] = [];
    const fresh = await run(plannedOf(asking, { pace: 'alone' }, 2), {
      removeHosts: async (workspace) => void removed.push(workspace),
    });
    expect(fresh.attempts).toHaveLength(2);
    expect(removed).toEqual(['evidence/asking-happy-1', 'evidence/asking-happy-2']);
  });

  test('what must be alone is alone; what disturbs others comes last, throttled calls after killed workers', async () => {
    let now = 0;
    let most = 0;
    const counted = async () => {
      most = Math.max(most, ++now);
      await sleep(1);
      now -= 1;
      return { runIds: [], seconds: 1, saw: 'applied' };
    };
    const { phases } = await run([
      ...plannedOf(asking, { pace: 'faulty' }, 1),
      ...plannedOf(asking, { pace: 'alone', attempt: counted }, 4),
      ...plannedOf(asking, { pace: 'some' }, 2),
    ]);
    expect(most).toBe(1);
    expect(phases).toEqual(['disturbed after 2', 'throttled after 6']);
    expect((await run(plannedOf(asking, { pace: 'some' }))).phases).toEqual([]);
  });
});

describe('the report', () => {
  const happy = (failed: number): Attempt[] =>
    Array.from({ length: 5 }, (_, n) =>
      attemptOf('happy', n + 1, n < failed ? 'Run r | ended failed' : null),
    );

  test('four of five runs are enough, three are not', () => {
    expect(isAccepted(evidenceOf(happy(1)))).toBe(true);
    expect(isAccepted(evidenceOf(happy(2)))).toBe(false);
  });

  test('one expected failure that ends otherwise is not accepted, and stands in the page', () => {
    const evidence = evidenceOf([
      ...happy(0),
      attemptOf('rejected', 1),
      attemptOf('rejected', 2, 'Run `r` was applied'),
    ]);
    expect(isAccepted(evidence)).toBe(false);
    const page = pageOf(evidence, asking);
    expect(indexOf([page])).toContain('| 1 of 2 (50 %) | **no** |');
    expect(page).toContain('| rejected | 1 of 2 |');
    expect(page).toContain("**Not as expected**: rejected, attempt 2: `Run 'r' was applied`");
  });

  test('says when not all was tried, and names every run', () => {
    const page = pageOf(evidenceOf(happy(0)), asking);
    expect(indexOf([page])).toContain('| 5 of 5 (100 %) | 1.0 s | 3.0 s | 5.0 s | 0 of 0 (0 %) | in part |');
    expect(page).toContain('- happy 1: `run-happy-1`');
    expect(page).toContain('| happy | 5 of 5 | 1.0 s | 3.0 s | 5.0 s | applied |');
  });
});

test('the index keeps what was not run again as its page says', () => {
  const earlier = pageOf(
    { ...evidenceOf([attemptOf('happy', 1)]), environment: { date: '1 May', commit: 'old' } },
    asking,
  );
  const now = evidenceOf([attemptOf('happy', 1, 'Run r ended failed', 'looking')]);
  const index = indexOf([earlier, pageOf({ ...now, workflows: [looking] }, looking)]);
  expect(index.split('\n').filter((line) => line.startsWith('| ['))).toEqual([
    expect.stringMatching(/^\| \[asking\]\(test-results\/asking\.md\) .*\| in part \| 1 May, old \|$/),
    expect.stringMatching(/^\| \[looking\]\(test-results\/looking\.md\) \| 0 of 1 .*\| \*\*no\*\* \|/),
  ]);
});

describe('the pre-flight check', () => {
  const ports = (given: Partial<PreflightPorts> = {}): PreflightPorts => ({
    environment: 'poc',
    commit: 'abcdef012345',
    whoAmI: async () => ({ account: '111122223333', arn: 'arn:aws:iam::111122223333:user/ann' }),
    outputs: async () =>
      ({
        publicUrl: 'https://pages.example',
        stateMachines: { 'vm-provisioning': 'arn' },
      }) as unknown as DeployedOutputs,
    health: async () => ({ status: 200, release: 'abcdef0' }),
    inboxes: async () => ['orchestrator-poc-inbox-ann'],
    workflows: ['vm-provisioning'],
    ...given,
  });
  const statusOf = async (given: Partial<PreflightPorts>, name: string) =>
    (await preflight(ports(given))).find((one) => one.name === name);

  test('is good where all is there', async () => {
    const checks = await preflight(ports());
    expect(mayBegin(checks)).toBe(true);
    expect(checkLines(checks)[0]).toBe(
      '✓ credentials: arn:aws:iam::111122223333:user/ann in account 111122223333',
    );
  });

  test.each<[string, Partial<PreflightPorts>, string, RegExp]>([
    ['no credentials', { whoAmI: () => Promise.reject(new Error('expired')) }, 'credentials', /expired/],
    ['nothing deployed', { outputs: async () => null }, 'deployment', /cdk deploy --all -c env=poc/],
    ['a workflow that is missing', { workflows: ['other'] }, 'workflows', /not deployed: other/],
    ['an unwell deployment', { health: async () => ({ status: 503, release: 'abcdef0' }) }, 'health', /503/],
    ['nobody who could answer', { inboxes: async () => [] }, 'approvers', /delivery "queue"/],
  ])('%s ends it', async (_, given, name, says) => {
    expect(mayBegin(await preflight(ports(given)))).toBe(false);
    expect(await statusOf(given, name)).toMatchObject({
      status: 'failed',
      says: expect.stringMatching(says),
    });
  });

  test('another release is a warning', async () => {
    const given = { health: async () => ({ status: 200, release: '0000000' }) };
    expect(mayBegin(await preflight(ports(given)))).toBe(true);
    expect(await statusOf(given, 'health')).toMatchObject({ status: 'warning' });
  });
});

test('a machine of an account is made of the input of a run there', () => {
  const machine = machineFrom({
    workspace: 'demo/web',
    module: 'vm',
    variables: { name: 'web', vpc_id: 'vpc-1' },
    role: 'baseline',
  });
  expect(machine({ workspace: 'evidence/one', name: 'one' })).toEqual({
    workspace: 'evidence/one',
    module: 'vm',
    variables: { name: 'one', vpc_id: 'vpc-1' },
    role: 'baseline',
    reason: 'Evidence',
  });
});
