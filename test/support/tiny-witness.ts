import type { ServerResponse } from 'node:http';
import {
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  signatureLine,
  signersOf,
  type VerifierKey,
} from '../../lambdas/ledger-proof/checkpoint';
import { verifyConsistency } from '../../lambdas/ledger-proof/merkle';
import { makeSigningKey } from './checkpoint-log';
import { type Received, startReceiver } from './http-receiver';

/** How a witness may misbehave. */
export type Mischief = 'unavailable' | 'silent' | 'lies' | 'nonsense';

/** A witness on this machine, as C2SP tlog-witness has it: it cosigns what follows from what it saw last. */
export const startWitness = async (
  logKey: VerifierKey,
  logs: readonly string[],
  name = 'witness.example',
) => {
  const own = makeSigningKey(name, 'witness');
  const liar = makeSigningKey(name, 'witness');
  const seen = new Map<string, { size: number; root: Buffer }>();
  let mischief: Mischief | undefined;

  const judge = ({ path, body }: Received): [status: number, text: string] => {
    if (path !== '/w/add-checkpoint') return [404, ''];
    const [head = '', ...rest] = body.split('\n');
    const proofEnd = rest.indexOf('');
    const old = Number(/^old (\d+)$/.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(old) || proofEnd < 0) return [400, ''];
    const proof = rest.slice(0, proofEnd).map((line) => Buffer.from(line, 'base64'));
    const note = parseNote(rest.slice(proofEnd + 1).join('\n'));
    const checkpoint = parseCheckpoint(note.text);
    if (!logs.includes(checkpoint.origin)) return [404, ''];
    if (signersOf(note, [logKey]).length === 0) return [403, ''];
    if (old > checkpoint.size) return [400, ''];
    const last = seen.get(checkpoint.origin);
    if (old !== (last?.size ?? 0)) return [409, `${last?.size ?? 0}\n`];
    if (last && !verifyConsistency(last, checkpoint, proof)) return [422, ''];
    if (!last && proof.length > 0) return [422, ''];
    seen.set(checkpoint.origin, checkpoint);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_700_000_000n);
    const message = Buffer.from(`cosignature/v1\ntime 1700000000\n${note.text}`);
    const { key, sign } = mischief === 'lies' ? { key: own.key, sign: liar.sign } : own;
    return [200, `${signatureLine(key, Buffer.concat([time, sign(message)]))}\n`];
  };

  const receiver = await startReceiver((received: Received, response: ServerResponse) => {
    if (mischief === 'silent') return;
    const [status, text] =
      mischief === 'unavailable' ? [503, ''] : mischief === 'nonsense' ? [200, 'hello\n'] : judge(received);
    response.writeHead(status, { 'content-type': status === 409 ? 'text/x.tlog.size' : 'text/plain' });
    response.end(text);
  });
  return {
    witness: { name: 'partner', url: `${receiver.url}/w`, key: formatVerifierKey(own.key) },
    key: own.key,
    seen,
    statuses: receiver.received,
    behave: (how: Mischief | undefined): void => {
      mischief = how;
    },
    stop: receiver.stop,
  };
};
