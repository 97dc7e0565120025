import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeArtifacts } from '../../lambdas/runners/artifacts';
import { makeModuleMemory } from '../../lambdas/runners/module-memory';
import type { RunnerDeps, TerraformContext } from '../../lambdas/runners/runner';
import { makeTaskLog } from '../../lambdas/runners/task-log';
import { makeChangeStore } from '../../lambdas/shared/change-store';
import type { Host } from '../../lambdas/shared/contract';
import type { ReadDecision } from '../../lambdas/shared/decided-approval';
import { inMemoryS3 } from './in-memory-s3';
import { inMemorySecrets } from './in-memory-secrets';
import { inMemoryWorkspaceStore } from './in-memory-workspace-store';

/** How a worker on which no tool exists says that it would have started one. */
const wouldStart = 'cannot be started on this worker';

/** What became of a task on such a worker: the first error's name and sentence, and whether it came to a tool. */
export const outcomeOf = async (
  task: Promise<unknown>,
): Promise<{ reachedTool: boolean; name: string; message: string }> => {
  try {
    await task;
    return { reachedTool: true, name: 'none', message: 'it succeeded' };
  } catch (error) {
    const { name, message } = error as Error;
    return { reachedTool: message.includes(wouldStart), name, message };
  }
};

/** A worker whose storage is in memory, whose content is a folder, and on which no program can be started. */
export const makeToollessWorker = async (hosts: readonly Host[] = []) => {
  const root = await mkdtemp(join(tmpdir(), 'toolless-'));
  const contentRoot = join(root, 'content');
  await cp(join(__dirname, '../../policies'), join(contentRoot, 'policies'), { recursive: true });
  const s3 = inMemoryS3();
  const approvals = new Map<string, NonNullable<Awaited<ReturnType<ReadDecision>>>>();
  const workspaces = inMemoryWorkspaceStore();
  const deps: RunnerDeps = {
    artifacts: makeArtifacts({ s3, bucket: 'artifacts' }),
    changes: makeChangeStore({ s3, bucket: 'artifacts' }),
    readDecision: async (changeId) => approvals.get(changeId),
    workspaces,
    secrets: inMemorySecrets(),
    hostAccess: {
      ensureHosts: async () => [],
      listHosts: async () => [...hosts],
      allowKey: async () => undefined,
    },
    keepFinalState: async () => null,
    fetchModule: async () => Promise.reject(new Error('no repository was expected here')),
    contentRoot,
    backend: { bucket: 'state', keyArn: 'key', region: 'eu-central-1', pathStyle: true },
    providerMirror: undefined,
    graceMs: 1000,
    env: { PATH: '/nowhere' },
    memory: makeModuleMemory(),
    now: () => new Date('2026-01-01T00:30:00.000Z'),
  };
  return {
    deps,
    s3,
    approvals,
    workspaces,
    contentRoot,
    write: async (path: string, content: string | Uint8Array): Promise<void> => {
      await mkdir(dirname(join(contentRoot, path)), { recursive: true });
      await writeFile(join(contentRoot, path), content);
    },
    /** Does something in a fresh folder of a task. */
    inTask: async <T>(work: (context: TerraformContext) => Promise<T>): Promise<T> => {
      const folder = await mkdtemp(join(root, 'task-'));
      try {
        return await work({
          folder,
          signal: new AbortController().signal,
          log: makeTaskLog(),
          mayCarryOn: null,
          lendCredentials: async () => ({
            env: {},
            identity: async () => {
              throw new Error('nobody has an identity here');
            },
          }),
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
};
