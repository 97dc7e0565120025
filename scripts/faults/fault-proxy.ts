import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, answerOf, refusal, serviceOf } from './fault-answers';
import type { Effect } from './schedule';

/** One call of a function to a service, before it is passed on. */
export interface Call {
  readonly step: string;
  readonly service: string;
  readonly method: string;
  /** Path and body: what the call is about stands in one of them. */
  readonly text: string;
  readonly socket: Socket;
}

/** Says what becomes of a call; `pass` for most. */
export type Judge = (call: Call) => Promise<Effect | 'refuse' | 'pass'>;

export interface FaultProxy {
  readonly url: string;
  close(): Promise<void>;
}

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Stands between one function and the services: passes calls on, or has them fail in the ways that they do. */
export const startFaultProxy = async (options: {
  step: string;
  gatewayUrl: string;
  judge: Judge;
}): Promise<FaultProxy> => {
  const { step, gatewayUrl, judge } = options;
  const gateway = new URL(gatewayUrl);
  const agent = new Agent({ keepAlive: true });

  const pass = (
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ answer: IncomingMessage; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const { expect: _, 'transfer-encoding': __, ...headers } = incoming.headers;
      const outgoing = request(
        {
          agent,
          host: gateway.hostname,
          port: gateway.port,
          method: incoming.method,
          path: incoming.url,
          headers: { ...headers, 'content-length': body.length },
        },
        (answer) => bodyOf(answer).then((text) => resolve({ answer, body: text }), reject),
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });

  const say = (response: ServerResponse, { status, headers, body }: Answer): void => {
    response.writeHead(status, headers).end(body);
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming);
    const service = serviceOf(incoming.headers.authorization);
    const effect = await judge({
      step,
      service,
      method: incoming.method ?? '',
      text: `${incoming.url}\n${body.toString('latin1')}`,
      socket: incoming.socket,
    });
    if (effect === 'throttle' || effect === 'break') return say(response, answerOf(effect, service));
    if (effect === 'refuse') return say(response, refusal);
    if (effect === 'drop') {
      incoming.socket.destroy();
      return;
    }
    if (effect === 'twice') await pass(incoming, body);
    const passed = await pass(incoming, body);
    if (effect === 'land-then-drop') {
      incoming.socket.destroy();
      return;
    }
    const { connection: _, 'transfer-encoding': __, ...headers } = passed.answer.headers;
    // The length of what HEAD would have answered is no length of what comes.
    response.writeHead(passed.answer.statusCode ?? 502, headers).end(passed.body);
  };

  const server: Server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
