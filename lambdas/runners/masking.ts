/** What stands in place of a secret. */
export const masked = '(sensitive)';

/** Looks of secrets that nobody declared. Linear patterns: hostile output must not cost time. */
const detectors: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[\w-]{10,2000}\.[\w-]{10,8000}\.[\w-]{0,2000}/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\$(?:5|6|y|2[aby])\$[./A-Za-z0-9$=,]{20,200}/g,
];
const assignment =
  /((?:pass(?:word|wd|phrase)|secret(?:_?key)?|api_?key|access_?key|auth_?token|private_?key)["']?\s{0,4}[:=]\s{0,4}["']?)([^\s"',;}]{4,4096})/gi;
const urlCredentials = /(:\/\/[^\s/:@]{1,256}:)[^\s/@]{1,256}@/g;

/** An attribute of this name holds a secret, whatever its provider declares. */
export const soundsSecret = (name: string): boolean =>
  /(?:^|[^a-z])(?:pass(?:word|wd|phrase)|pwd|secret|token|private_?key|api_?key|access_?key|credentials?)(?:$|s$|[^a-z])/i.test(
    name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'),
  );

export type Mask = (text: string) => string;

/** All strings and numbers inside a value. */
export const scalarsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(scalarsOf);
  return [];
};

/** The forms in which tools print one value: as it is, line by line, in JSON, in base64. */
const formsOf = (secret: string): string[] => [
  secret,
  ...secret.split('\n'),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
];

/** Hides the given secrets, longest first, and everything that looks like one. Values under 4 characters are no secrets. */
export const makeMask = (secrets: Iterable<string>): Mask => {
  const known = [...new Set([...secrets].flatMap(formsOf))]
    .filter((form) => form.trim().length >= 4)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of known) clean = clean.replaceAll(secret, masked);
    for (const detector of detectors) clean = clean.replace(detector, masked);
    return clean.replace(assignment, `$1${masked}`).replace(urlCredentials, `$1${masked}@`);
  };
};
