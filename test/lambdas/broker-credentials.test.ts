import fc from 'fast-check';
import { makeBindChange } from '../../lambdas/bind-change/bind-change';
import { makeBrokerCredentials } from '../../lambdas/broker-credentials/broker-credentials';
import { type BrokerInput, brokerInput } from '../../lambdas/broker-credentials/contract';
import type { LendingTarget } from '../../lambdas/broker-credentials/env';
import { type Session, sessionFor, type TargetSession } from '../../lambdas/broker-credentials/session';
import { targetOf } from '../../lambdas/broker-credentials/target';
import type { ReadDecision } from '../../lambdas/shared/decided-approval';
import type { RunRecord } from '../../lambdas/shared/run-record';
import { anApproval } from '../support/approval-fixtures';
import { aBindInput, aRun, inMemoryChangeStore } from '../support/change-fixtures';
import { inMemoryRunStore } from '../support/in-memory-run-store';
import { inMemoryWorkspaceStore } from '../support/in-memory-workspace-store';
import { recordingLedger } from '../support/recording-ledger';

type Decided = NonNullable<Awaited<ReturnType<ReadDecision>>>;
const bucket = 'arn:aws:s3:::state';
const now = () => new Date('2026-01-01T00:30:00Z');

const prepare = async (
  options: {
    purpose?: 'plan' | 'apply';
    decided?: Partial<Decided>;
    run?: Partial<RunRecord> | null;
    holder?: string | null;
    targets?: LendingTarget[];
  } = {},
) => {
  const changes = inMemoryChangeStore();
  const runs = inMemoryRunStore();
  const ledger = recordingLedger();
  const workspaces = inMemoryWorkspaceStore();
  const { change } = await makeBindChange({ changes, runs, workspaces, ledger: recordingLedger() })(
    aBindInput(),
  );
  if (options.run !== null)
    runs.runs.set('run-1', {
      ...aRun,
      workflow: 'vm-provisioning',
      executionArn: 'arn',
      startedAt: '2026-01-01T00:00:00.000Z',
      status: 'running',
      ...options.run,
    });
  const sessions: Session[] = [];
  const targetSessions: TargetSession[] = [];
  const { holder = aRun.runId } = options;
  const broker = makeBrokerCredentials({
    purpose: options.purpose ?? 'apply',
    stateBucketArn: bucket,
    targets: options.targets ?? [],
    changes,
    runs,
    workspaces,
    ledger,
    now,
    readDecision: async () =>
      anApproval(change.digest, { expiresAt: '2026-01-01T01:30:00.000Z', ...options.decided }),
    leases: { find: async () => (holder === null ? undefined : { runId: holder }) },
    assumeTarget: async (session) => {
      targetSessions.push(session);
      return {
        accessKeyId: `ASIATARGET0000000${targetSessions.length}`,
        secretAccessKey: 'a-target-secret-that-nobody-reads',
        sessionToken: 'a-target-token-that-nobody-reads',
        expiration: '2026-01-01T01:30:00.000Z',
      };
    },
    assumeRole: async (session) => {
      sessions.push(session);
      return {
        accessKeyId: `ASIA000000000000000${sessions.length}`,
        secretAccessKey: 'a-secret-that-nobody-reads',
        sessionToken: 'a-token-that-nobody-reads',
        expiration: '2026-01-01T01:30:00.000Z',
      };
    },
  });
  const apply: BrokerInput = { purpose: 'apply', run: aRun, change };
  return { broker, apply, change, sessions, targetSessions, ledger, runs, workspaces };
};
const plan: BrokerInput = { purpose: 'plan', run: aRun };

test('lends what an approved change needs, under its name, and records it without a secret', async () => {
  const { broker, apply, change, sessions, ledger } = await prepare();
  expect(await broker(apply)).toMatchObject({ expiration: '2026-01-01T01:30:00.000Z' });
  expect(sessions).toMatchObject([
    { name: change.id, tags: { tenant: 'demo', workspace: 'demo/web-01', change: change.id } },
  ]);
  expect(ledger.events).toMatchObject([
    { type: 'credentials.issued', actor: 'person:dana', data: { purpose: 'apply', changeId: change.id } },
  ]);
  expect(JSON.stringify(ledger.events)).not.toContain('nobody-reads');
});

test('an apply that began in time is lent more after its approval has expired, until a newer plan', async () => {
  const { broker, apply, sessions, workspaces } = await prepare({
    decided: { expiresAt: '2026-01-01T00:15:00.000Z' },
  });
  await broker(apply);
  expect(sessions).toHaveLength(1);
  await workspaces.setNewestChange(aRun.workspace, {
    runId: 'run-2',
    changeId: 'newer',
    at: '2026-01-01T00:29:00.000Z',
  });
  await expect(broker(apply)).rejects.toMatchObject({ name: 'ChangeSupersededError' });
});

test('a run is lent what it needs for the change that its own record lets it carry on, and for no other', async () => {
  const { broker, change, sessions, ledger, runs } = await prepare({ holder: 'run-2' });
  const first = runs.runs.get('run-1');
  if (!first) throw new Error('no run');
  const apply: BrokerInput = { purpose: 'apply', run: { ...aRun, runId: 'run-2' }, change };
  const resumes = (changeId: string | null) =>
    runs.runs.set('run-2', { ...first, runId: 'run-2', resumes: { runId: 'run-1', changeId } });
  for (const other of [null, `${change.id}-other`]) {
    resumes(other);
    await expect(broker(apply)).rejects.toMatchObject({ name: 'ForeignChangeError' });
  }
  expect([sessions, ledger.events]).toEqual([[], []]);
  resumes(change.id);
  await broker(apply);
  expect(sessions).toMatchObject([{ name: change.id, tags: { change: change.id } }]);
  expect(ledger.events).toMatchObject([
    { runId: 'run-2', actor: 'person:dana', data: { changeId: change.id } },
  ]);
});

test('each loan is recorded, the second of a long apply too', async () => {
  const { broker, apply, ledger } = await prepare();
  await broker(apply);
  await broker(apply);
  expect(ledger.events.map(({ type }) => type)).toEqual(['credentials.issued', 'credentials.issued']);
});

test('a plan needs no approval, and gets a session of its own', async () => {
  const { broker, sessions, ledger } = await prepare({ purpose: 'plan', decided: { status: 'pending' } });
  await broker(plan);
  expect(sessions).toMatchObject([{ name: 'plan-run-1', tags: { change: 'none' } }]);
  expect(ledger.events).toMatchObject([{ actor: 'run:run-1', data: { purpose: 'plan', changeId: null } }]);
});

test.each([
  ['its change is not approved', { decided: { status: 'pending' } }, 'NotApprovedError'],
  ['other content was approved', { decided: { digest: '9'.repeat(64) } }, 'ContentSwappedError'],
  ['its run is being stopped', { run: { status: 'stopping' } }, 'RunStoppedError'],
  ['nobody began its run', { run: null }, 'RunStoppedError'],
  ['its run works elsewhere', { run: { workspace: 'demo/other' } }, 'ForeignChangeError'],
  ['another run holds the workspace', { holder: 'run-2' }, 'WorkspaceBusyError'],
  ['nobody holds the workspace', { holder: null }, 'WorkspaceBusyError'],
  ['the broker is that of plan', { purpose: 'plan' }, 'InvalidInputError'],
] as const)('lends nothing to apply when %s', async (_, options, name) => {
  const { broker, apply, sessions, ledger } = await prepare(options);
  await expect(broker(apply)).rejects.toMatchObject({ name });
  expect([sessions, ledger.events]).toEqual([[], []]);
});

test.each([
  ['its run has ended', { run: { status: 'ended' } }, 'RunStoppedError'],
  ['its run works elsewhere', { run: { workspace: 'demo/other' } }, 'ForeignChangeError'],
  ['the broker is that of apply', { purpose: 'apply' }, 'InvalidInputError'],
] as const)('lends nothing to plan when %s', async (_, options, name) => {
  const { broker, sessions } = await prepare({ purpose: 'plan', ...options });
  await expect(broker(plan)).rejects.toMatchObject({ name });
  expect(sessions).toEqual([]);
});

describe('where tenants have accounts', () => {
  const role = (account: string) => ({
    arn: `arn:aws:iam::${account}:role/orchestrator-apply`,
    externalId: `external-id-of-${account}`,
  });
  const demo = { workspaces: 'demo/*', role: role('111111111111') };
  const other = { workspaces: 'other/*', role: role('222222222222') };

  test('infrastructure is reached as the tenant’s role, and what is lent for the state reaches the state alone', async () => {
    const { broker, apply, change, sessions, targetSessions, ledger } = await prepare({
      targets: [other, demo],
    });
    expect(await broker(apply)).toMatchObject({
      accessKeyId: 'ASIA0000000000000001',
      target: { accessKeyId: 'ASIATARGET00000001' },
    });
    expect(targetSessions).toEqual([
      {
        ...demo.role,
        name: change.id,
        tags: { tenant: 'demo', workspace: 'demo/web-01', change: change.id },
      },
    ]);
    expect(JSON.stringify(sessions[0]?.policy)).not.toContain('NotAction');
    expect(ledger.events[0]?.data).toMatchObject({
      targetRole: demo.role.arn,
      targetAccessKeyId: 'ASIATARGET00000001',
    });
    expect(JSON.stringify(ledger.events)).not.toContain('nobody-reads');
  });

  test('a workspace that none is set up for is lent nothing at all', async () => {
    for (const options of [{ targets: [other] }, { purpose: 'plan', targets: [other] }] as const) {
      const { broker, apply, sessions, targetSessions, ledger } = await prepare({
        ...options,
        targets: [...options.targets],
      });
      await expect(broker('purpose' in options ? plan : apply)).rejects.toMatchObject({
        name: 'TargetMissingError',
        message: expect.stringContaining('No account is set up for demo/web-01'),
      });
      expect([sessions, targetSessions, ledger.events]).toEqual([[], [], []]);
    }
  });

  test('our own account is one that has to be named, then', async () => {
    const { broker, apply, targetSessions } = await prepare({
      targets: [other, { workspaces: 'demo/web-01', role: null }],
    });
    expect(await broker(apply)).not.toHaveProperty('target');
    expect(targetSessions).toEqual([]);
  });

  test('no workspace is ever given the role of another tenant', () => {
    const segment = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,5}$/);
    const entry = fc.record({ tenant: segment, name: fc.oneof(segment, fc.constant('*')) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), segment, segment, (entries, tenant, name) => {
        const targets = entries.map((one) => ({
          workspaces: `${one.tenant}/${one.name}`,
          role: { arn: one.tenant, externalId: one.name },
        }));
        try {
          const found = targetOf(targets, `${tenant}/${name}`);
          if (targets.length === 0) expect(found).toBeNull();
          else expect([tenant, [name, '*'].includes(found?.externalId ?? '')]).toEqual([found?.arn, true]);
        } catch (error) {
          expect(error).toMatchObject({ name: 'TargetMissingError' });
          expect(entries).not.toContainEqual({ tenant, name: '*' });
          expect(entries).not.toContainEqual({ tenant, name });
        }
      }),
    );
  });
});

test('whatever the names: STS takes the session, and it reaches one state alone', () => {
  const segment = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
  const runId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
  const digest = 'a'.repeat(64);
  const ref = { bucket: 'artifacts', key: 'k', versionId: 'v', sha256: digest };
  fc.assert(
    fc.property(segment, segment, runId, fc.boolean(), (tenant, name, id, isPlan) => {
      const run = { ...aRun, runId: id, workspace: `${tenant}/${name}` };
      const input = brokerInput.parse(
        isPlan
          ? { purpose: 'plan', run }
          : { purpose: 'apply', run, change: { id: `${id}-${'b'.repeat(8)}`, digest, ref } },
      );
      const session = sessionFor(input, bucket);
      expect(session.name).toMatch(/^[\w+=,.@-]{2,64}$/);
      for (const value of Object.values(session.tags)) expect(value).toMatch(/^[\w .:/=+@-]{1,256}$/);
      const text = JSON.stringify(session.policy);
      expect(text.length).toBeLessThan(2048);
      const objects = [...text.matchAll(/arn:aws:s3:::state\/[^"]*/g)].map(([arn]) => arn);
      const state = `${bucket}/${tenant}/${name}/terraform.tfstate`;
      const kept = `${bucket}/_final/${tenant}/${name}/*`;
      expect(objects).toEqual([state, `${state}.tflock`, ...(isPlan ? [] : [kept])]);
    }),
  );
});
