import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import {
  formatNote,
  parseNote,
  rawPublicKey,
  signatureLine,
  signersOf,
  type VerifierKey,
} from '../ledger-proof/checkpoint';

/** The key of the logs. */
export interface LogSigner {
  key(): Promise<VerifierKey>;
  /** The line of the signature over a checkpoint's text, checked. */
  sign(text: string): Promise<string>;
}

/** Signs with a key that never leaves KMS; its public half is asked for once. */
export const makeLogSigner = ({
  kms,
  keyArn,
  name,
}: {
  readonly kms: Pick<KMSClient, 'send'>;
  readonly keyArn: string;
  readonly name: string;
}): LogSigner => {
  let known: VerifierKey | undefined;
  const key = async (): Promise<VerifierKey> => {
    if (known) return known;
    const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId: keyArn }));
    known = { name, kind: 'log', publicKey: rawPublicKey(PublicKey) };
    return known;
  };
  return {
    key,
    sign: async (text) => {
      const { Signature = new Uint8Array() } = await kms.send(
        new SignCommand({
          KeyId: keyArn,
          Message: Buffer.from(text),
          MessageType: 'RAW',
          SigningAlgorithm: 'ED25519_SHA_512',
        }),
      );
      const own = await key();
      const line = signatureLine(own, Signature);
      signersOf(parseNote(formatNote(text, [line])), [own]);
      return line;
    },
  };
};
