import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** A listener on a port of its own whose connections `serve` handles; closing it ends them. */
export const startListener = async (serve: (socket: Socket) => void): Promise<TcpProxy> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

/**
 * Passes connections on to a port of this machine, and ends all once the n-th piece of what clients send was passed on:
 * it lands, and nobody hears of it.
 */
export const startCuttingProxy = async (
  target: number,
  n: number,
): Promise<TcpProxy & { readonly cut: () => boolean }> => {
  let pieces = 0;
  const proxy = await startListener((socket) => {
    if (pieces >= n) return socket.destroy();
    const upstream = connect(target, '127.0.0.1');
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    upstream.on('data', (data) => {
      if (pieces < n) socket.write(data);
    });
    socket.on('close', () => upstream.end());
    socket.on('data', (data) => {
      pieces += 1;
      upstream.write(data, () => {
        if (pieces >= n) socket.destroy();
      });
    });
  });
  return { ...proxy, cut: () => pieces >= n };
};
