import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunReport } from '../../cli/run-report';
import { exampleInput } from '../../cli/workflow-definitions';
import { describeEnd } from '../../local/describe-end';

const repository = resolve(__dirname, '../..');
const host = {
  name: 'web-01',
  address: '127.80.1.2',
  port: 22,
  user: 'ops',
  hostKeys: ['ssh-ed25519 AAAAC3'],
  id: 'po-1',
};
let stateDir: string;
let server: Server;
let asked: string[];

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'describe end-'));
  writeFileSync(join(stateDir, 'token'), 'secret\n');
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.end(JSON.stringify({ hosts: [host] }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterEach(async () => {
  await new Promise((closed) => server.close(closed));
  rmSync(stateDir, { recursive: true });
});

const describeReport = (changes: Partial<RunReport>, input: unknown = exampleInput('vm-provisioning')) => {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return describeEnd({
    repository,
    stateDir,
    settings: {
      gatewayPort: 4566,
      hostControllerUrl: `http://127.0.0.1:${port}`,
      hostControllerTokenFile: join(stateDir, 'token'),
    },
    identityFile: join(stateDir, 'key'),
    inboxUrl: 'http://127.0.0.1:4570/',
    report: {
      runId: '01RUN',
      workflow: 'vm-provisioning',
      outcome: 'applied',
      stages: [{ name: 'Scan compliance', status: 'succeeded', seconds: 1 }],
      change: { add: 1, change: 0, destroy: 0, playbookChanged: 12, digest: 'd' },
      links: {},
      error: null,
      ...changes,
    },
    input,
    outputs: {
      publicUrl: 'http://127.0.0.1:4566/live',
      artifactsBucket: 'artifacts',
      stateBucket: 'state',
      runsTable: 'runs',
      ledgerTable: 'ledger',
      credentialsTable: 'credentials',
      auditBucket: 'audit',
      ledgerKey: 'arn:key',
      ledgerOrigin: 'orchestrator.example.com/test',
      lockDoctorFunction: 'lock-doctor',
      explainApprovalFunction: 'explains',
      deadLetters: [],
      setDelegationFunction: 'delegates',
      personalDataFunction: 'tells',
      stateMachines: {},
    },
    run: { runId: '01RUN', executionArn: 'arn:run' },
  });
};

test('an applied run tells what changed, how to get in, and where report, mail and run are', async () => {
  const { lines, links } = await describeReport({});
  expect(asked).toEqual(['/workspaces/demo/web-01/hosts Bearer secret']);
  expect(lines).toEqual([
    '✔ Applied',
    '  change  1 added, 0 changed, 0 destroyed; playbook: 12 changed',
    `  web-01  ssh -F '${stateDir}/ssh/demo/web-01/config' web-01`,
    '          curl http://127.80.1.2/',
    '  report  s3://artifacts/runs/01RUN/compliance.json',
    '  mail    http://127.0.0.1:4570/',
    '  run     arn:run',
  ]);
  expect(links).toEqual({
    inbox: 'http://127.0.0.1:4570/',
    health: 'http://127.0.0.1:4566/live/api/health',
    service: 'http://127.80.1.2/',
    report: 's3://artifacts/runs/01RUN/compliance.json',
  });
});

test('tells what drifted, and what became of what a failed run had applied', async () => {
  const document = {
    bucket: 'artifacts',
    key: 'runs/01RUN/drift.json',
    versionId: 'v',
    sha256: 'a'.repeat(64),
  };
  const drift = {
    document,
    total: 3,
    new: 1,
    accepted: 0,
    counts: { state: 1, configuration: 0, host: 2 },
    since: '2026-01-01T00:00:00.000Z',
  };
  const drifted = await describeReport({ outcome: 'drifted', change: null, drift, stages: [] });
  expect(drifted.lines.slice(0, 2)).toEqual([
    '✔ Drifted: something differs from what was applied',
    '  drift  1 in the world, 0 against the configuration, 2 on hosts; 1 new, the oldest since 2026-01-01T00:00:00.000Z; s3://artifacts/runs/01RUN/drift.json',
  ]);
  const compensation = { kind: 'keep', outcome: 'kept', message: 'Nothing to return to.' } as const;
  const kept = await describeReport({ outcome: 'failed', compensation, stages: [] });
  expect(kept.lines).toContainEqual(
    expect.stringMatching(/^ {2}after +keep: kept\. Nothing to return to\.$/),
  );
});

test('ssh knows the host, its key and the person without asking', async () => {
  await describeReport({});
  const config = readFileSync(join(stateDir, 'ssh/demo/web-01/config'), 'utf8');
  for (const line of ['Host web-01', 'HostName 127.80.1.2', 'User ops', 'StrictHostKeyChecking yes'])
    expect(config).toContain(line);
  expect(config).toContain(`IdentityFile "${stateDir}/key"`);
  expect(readFileSync(join(stateDir, 'ssh/demo/web-01/known_hosts'), 'utf8')).toBe(
    'web-01 ssh-ed25519 AAAAC3\n',
  );
});

test('a service on another port is told with it', async () => {
  const input = { ...exampleInput('vm-provisioning'), roleVariables: { web_service_port: 8080 } };
  expect((await describeReport({}, input)).links.service).toBe('http://127.80.1.2:8080/');
});

test('a rejected run tells no hosts', async () => {
  const { lines } = await describeReport({ outcome: 'rejected', stages: [] });
  expect(lines[0]).toBe('✔ Rejected: nothing was touched');
  expect(asked).toEqual([]);
});

test('a failed run tells why, first', async () => {
  const error = { code: 'TerraformError', message: 'No space left.' };
  const { lines } = await describeReport({ outcome: 'failed', stages: [], change: null, error });
  expect(lines.slice(0, 2)).toEqual(['✖ Failed', '  why   No space left. (TerraformError)']);
});

test('hosts that cannot be listed change nothing about the outcome', async () => {
  rmSync(join(stateDir, 'token'));
  const { lines } = await describeReport({});
  expect(lines[0]).toBe('✔ Applied');
  expect(lines.join()).not.toContain('ssh');
});
