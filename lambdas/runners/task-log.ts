import { type Mask, makeMask } from './masking';

const limitBytes = 8 * 1024 * 1024;

/** What the tools of one task said, and the secrets that must not be read in it. */
export interface TaskLog {
  /** From now on these values are hidden, in what was said before too. */
  hide(secrets: Iterable<string>): void;
  write(text: string): void;
  mask: Mask;
  /** Everything, masked. */
  text(): string;
}

export const makeTaskLog = (secrets: Iterable<string> = []): TaskLog => {
  const hidden = new Set(secrets);
  let mask = makeMask(hidden);
  const parts: string[] = [];
  let bytes = 0;
  return {
    hide: (more) => {
      for (const secret of more) hidden.add(secret);
      mask = makeMask(hidden);
    },
    write: (text) => {
      if (bytes > limitBytes) return;
      bytes += Buffer.byteLength(text);
      parts.push(
        bytes > limitBytes ? '\n(the rest of this log was left out: it is longer than 8 MiB)\n' : text,
      );
    },
    mask: (text, name) => mask(text, name),
    text: () => mask(parts.join('')),
  };
};
