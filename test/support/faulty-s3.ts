import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to the emulator on which nothing can be written to states; locks and everything else pass. */
export const startFaultyS3 = async (
  endpoint: string,
): Promise<{ url: string; stop: () => Promise<void> }> => {
  const target = new URL(endpoint);
  const server = createServer((incoming, outgoing) => {
    if (incoming.method === 'PUT' && /\.tfstate(\?|$)/.test(incoming.url ?? '')) {
      incoming.resume();
      outgoing.writeHead(403, { 'content-type': 'application/xml' });
      outgoing.end('<Error><Code>AccessDenied</Code><Message>not now</Message></Error>');
      return;
    }
    const { hostname, port } = target;
    const { method, url: path, headers } = incoming;
    const forwarded = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
