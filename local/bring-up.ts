import { join } from 'node:path';
import type { LocalPlatform } from '../lib/config/schema';
import type { Progress } from './progress';
import { findRunningPlatform, type Platform, startSupervisor } from './supervisor/client';
import { ensureToolchain } from './toolchain/toolchain';

/** A platform that a run can be started on. */
export interface ReadyPlatform {
  readonly gatewayUrl: string;
  readonly inboxUrl: string;
  readonly settings: LocalPlatform;
  /** The key that lets the person who runs the platform into its hosts. */
  readonly identityFile: string;
  /** It was up before; whoever kept it ends it. */
  readonly reused: boolean;
  stop(): Promise<void>;
}

interface BringUpOptions {
  readonly stateDir: string;
  readonly keep: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Takes the platform that was kept, or sets up the tools that are missing and starts one.
 *
 * @throws ToolchainError, PlatformStartError, PlatformBusyError
 */
export const bringUp = async (options: BringUpOptions): Promise<ReadyPlatform> => {
  const { stateDir, keep, progress, signal } = options;
  const running = await findRunningPlatform(stateDir);
  if (running?.keep) return ready(running);
  const toolchain = await ensureToolchain(progress, { needHosts: true });
  signal.throwIfAborted();
  return ready(
    await progress.step('Starting the platform', (note) =>
      startSupervisor({ stateDir, keep, toolchain, progress: note, signal }),
    ),
  );
};

const ready = (platform: Platform): ReadyPlatform => ({
  gatewayUrl: platform.gatewayUrl,
  inboxUrl: platform.inboxUrl,
  settings: {
    gatewayPort: Number(new URL(platform.gatewayUrl).port),
    hostControllerUrl: platform.hostControllerUrl,
    hostControllerTokenFile: platform.hostControllerTokenFile,
  },
  identityFile: join(platform.stateDir, 'ssh', 'id_ed25519'),
  reused: platform.reused,
  stop: () => platform.stop(),
});
