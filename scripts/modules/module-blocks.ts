import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

/** One resource or data source as its module writes it. */
export interface ResourceBlock {
  /** `aws_vpc`, or `data.aws_region`. */
  readonly type: string;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ModuleBlocks {
  readonly resources: readonly ResourceBlock[];
  /** Every text of the module, expressions among them. */
  readonly texts: readonly string[];
}

const byTypeAndName = z.array(z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))));
const files = z.record(
  z.string(),
  z.looseObject({ resource: byTypeAndName.default([]), data: byTypeAndName.default([]) }),
);

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
};

/** A module's blocks, read without a provider. `python` is that of the linters' environment, which brings a parser. */
export const readModuleBlocks = (python: string, folder: string): ModuleBlocks => {
  const output = execFileSync(python, [join(__dirname, 'read-hcl.py'), folder], { encoding: 'utf8' });
  const parsed = files.parse(JSON.parse(output));
  const blocksOf = (given: z.infer<typeof byTypeAndName>, prefix: string): ResourceBlock[] =>
    given.flatMap((types) =>
      Object.entries(types).flatMap(([type, named]) =>
        Object.entries(named).map(([name, body]) => ({ type: `${prefix}${type}`, name, body })),
      ),
    );
  return {
    resources: Object.values(parsed).flatMap(({ resource, data }) => [
      ...blocksOf(resource, ''),
      ...blocksOf(data, 'data.'),
    ]),
    texts: textsIn(parsed),
  };
};
