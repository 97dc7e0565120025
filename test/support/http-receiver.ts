import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './test-certificate';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on this machine that keeps what it is sent and answers as the test says; over TLS where it has a host's name. */
export const startReceiver = async (
  answer: (received: Received, response: ServerResponse, earlier: number) => void,
  host?: string,
) => {
  const received: Received[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'receiver-'));
  const certificate = host === undefined ? undefined : makeCertificate(folder, host);
  rmSync(folder, { recursive: true });
  const server = certificate ? createHttps(certificate) : createHttp();
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      received.push(one);
      answer(one, response, received.length - 1);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    port,
    url: certificate ? `https://${host}:${port}` : `http://127.0.0.1:${port}`,
    ca: certificate?.cert,
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
