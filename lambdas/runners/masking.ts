import { makeSecretReplacer } from './known-secrets';
import { hideLongWords, hideLooks } from './secret-looks';

/** What stands in place of a secret. */
export const masked = '(sensitive)';

/** An attribute of this name holds a secret, whatever its provider declares. */
export const soundsSecret = (name: string): boolean =>
  /(?:^|[^a-z])(?:pass(?:word|wd|phrase)|pwd|secret|token|private_?key|api_?key|access_?key|credentials?)(?:$|s$|[^a-z])/i.test(
    name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'),
  );

/** An attribute of this name is meant to be shown, however random its value looks: an id, a digest, something public. */
const soundsOpen = (name: string): boolean =>
  /(?:^|[^a-z])(?:id|ids|arn|arns|hash|digest|sha\d*|base64sha\d+|md5|checksum|fingerprint|thumbprint|etag|public_?key|host_?keys?|certificate(?:_?(?:body|chain|authority|pem))?|ca_?(?:cert|data)|version)$/i.test(
    name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'),
  );

/** Hides secrets in a text; `name` is that of the attribute it is the value of, where it is one. */
export type Mask = (text: string, name?: string) => string;

/** All strings and numbers inside a value. */
export const scalarsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(scalarsOf);
  return [];
};

/** Base64 inside base64 inside base64: deeper, nobody put it there by accident. */
const deepest = 3;

/** Hides the given secrets and everything that looks like one, also inside base64. Values under 4 characters are no secrets. */
export const makeMask = (secrets: Iterable<string>): Mask => {
  const hideKnown = makeSecretReplacer(secrets, masked);
  const hide = (text: string, name: string | undefined, depth: number): string =>
    hideLongWords(hideLooks(hideKnown(text), masked), masked, {
      isSecret: (inside) => depth < deepest && hide(inside, undefined, depth + 1) !== inside,
      mayBeRandom: name !== undefined && soundsOpen(name),
    });
  return (text, name) => hide(text, name, 1);
};
