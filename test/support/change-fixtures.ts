import type { BindChangeInput } from '../../lambdas/bind-change/contract';
import type { Change } from '../../lambdas/shared/change';
import type { ChangeStore } from '../../lambdas/shared/change-store';
import type { Places, PlanResult, PlayResult, RunRef, ScriptResult } from '../../lambdas/shared/contract';
import { digestOf } from '../../lambdas/shared/digest';
import { ContentDamagedError } from '../../lambdas/shared/errors';
import type { RunContent } from '../../lambdas/shared/run-record';

export const digest = (letter: string): string => letter.repeat(64);

export const aRun: RunRef = {
  runId: 'run-1',
  workspace: 'demo/web-01',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

/** What a run was asked for. */
export const aContent: RunContent = {
  module: 'local-host',
  source: null,
  variables: { name: 'web-01' },
  role: 'web-service',
  roleVariables: {},
  upgrade: false,
  onFailure: 'keep',
  reason: 'a test',
  requestedBy: null,
  approvalTimeoutSeconds: 3600,
};

export const aPlan: PlanResult = {
  plan: { bucket: 'artifacts', key: 'runs/run-1/plan.bin', versionId: 'v1', sha256: digest('a') },
  document: {
    bucket: 'artifacts',
    key: 'runs/run-1/plan-document.json',
    versionId: 'v1',
    sha256: digest('b'),
  },
  mode: 'apply',
  counts: { create: 1, update: 2, replace: 3, delete: 4 },
  empty: false,
  module: 'local-host',
  digests: { module: digest('c'), variables: digest('d'), lockFile: digest('e') },
  content: { from: 'catalogue', upgradedFrom: null },
  engine: { name: 'opentofu', version: '1.12.6' },
  policy: { verdict: 'allow', reasons: [], total: 0, digest: digest('7') },
  hosts: [],
};

export const aPlaybook: PlayResult = {
  mode: 'check',
  document: {
    bucket: 'artifacts',
    key: 'runs/run-1/play-document.json',
    versionId: 'v1',
    sha256: digest('f'),
  },
  changed: 5,
  ok: 9,
  role: 'web-service',
  digests: { role: digest('1'), variables: digest('2'), hosts: digest('3') },
  content: { from: 'catalogue', upgradedFrom: null },
};

export const aScript: ScriptResult = {
  mode: 'check',
  script: 'certificate-expiry',
  document: {
    bucket: 'artifacts',
    key: 'runs/run-1/script/check-document.json',
    versionId: 'v1',
    sha256: digest('4'),
  },
  digests: { script: digest('5'), parameters: digest('6') },
  exitCode: null,
  result: null,
};

/** Bound changes in memory, with the same refusals as the bucket's. */
export const inMemoryChangeStore = (): ChangeStore & { changes: Map<string, Change> } => {
  const changes = new Map<string, Change>();
  return {
    changes,
    put: async (change) => {
      const sha256 = digestOf(change);
      changes.set(sha256, change);
      return {
        id: change.id,
        digest: sha256,
        ref: { bucket: 'artifacts', key: change.id, versionId: 'v1', sha256 },
      };
    },
    get: async ({ id, digest: wanted }) => {
      const found = changes.get(wanted);
      if (!found || found.id !== id) throw new ContentDamagedError(`Change ${id} was not used: other bytes`);
      return found;
    },
  };
};

/** Where a run plans and applies that nothing speaks against. */
export const inLambda: Places = {
  plan: { runsOn: 'lambda', because: 'no plan was done here before' },
  apply: { runsOn: 'lambda', because: 'no apply was done here before' },
};

/** What is bound when an ordinary run comes to its gate. */
export const aBindInput = (parts: Partial<BindChangeInput> = {}): BindChangeInput => ({
  workflow: 'vm-provisioning',
  run: aRun,
  enteredAt: '2026-01-01T00:00:00.000Z',
  reason: 'a test',
  requestedBy: null,
  approvalTimeoutSeconds: 3600,
  plan: aPlan,
  playbook: aPlaybook,
  script: null,
  ...parts,
});
