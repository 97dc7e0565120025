import * as z from 'zod';

/** What the rules compare with, as `data.json` beside them has it. */
const settingsFile = z.strictObject({ settings: z.record(z.string(), z.json()) });
type Settings = z.infer<typeof settingsFile>['settings'];

const parse = (file: string, bytes: Uint8Array | undefined): Settings => {
  try {
    return settingsFile.parse(JSON.parse(Buffer.from(bytes ?? []).toString('utf8'))).settings;
  } catch (cause) {
    throw new Error(`policies/plan/${file} must be {"settings": {…}}`, { cause });
  }
};

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'a list' : `a ${typeof value}`);

/**
 * The settings of an environment: each that it names replaces the one that stands for all.
 *
 * @throws Error naming the setting that no rule knows (it would silently do nothing), or that is of another kind.
 */
export const settingsOf = (
  file: string,
  base: Uint8Array | undefined,
  own: Uint8Array | undefined,
): Buffer => {
  const settings = parse('data.json', base);
  for (const [name, value] of Object.entries(parse(file, own))) {
    const known = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (known === undefined)
      throw new Error(
        `policies/plan/${file} sets "${name}", which policies/plan/data.json does not have. Known: ${Object.keys(settings).join(', ')}`,
      );
    if (kindOf(known) !== kindOf(value))
      throw new Error(
        `policies/plan/${file} sets "${name}" to ${kindOf(value)}; in policies/plan/data.json it is ${kindOf(known)}`,
      );
    settings[name] = value;
  }
  return Buffer.from(`${JSON.stringify({ settings }, null, 2)}\n`);
};
