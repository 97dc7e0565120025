import type { Content } from './content';
import type { LentCredentials } from './lent-credentials';
import type { RunnerDeps, TerraformContext } from './runner';
import { openTofu, type Tofu } from './tofu';

/** OpenTofu with a module in the task's own folder, for a workspace, with what the broker lent for it. */
export const openTaskTofu = (
  { backend, providerMirror, env, graceMs, now, memory }: RunnerDeps,
  { folder, signal, log }: TerraformContext,
  { module, workspace, credentials }: { module: Content; workspace: string; credentials: LentCredentials },
): Promise<Tofu> =>
  openTofu({
    folder,
    module,
    workspace,
    backend,
    providerMirror,
    env,
    credentials,
    signal,
    graceMs,
    log,
    now,
    memory,
  });
