import { DeliveryError, type SendRequest } from '../channels/send-request';
import {
  formatNote,
  NoteError,
  parseNote,
  parseVerifierKey,
  signersOf,
  type VerifierKey,
} from '../ledger-proof/checkpoint';
import { plainText } from '../shared/plain-text';
import type { ToCosign } from './checkpoint-tenant';
import type { Witness } from './contract';

interface Deps {
  readonly witnesses: readonly Witness[];
  readonly sendRequest: SendRequest;
  /** Hears of each that did not cosign. */
  readonly onSilent: (about: { witness: string; tenant: string; size: number; reason: string }) => void;
}

/** Why there is no cosignature. */
class WitnessSilence extends Error {}

/** What the specification says of statuses other than 200 and 409. */
const meanings: Readonly<Record<number, string>> = {
  400: 'it could not read the request',
  403: 'it knows no key that signed the checkpoint',
  404: 'it does not know this log',
  422: 'it says that the log is not the one that it saw before',
};

/** Entries that are read again for one witness: whoever needs more would hold the checkpoint up. */
const mostBehind = 250_000;

/** The lines in an answer that are by this witness. */
const linesBy = (key: VerifierKey, note: string, answer: string): string[] => {
  const { text } = parseNote(note);
  const signed = parseNote(formatNote(text, answer.trimEnd().split('\n')));
  if (signersOf(signed, [key]).length === 0) throw new WitnessSilence('its answer holds no signature of it');
  return signed.signatures.filter(({ name }) => name === key.name).map(({ line }) => line);
};

/**
 * Asks witnesses to cosign a checkpoint (C2SP tlog-witness), all at once. Who does not is told of and holds nothing up:
 * the next checkpoint asks again, from the size that the witness says it saw last.
 */
export const makeAskWitnesses = ({ witnesses, sendRequest, onSilent }: Deps) => {
  const ask = async ({ url, key }: Witness, { size, note, since, prove }: ToCosign): Promise<string[]> => {
    const post = async (old: number) => {
      const proof = (await prove(old)).map((hash) => hash.toString('base64'));
      const body = [`old ${old}`, ...proof, '', note].join('\n');
      return await sendRequest({
        url: `${url.replace(/\/$/, '')}/add-checkpoint`,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body,
      });
    };
    let answer = await post(since);
    if (answer.status === 409) {
      const seen = Number(/^(\d{1,15})\n?$/.exec(answer.body)?.[1] ?? Number.NaN);
      if (Number.isNaN(seen)) throw new WitnessSilence('it does not say which size it saw last');
      if (seen > size) throw new WitnessSilence(`it saw ${seen} entries already`);
      if (seen > 0 && size - seen > mostBehind)
        throw new WitnessSilence(`it is ${size - seen} entries behind, too many to be proven at once`);
      answer = await post(seen);
    }
    if (answer.status !== 200)
      throw new WitnessSilence(meanings[answer.status] ?? `it answered ${answer.status}`);
    return linesBy(parseVerifierKey(key), note, answer.body);
  };
  return async (checkpoint: ToCosign): Promise<string[]> => {
    const { tenant, size } = checkpoint;
    const answers = await Promise.all(
      witnesses.map(async (witness) => {
        try {
          return await ask(witness, checkpoint);
        } catch (error) {
          const isSilence =
            error instanceof WitnessSilence || error instanceof NoteError || error instanceof DeliveryError;
          if (!isSilence) throw error;
          onSilent({ witness: witness.name, tenant, size, reason: plainText(error.message, 300) });
          return [];
        }
      }),
    );
    return answers.flat();
  };
};
