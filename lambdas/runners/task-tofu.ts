import type { BrokerInput } from '../broker-credentials/contract';
import type { Content } from './content';
import type { RunnerDeps, TerraformContext } from './runner';
import { openTofu, type Tofu } from './tofu';

/** OpenTofu with a module in the task's own folder, for the run's workspace, with what the broker lends for it. */
export const openTaskTofu = async (
  { backend, providerMirror, env, graceMs, now, memory }: RunnerDeps,
  { folder, signal, log, lendCredentials }: TerraformContext,
  module: Content,
  request: BrokerInput,
): Promise<Tofu> => {
  const credentials = await lendCredentials(request);
  const { workspace } = request.run;
  return openTofu({
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
};
