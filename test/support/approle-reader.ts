import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenBao } from '../../lambdas/rotation/openbao/client';

/** A consumer that never stops: reads its login, signs in with it and with the one that it read before. */
export interface ApproleReader {
  readonly signIns: () => number;
  readonly failures: readonly string[];
  /** Runs `work` between two rounds, and forgets what was read before it. */
  between(work: () => void): Promise<void>;
  stop(): Promise<void>;
}

export const startApproleReader = (bao: OpenBao, path: string): ApproleReader => {
  const failures: string[] = [];
  let signIns = 0;
  let isStopped = false;
  let held: object | undefined;
  let waiting: (() => void)[] = [];
  const read = async (): Promise<object> => {
    const answer = await bao.call('GET', path);
    return (answer as { data: { data: object } }).data.data;
  };
  const signIn = async (login: object): Promise<void> => {
    const { role_id, secret_id } = login as Record<string, string>;
    signIns += 1;
    await bao.as(undefined).call('POST', 'auth/approle/login', { role_id, secret_id });
  };
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      try {
        held ??= await read();
        await signIn(held);
        await signIn(await read());
      } catch (error) {
        failures.push(String(error));
      }
      for (const go of waiting) go();
      waiting = [];
      await sleep(5);
    }
  };
  const running = loop();
  return {
    signIns: () => signIns,
    failures,
    between: (work) =>
      new Promise((done) => {
        waiting.push(() => {
          held = undefined;
          work();
          done();
        });
      }),
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
};
