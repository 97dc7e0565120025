/**
 * Looks of secrets that nobody declared: the second net, below a plan's own marks. Prefixes and lengths are those of
 * gitleaks 8.30 (config/gitleaks.toml, MIT licence). Every pattern is linear: hostile output must not cost time.
 */
const looks: readonly RegExp[] = [
  // Keys in PEM and OpenPGP armour, also when they were cut off or stand in JSON.
  /-----BEGIN[ A-Z0-9_-]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END[ A-Z0-9_-]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/,
  /AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}/,
  // Clouds: AWS key ids and Bedrock keys, Google, Azure, DigitalOcean.
  /(?<![A-Z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])/,
  /ABSK[A-Za-z0-9+/]{109,269}={0,2}/,
  /AIza[\w-]{35}/,
  /[\w~.]{3}\dQ~[\w~.-]{31,34}/,
  /do[opr]_v1_[a-f0-9]{64}/,
  // Code hosts and registries.
  /gh[pousr]_[A-Za-z0-9]{36,255}/,
  /github_pat_\w{82}/,
  /gl(?:pat|dt|rt|cbt|ptt|oas|soat)-[\w.-]{20,300}/,
  /npm_[A-Za-z0-9]{36}/,
  /pypi-AgEIcHlwaS5vcmc[\w-]{50,1000}/,
  /dckr_(?:pat|oat)_[\w-]{27,64}/,
  // Services.
  /xox[abeoprs]-[\w-]{10,250}/,
  /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/]{20,80}/,
  /(?:sk|rk)_(?:test|live|prod)_[A-Za-z0-9]{10,99}/,
  /sk-(?:ant|proj|svcacct|admin)-?[\w-]{40,200}/,
  /sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}/,
  /SG\.[\w=.-]{66}/,
  /hf_[A-Za-z]{34}/,
  /hv[sb]\.[\w-]{24,300}/,
  /[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}/,
  /glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}/,
  /dapi[a-f0-9]{32}/,
  /dp\.(?:pt|st|ct|sa)\.[\w.-]{40,80}/,
  // Tokens of any issuer, and what an HTTP client sends.
  /ey[A-Za-z0-9_-]{10,2000}\.[\w-]{10,8000}\.[\w-]{0,2000}/,
  /(?:[Bb]earer|[Bb]asic) [A-Za-z0-9+/=._~-]{8,4096}/,
  // Password hashes: crypt, bcrypt, yescrypt, scrypt, argon2, PBKDF2, LDAP.
  /\$(?:1|5|6|7|y|gy|apr1|2[abxy]?|argon2(?:id?|d)|pbkdf2[a-z0-9-]{0,16}|scrypt)\$[./A-Za-z0-9$=,+-]{20,300}/,
  /\{S?(?:SHA|SHA256|SHA512|MD5)\}[A-Za-z0-9+/=]{16,200}/,
];
const anyLook = new RegExp(looks.map(({ source }) => source).join('|'), 'g');

/** The name of a secret and what follows it; an ARN of Secrets Manager (`…:123456789012:secret:name`) only names one. */
const assignment =
  /(?<!:\d{12}:)((?:pass(?:word|wd|phrase)|pwd|secret(?:_?key)?|(?:api|access|account|shared_?access|private|encryption)_?key|(?:auth|access|refresh|id|api|session)_?token)\\{0,8}["']?\s{0,4}(?:=>|[:=])\s{0,4})("[^"]{1,4096}"|'[^']{1,4096}'|\\{0,8}["']?[^\s"',;}&]{4,4096})/gi;
const urlCredentials = /(:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,256}@/g;

/** Hides what looks like a secret in a text, wherever it stands. */
export const hideLooks = (text: string, replacement: string): string =>
  text
    .replace(anyLook, replacement)
    .replace(assignment, (whole, name: string, value: string) =>
      value.includes(replacement) ? whole : `${name}${replacement}`,
    )
    .replace(urlCredentials, `$1${replacement}@`);

/** Public however random they look: certificates, public keys, and digests that say what they are. */
const openlyRandom = [
  /-----BEGIN (?:CERTIFICATE|CERTIFICATE REQUEST|X509 CRL|[A-Z]{0,10} ?PUBLIC KEY)-----[A-Za-z0-9+/=\\\s]{0,40000}/,
  /(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp\d{3}|sk-ssh-ed25519@openssh\.com) AAAA[A-Za-z0-9+/=]{20,2000}/,
  /(?:sha(?:1|256|384|512)[-:]|SHA256:|[hz]\d:)[A-Za-z0-9+/_-]{20,90}={0,2}/,
];
/** Base64 in lines, as mail and PEM break them, then any long word. */
const wrapped = /(?:[A-Za-z0-9+/]{64}\r?\n|[A-Za-z0-9+/]{76}\r?\n){1,2000}[A-Za-z0-9+/]{1,76}={0,2}/;
/** Longer ones are looked at piece by piece; a whole number of base64 groups each. */
const word = /[A-Za-z0-9+/_-]{16,8192}={0,2}/;
const longWords = new RegExp(
  `(${openlyRandom.map(({ source }) => source).join('|')})|${wrapped.source}|${word.source}`,
  'g',
);

/** At least 99 of 100 keys of 40 random characters pass, and no name in masking.test.ts does. */
const random = { leastLength: 20, leastMixed: 10, leastRuns: 4, shortRuns: 0.6 } as const;

/**
 * Whether a word was drawn and not named: its runs of small letters and of digits are mostly one or two long, as by
 * chance. Entropy alone takes names such as `AWSReservedSSO_AdministratorAccess` for keys. Only pieces that mix
 * small letters, capitals and digits count, so hexadecimal digests, UUIDs and resource ids never do.
 */
export const looksRandom = (text: string): boolean => {
  if (text.length < random.leastLength) return false;
  const mixed = text
    .split(/[^A-Za-z0-9]+/)
    .filter((piece) => /[a-z]/.test(piece) && /[A-Z]/.test(piece) && /\d/.test(piece));
  if (mixed.join('').length < random.leastMixed) return false;
  const runs = mixed.flatMap((piece) => piece.match(/[a-z]+|\d+/g) ?? []);
  const short = runs.filter((run) => run.length <= 2).length;
  return runs.length >= random.leastRuns && short >= runs.length * random.shortRuns;
};

/** The text that a word is the base64 of, if it is of any. */
const decoded = (base64: string): string | undefined => {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  return /(?![\n\r\t])\p{Cc}|\ufffd/u.test(text) ? undefined : text;
};

/**
 * Hides long words that are base64 of something `isSecret`, and those that look random unless their place says that
 * they are meant to be shown.
 */
export const hideLongWords = (
  text: string,
  replacement: string,
  options: { isSecret: (inside: string) => boolean; mayBeRandom: boolean },
): string =>
  text.replace(longWords, (found: string, open: string | undefined) => {
    const inside = decoded(found);
    if (inside !== undefined) return options.isSecret(inside) ? replacement : found;
    if (open !== undefined || options.mayBeRandom) return found;
    return looksRandom(found) ? replacement : found;
  });
