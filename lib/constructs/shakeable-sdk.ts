import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const scope = '@aws-sdk';

/**
 * A client's shapes with their keys spelled out: `{ [_hH]: _ET }` becomes `{ "httpHeader": _ET }`.
 *
 * To a bundler a computed key may run code, so it keeps every shape of the service that has one, used or not.
 */
export const spellOutKeys = (schemas: string): string => {
  const constants = new Map(
    [...schemas.matchAll(/^const (_\w*) = ("[^"\\\n]*");$/gm)].map(([, name, literal]) => [name, literal]),
  );
  return schemas.replaceAll(/\[(_\w*)\]: /g, (computed, name: string) => {
    const literal = constants.get(name);
    // Spelled out, this one key would set the prototype.
    return literal === undefined || literal === '"__proto__"' ? computed : `${literal}: `;
  });
};

/**
 * What a client reads of its own package at run time, its version, and what a bundler does. The rest (its
 * dependencies, its scripts) would be part of every bundle.
 */
export const shortManifest = (manifest: string): string => {
  const { name, version, sideEffects } = JSON.parse(manifest) as Record<string, unknown>;
  return JSON.stringify({ name, version, sideEffects });
};

/** Beside its target until it is whole: another synth may make the same copy now. */
const copyOnce = (source: string, target: string): void => {
  if (existsSync(target)) return;
  const building = `${target}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  const manifest = readFileSync(join(source, 'package.json'), 'utf8');
  writeFileSync(join(building, 'package.json'), shortManifest(manifest));
  cpSync(join(source, 'dist-es'), join(building, 'dist-es'), { recursive: true });
  const schemas = join(building, 'dist-es/schemas/schemas_0.js');
  writeFileSync(schemas, spellOutKeys(readFileSync(schemas, 'utf8')));
  try {
    renameSync(building, target);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
};

/**
 * Copies of the installed AWS clients from which a bundler can leave out what is not used, made once per version.
 *
 * @returns the copies' entries by package name, for a bundler's aliases
 */
export const shakeableSdk = (root: string, folder: string): Record<string, string> => {
  const installed = join(root, 'node_modules', scope);
  if (!existsSync(installed)) return {};
  return Object.fromEntries(
    readdirSync(installed)
      .filter((name) => existsSync(join(installed, name, 'dist-es/schemas/schemas_0.js')))
      .filter((name) => name.startsWith('client-'))
      .map((name) => {
        const source = join(installed, name);
        const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
          version: string;
        };
        const copy = join(folder, `${name}-${version}`);
        copyOnce(source, copy);
        return [`${scope}/${name}`, join(copy, 'dist-es/index.js')];
      }),
  );
};
