import type { Server } from 'node:http';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Emulator, startEmulator } from '../emulator/emulator';
import { ensureToken, makeHostApi } from '../hosts/host-api';
import { type HostController, makeHostController } from '../hosts/host-controller';
import { makeHostStore } from '../hosts/host-store';
import { loadHostInstance, probePort } from '../hosts/loopback-addresses';
import { makeNspawnDriver } from '../hosts/nspawn-driver';
import { ensureOperatorKey } from '../hosts/ssh-keys';
import { drainQueues } from '../inbox/drain-queues';
import { makeInboxServer } from '../inbox/inbox-server';
import { makeMailStore } from '../inbox/mail-store';
import { type Ports, stablePorts } from './stable-port';
import type { SupervisorOptions } from './supervisor-contract';

/** Everything that a platform consists of while it runs. */
export interface PlatformParts {
  readonly emulator: Emulator;
  readonly ports: Ports;
  readonly tokenFile: string;
  /** Ends all of it, whatever fails on the way. */
  stop(): Promise<void>;
}

export interface PartsContext {
  readonly progress: (text: string) => void;
  readonly log: (line: string) => void;
  /** Aborted when the start is to be given up. */
  readonly signal: AbortSignal;
}

/** Starts emulator, hosts and inbox side by side. When one fails, the others are stopped again. */
export const startParts = async (
  options: SupervisorOptions,
  context: PartsContext,
): Promise<PlatformParts> => {
  const { stateDir, toolchain } = options;
  const { progress, log, signal } = context;
  const stops: Array<() => Promise<void>> = [];
  const stop = async () => {
    for (const outcome of await Promise.allSettled(stops.map((end) => end())))
      if (outcome.status === 'rejected') log(`while stopping: ${outcome.reason}`);
  };
  try {
    const ports = await stablePorts(join(stateDir, 'ports.json'));
    const tokenFile = join(stateDir, 'hosts', 'token');
    const startHosts = async () => {
      const controller = await makeController(options, log);
      stops.push(() => controller.stop());
      const token = await ensureToken(tokenFile);
      const api = makeHostApi({ controller, token, log });
      stops.push(() => close(api));
      await listen(api, ports.hosts);
      await controller.start();
    };
    const start = async () => {
      progress('starting the AWS emulator');
      const started = await startEmulator({
        toolchain,
        stateDir: join(stateDir, 'emulator'),
        port: ports.gateway,
        logFile: join(stateDir, 'logs', 'emulator.log'),
      });
      stops.push(() => started.stop());
      return started;
    };
    const startInbox = async () => {
      const store = makeMailStore(join(stateDir, 'inbox'));
      const server = makeInboxServer(store, log);
      stops.push(() => close(server));
      await listen(server, ports.inbox);
      const ending = new AbortController();
      const drained = drainQueues({
        client: makeQueueClient(ports.gateway),
        store,
        signal: ending.signal,
        log,
      });
      stops.push(() => {
        ending.abort();
        return drained;
      });
    };
    // All are waited for even when one fails, so that nothing starts after the stop.
    const outcomes = await Promise.allSettled([start(), startHosts(), startInbox()]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    signal.throwIfAborted();
    const [emulator] = outcomes;
    if (emulator.status === 'rejected') throw emulator.reason;
    return { emulator: emulator.value, ports, tokenFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const makeController = async (
  { stateDir, toolchain }: SupervisorOptions,
  log: (line: string) => void,
): Promise<HostController> => {
  const identityFile = join(stateDir, 'ssh', 'id_ed25519');
  const publicKey = await ensureOperatorKey(identityFile);
  return makeHostController({
    driver: makeNspawnDriver({
      baseImageDir: toolchain.baseImageDir,
      operator: { identityFile, publicKey },
      logDir: join(stateDir, 'logs', 'hosts'),
    }),
    store: makeHostStore(join(stateDir, 'hosts', 'workspaces')),
    instance: await loadHostInstance(join(stateDir, 'hosts', 'instance.json')),
    probe: probePort,
    now: () => new Date(),
    log,
  });
};

const makeQueueClient = (gatewayPort: number): SQSClient =>
  new SQSClient({
    endpoint: `http://127.0.0.1:${gatewayPort}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // The emulator names its queues by a host that not every machine resolves.
    useQueueUrlAsEndpoint: false,
    maxAttempts: 1,
  });

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve());
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
