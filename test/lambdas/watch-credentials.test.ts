import type { CredentialRecord } from '../../lambdas/rotation/journal';
import type { ImpersonalEvent } from '../../lambdas/shared/ledger-event';
import { makeWatchCredentials } from '../../lambdas/watch-credentials/watch-credentials';
import { aCredential, aRotation, everyStanding, hoursFrom } from '../support/credential-records';
import { startedAt } from '../support/gate';

const watch = async (
  records: readonly CredentialRecord[],
  append: (event: ImpersonalEvent) => Promise<void> = async () => undefined,
) => {
  const lines: string[] = [];
  const told: ImpersonalEvent[] = [];
  const output = await makeWatchCredentials({
    journal: {
      list: async function* () {
        yield* records;
      },
    },
    ledger: {
      append: async (event) => {
        told.push(event);
        await append(event);
      },
    },
    print: (line) => lines.push(line),
    now: () => startedAt,
  })();
  return { output, told, measured: JSON.parse(lines.join('')) as Record<string, unknown>, lines };
};

test('counts how all credentials stand, in one line without their names', async () => {
  const { measured, lines, output } = await watch(everyStanding);
  expect(lines).toHaveLength(1);
  expect(measured).toMatchObject({
    Credentials: 10,
    CredentialsDue: 5,
    CredentialsOverdue: 1,
    CredentialsInFlight: 3,
    CredentialsStuck: 1,
    CredentialsFailing: 3,
    CredentialsStorming: 1,
    CredentialAgeMax: 95 * 86_400,
  });
  expect(lines[0]).not.toMatch(/acme|orders|team/);
  expect(output).toEqual({ credentials: 10, overdue: 1, stuck: 1, untold: 0 });
});

test('what it prints is what CloudWatch reads as metrics', async () => {
  const { measured } = await watch([]);
  const { Timestamp, CloudWatchMetrics } = measured._aws as {
    Timestamp: number;
    CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
  };
  expect(Timestamp).toBe(startedAt.getTime());
  expect(CloudWatchMetrics).toHaveLength(1);
  expect(CloudWatchMetrics[0]).toMatchObject({ Namespace: 'Orchestrator', Dimensions: [[]] });
  for (const { Name } of CloudWatchMetrics[0]?.Metrics ?? []) expect(measured[Name]).toBe(0);
});

test('tells the ledger once of each date that passed and each rotation that does not move', async () => {
  const overdue = aCredential({ nextDueAt: hoursFrom(-72) });
  const stuck = aCredential({
    id: 'host-key',
    rotation: aRotation({ begunAt: hoursFrom(-2), runId: 'run-7' }),
  });
  const { told } = await watch([aCredential(), overdue, stuck]);
  expect(told.map(({ tenant, id, type, runId }) => ({ tenant, id, type, runId }))).toEqual([
    {
      tenant: 'acme',
      id: `credential.rotation-overdue:${overdue.id}:${overdue.nextDueAt}`,
      type: 'credential.rotation-overdue',
      runId: 'watch-credentials',
    },
    {
      tenant: 'all',
      id: 'credential.rotation-stuck:host-key:v2:set',
      type: 'credential.rotation-stuck',
      runId: 'run-7',
    },
  ]);
  expect(told[0]?.data).toMatchObject({ workspace: 'acme/web-01', owner: 'team-orders' });
  const ids = (again: typeof told) => again.map(({ id }) => id);
  expect(ids((await watch([overdue, stuck])).told)).toEqual(ids(told));
});

test('one that cannot be told of keeps no other from being told', async () => {
  const records = ['one', 'two'].map((id) => aCredential({ id, nextDueAt: hoursFrom(-72) }));
  const { told, output } = await watch(records, async ({ data }) => {
    if (data.credential === 'one') throw new Error('contended');
  });
  expect(told).toHaveLength(2);
  expect(output).toMatchObject({ overdue: 2, untold: 1 });
});
