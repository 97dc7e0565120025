import { createServer } from 'node:net';

/** Another process listens on the port that was asked for. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  constructor(readonly port: number) {
    super(
      `Port ${port} on 127.0.0.1 is in use by another process. Stop that process, or choose another port for the local platform.`,
    );
  }
}

const listenOnce = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(port) : error),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve(found));
    });
  });

/** A port of 127.0.0.1 that nobody listens on now. */
export const findFreePort = (): Promise<number> => listenOnce(0);

/** Resolves when nobody listens on the port of 127.0.0.1; throws {@link PortInUseError} otherwise. */
export const assertPortFree = async (port: number): Promise<void> => {
  await listenOnce(port);
};
