import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { makeEngine } from '../../lambdas/rotation/engine';
import { makeOpenBao } from '../../lambdas/rotation/openbao/client';
import { makeOpenBaoJournal } from '../../lambdas/rotation/openbao/journal';
import { openKvEntries } from '../../lambdas/rotation/openbao/kv-entries';
import { makeOpenBaoStore } from '../../lambdas/rotation/openbao/store';
import { makeRotate } from '../../lambdas/rotation/rotate';
import { strategies } from '../../lambdas/rotation/strategies/strategies';
import { makeVaultKv } from '../../lambdas/rotation/strategies/vault-kv';
import { StepError } from '../../lambdas/shared/errors';
import { exitCode } from '../exit-code';
import { UsageError } from '../usage-error';
import { type Line, rotateDue, tellDue } from './rotate-due';
import { parseRotateCall, type RotateCall, rotateHelp } from './rotate-options';
import { signIn } from './sign-in';

const TRIES = 3;
const PAUSE_MS = 500;
const now = (): Date => new Date();

const print = (line: Line): void =>
  void process.stdout.write(`${JSON.stringify({ at: now().toISOString(), ...line })}\n`);

const carryOut = async (call: Extract<RotateCall, { command: 'rotate' }>): Promise<number> => {
  const anybody = makeOpenBao(call);
  const { bao, signOut } = await signIn(anybody, call.login);
  try {
    const entries = await openKvEntries(bao, call.mount);
    const [store, journal] = [makeOpenBaoStore(entries), makeOpenBaoJournal(entries)];
    const runId = `rotate-${ulid()}`;
    const ports = { store, journal, print, now };
    if (call.dryRun) return await tellDue(ports, { runId, only: call.only });
    const engine = makeEngine({
      store,
      journal,
      strategies: [...strategies, makeVaultKv(entries)],
      now,
      tell: async ({ at: _, type: event, ...told }) => print({ level: 'info', event, ...told }),
    });
    const rotate = makeRotate(engine, {
      tries: TRIES,
      pause: (tried) => sleep(Math.random() * PAUSE_MS * 2 ** tried),
    });
    return await rotateDue(ports, rotate, { runId, only: call.only });
  } finally {
    await signOut();
  }
};

export const main = async (argv: readonly string[]): Promise<number> => {
  try {
    const call = parseRotateCall(argv, process.env);
    if (call.command === 'help') {
      process.stdout.write(rotateHelp);
      return exitCode.clean;
    }
    return (await carryOut(call)) === 0 ? exitCode.clean : exitCode.failed;
  } catch (error) {
    const isOurs = error instanceof StepError || error instanceof UsageError;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    print({ level: 'error', error: name, message: isOurs ? message : 'It broke.' });
    return exitCode.badInput;
  }
};
