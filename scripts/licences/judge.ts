/** A package in package-lock.json, by its folder. */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Licences that ask for no more than to be named. */
const shipped = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
]);
/** Of tools that leave no trace in what is shipped. */
const ofTools = new Set([...shipped, 'CC-BY-4.0', 'MPL-2.0']);

/** Programs for other platforms, of which the lock file does not know the licence: that of their family. */
const families: readonly (readonly [prefix: string, licence: string])[] = [
  ['node_modules/@biomejs/cli-', 'MIT OR Apache-2.0'],
  ['node_modules/@swc/core-', 'Apache-2.0'],
  ['node_modules/@unrs/resolver-binding-', 'MIT'],
];

/** An SPDX expression with OR and AND, as packages use it: one of the choices has to be allowed whole. */
const isAllowed = (expression: string, allowed: ReadonlySet<string>): boolean =>
  expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowed.has(licence)));

/** A sentence about each package whose licence nobody allowed. */
export const refusedLicences = (packages: Readonly<Record<string, LockedPackage>>): string[] =>
  Object.entries(packages)
    .filter(([folder]) => folder !== '')
    .flatMap(([folder, { license, dev }]) => {
      const known = license ?? families.find(([prefix]) => folder.startsWith(prefix))?.[1];
      if (known === undefined) return [`${folder} states no licence.`];
      return isAllowed(known, dev ? ofTools : shipped)
        ? []
        : [
            `${folder} has the licence ${known}, which is not allowed for ${dev ? 'tools' : 'what is shipped'}.`,
          ];
    });
