import { makeOpenBao, OpenBaoDeniedError } from '../../lambdas/rotation/openbao/client';
import { TransientError } from '../../lambdas/shared/errors';
import { type OpenBaoServer, startOpenBao } from '../support/openbao-server';

jest.setTimeout(120_000);
let server: OpenBaoServer;
beforeAll(async () => {
  server = await startOpenBao();
});
afterAll(() => server?.stop());

describe('the server', () => {
  test('that is sealed may be unsealed later', async () => {
    await server.root.call('POST', 'secret/data/kept', { data: { a: 1 } });
    await server.seal();
    await expect(server.root.call('GET', 'secret/data/kept')).rejects.toThrow(TransientError);
    await expect(server.root.call('GET', 'secret/data/kept')).rejects.toThrow('it is sealed or out of order');
    await server.unseal();
    expect(await server.root.call('GET', 'secret/data/kept')).toMatchObject({ data: { data: { a: 1 } } });
  });

  test('denies what a token may not, and a token that is none', async () => {
    const token = await server.tokenWith('path "secret/data/mine" { capabilities = ["read"] }');
    expect(await server.root.as(token).call('GET', 'secret/data/mine')).toBeUndefined();
    await expect(server.root.as(token).call('GET', 'secret/data/kept')).rejects.toThrow(OpenBaoDeniedError);
    await server.root.call('POST', 'auth/token/revoke', { token });
    await expect(server.root.as(token).call('GET', 'secret/data/mine')).rejects.toThrow(OpenBaoDeniedError);
  });

  test('is not believed when nobody known signed its certificate', async () => {
    const bao = makeOpenBao({ address: server.tlsAddress, token: server.rootToken });
    await expect(bao.call('GET', 'secret/data/kept')).rejects.toThrow('(DEPTH_ZERO_SELF_SIGNED_CERT)');
  });
});
