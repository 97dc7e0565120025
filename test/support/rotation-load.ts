import { makeEngine } from '../../lambdas/rotation/engine';
import { makeRotate } from '../../lambdas/rotation/rotate';
import { makeSecretsManagerStore } from '../../lambdas/rotation/secrets-manager-store';
import type { Strategy } from '../../lambdas/rotation/strategy';
import { AlternatingLogins } from './alternating-logins';
import { inMemoryJournal } from './in-memory-journal';
import { InMemorySecretsManager } from './in-memory-secrets-manager';

/**
 * How long things take at the least. Short times are the hard case: the faster a rotation, the more calls a second.
 * Seconds.
 */
export interface Times {
  /** One request to Secrets Manager or DynamoDB. */
  readonly request: number;
  /** One call of a strategy to its target. */
  readonly target: number;
  /** A state of the workflow and the invocation of its function. */
  readonly step: number;
}

export interface Call {
  readonly api: string;
  /** Seconds after its part of the rotation began. */
  readonly at: number;
}

/** A part of a rotation: its calls, and how long it takes. */
export interface Part {
  readonly calls: readonly Call[];
  readonly seconds: number;
}

const id = 'orchestrator-test/one';
const overlapSeconds = 3600;

/** What the real engine and the real store ask for in one rotation: until it is confirmed, and after the overlap. */
export const partsOfRotation = async (times: Times): Promise<{ rotate: Part; retire: Part }> => {
  let clock = Date.parse('2026-01-01T00:00:00.000Z');
  const now = () => new Date(clock);
  const manager = new InMemorySecretsManager(now);
  const first = { username: 'one', password: 'password-0' };
  manager.create(id, JSON.stringify(first), {
    'rotation-strategy': 'alternating-logins',
    'rotation-days': '30',
    owner: 'team',
    'rotation-overlap': String(overlapSeconds),
  });
  let calls: Call[] = [];
  let elapsed = 0;
  const note = (api: string): void => {
    calls.push({ api, at: elapsed });
    elapsed += times.request;
  };
  const counting = {
    // biome-ignore lint/suspicious/noExplicitAny: the client's overloads have no common type.
    send: async (command: object): Promise<any> => {
      note(command.constructor.name.replace(/Command$/, ''));
      return manager.send(command);
    },
  };
  const journal = inMemoryJournal();
  const logins = new AlternatingLogins(first);
  const slow = new Proxy<Strategy>(logins, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        elapsed += times.target;
        return value.apply(target, args);
      };
    },
  });
  const engine = makeEngine({
    store: makeSecretsManagerStore(counting, { prefix: 'orchestrator-test/', own: [] }),
    journal: {
      read: async (which) => {
        note('GetItem');
        return journal.read(which);
      },
      write: async (record) => {
        note('PutItem');
        return journal.write(record);
      },
      list: journal.list,
    },
    strategies: [slow],
    now,
    tell: async () => undefined,
  });
  const stepping = {
    begin: (of: Parameters<typeof engine.begin>[0]) => {
      elapsed += times.step;
      return engine.begin(of);
    },
    step: (of: Parameters<typeof engine.step>[0]) => {
      elapsed += times.step;
      return engine.step(of);
    },
  };
  const rotate = makeRotate(stepping, { tries: 1, pause: async () => undefined });
  const part = async (): Promise<Part> => {
    calls = [];
    elapsed = 0;
    const { next, outcome, until } = await rotate({ credential: id, runId: 'run', force: true });
    if (until === undefined && outcome !== 'completed') throw new Error(`It came to ${next}, ${outcome}.`);
    return { calls, seconds: elapsed };
  };
  const rotatePart = await part();
  clock += overlapSeconds * 1000 + 1000;
  return { rotate: rotatePart, retire: await part() };
};

/** APIs that share a quota of Secrets Manager, by the name of its first. */
const quotaOf: Readonly<Record<string, string>> = {
  DescribeSecret: 'reads',
  GetSecretValue: 'reads',
  PutSecretValue: 'writes',
  UpdateSecretVersionStage: 'writes',
  ListSecretVersionIds: 'versions',
};

/** Requests a second at the most in any second, by quota. */
export type Peaks = Readonly<Record<'reads' | 'writes' | 'versions', number>>;

/** Work of so many credentials, so many at a time: the next begins when one has ended. */
export const simulate = (
  part: Part,
  { credentials, atOnce, startWithin }: { credentials: number; atOnce: number; startWithin: number },
  fractionOf: (text: string) => number,
): { peaks: Peaks; seconds: number } => {
  const free: number[] = Array.from({ length: atOnce }, () => 0);
  const buckets = new Map<string, number>();
  let end = 0;
  for (let index = 0; index < credentials; index++) {
    free.sort((a, b) => a - b);
    const began = (free[0] ?? 0) + fractionOf(`credential-${index}`) * startWithin;
    for (const { api, at } of part.calls) {
      const quota = quotaOf[api];
      if (quota === undefined) continue;
      // Every window of a second is looked at by tenths.
      const tenth = Math.floor((began + at) * 10);
      for (let start = tenth - 9; start <= tenth; start++) {
        const key = `${quota}|${start}`;
        buckets.set(key, (buckets.get(key) ?? 0) + 1);
      }
    }
    free[0] = began + part.seconds;
    end = Math.max(end, began + part.seconds);
  }
  const peak = (quota: string): number =>
    [...buckets].reduce(
      (most, [key, count]) => (key.startsWith(`${quota}|`) ? Math.max(most, count) : most),
      0,
    );
  return {
    peaks: { reads: peak('reads'), writes: peak('writes'), versions: peak('versions') },
    seconds: Math.ceil(end),
  };
};
