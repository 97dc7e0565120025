import type { Entry } from './inventory';
import { types } from './types';

export type Environments = Readonly<Record<string, readonly Entry[]>>;

const short = (type: string): string => type.replace(/^AWS::/, '');
const dollars = (amount: number): string => (amount === 0 ? '' : amount.toFixed(2));
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** One text where all environments say the same, else each by its name. */
const merged = (said: readonly (readonly [string, string])[]): string => {
  const values = new Set(said.map(([, text]) => text));
  return values.size === 1
    ? (said[0]?.[1] ?? '')
    : said.map(([environment, text]) => `${environment}: ${text || 'none'}`).join('<br>');
};

const listedRows = (all: Environments, stack: string): string[][] => {
  const names = Object.keys(all);
  const found = new Map<string, [[string, Entry], ...[string, Entry][]]>();
  for (const [environment, entries] of Object.entries(all))
    for (const entry of entries)
      if (entry.stack === stack && types[entry.type]?.listed) {
        const key = `${entry.type} ${entry.path}`;
        const before = found.get(key);
        if (before) before.push([environment, entry]);
        else found.set(key, [[environment, entry]]);
      }
  return [...found.values()]
    .sort(([[, one]], [[, other]]) =>
      `${one.type} ${one.path}`.localeCompare(`${other.type} ${other.path}`, 'en'),
    )
    .map((same) => {
      const [[, { path, type, purpose, exposed }]] = same;
      const each = (of: (entry: Entry) => string) =>
        merged(same.map(([environment, entry]) => [environment, of(entry)] as const));
      const only = same.length === names.length ? '' : ` (${same.map(([name]) => name).join(', ')} only)`;
      return [
        `\`${path}\`${only}`,
        short(type),
        purpose,
        each(({ encryption }) => encryption),
        each(({ retention }) => retention),
        exposed || 'no',
        each(({ idleDollars }) => dollars(idleDollars)),
      ];
    });
};

const countedRows = (all: Environments): string[][] =>
  Object.entries(types)
    .filter(([, { listed }]) => !listed)
    .map(([type, { purpose, unitPrice }]) => {
      const counts = Object.values(all).map((entries) => entries.filter((entry) => entry.type === type));
      const retention = new Set(counts.flat().map((entry) => entry.retention));
      return [
        short(type),
        ...counts.map((entries) => String(entries.length)),
        purpose,
        [...retention].filter(Boolean).join('<br>'),
        unitPrice || 'free',
        ...counts.map((entries) => dollars(entries.reduce((sum, { idleDollars }) => sum + idleDollars, 0))),
      ];
    })
    .filter((cells) => cells.slice(1, 1 + Object.keys(all).length).some((count) => count !== '0'));

const priceRows = (all: Environments): string[][] => {
  const used = new Set(Object.values(all).flatMap((entries) => entries.map(({ type }) => type)));
  return Object.entries(types)
    .filter(([type, { listed, unitPrice }]) => listed && unitPrice && used.has(type))
    .map(([type, { unitPrice }]) => [short(type), unitPrice]);
};

const head = (names: readonly string[]): string => `# Resources in AWS

Everything that a deployment makes, read from the templates of ${names.map((name) => `\`${name}\``).join(' and ')} by \`npm run resources\`; \`npm run check\`
fails when this page is not what they say, or when a resource of a new kind says neither what it is for nor what it
costs. Dollars are list prices of eu-central-1 and were not confirmed by a bill: see [costs](costs.md), which adds up
the same figures. What may do what is in [identities](identities.md).

**Exposed** tells who can reach a resource without an identity of the account; *no* means IAM alone. **Encryption** names
the key of the account; *the service’s key* is one that AWS holds. Every bucket refuses public access, and buckets, topics and
queues refuse whatever does not come over TLS.`;

/** The page, from what each environment has. */
export const resourcesPage = (all: Environments): string => {
  const names = Object.keys(all);
  const stacks = [...new Set(Object.values(all).flatMap((entries) => entries.map(({ stack }) => stack)))];
  const sums = Object.entries(all).map(([name, entries]) => {
    const sum = entries.reduce((total, { idleDollars }) => total + idleDollars, 0);
    return `\`${name}\` ${entries.length} resources, ${sum.toFixed(2)} USD a month while nothing runs`;
  });
  return `${[
    head(names),
    `In all: ${sums.join('; ')}.`,
    ...stacks.map(
      (stack) =>
        `## Stack \`${stack}\`\n\n${table(['resource', 'type', 'what for', 'encryption', 'kept', 'exposed', 'USD a month, idle'], listedRows(all, stack))}`,
    ),
    `## Parts of these\n\n${table(['type', ...names, 'what for', 'kept', 'USD', ...names.map((name) => `${name}, idle`)], countedRows(all))}`,
    `## What use costs\n\n${table(['type', 'USD'], priceRows(all))}`,
  ].join('\n\n')}\n`;
};
