import type { AwsSchema, Block } from './aws-schema';
import type { ModuleBlocks } from './module-blocks';

/** What every resource takes, of whatever provider. */
const metaArguments = new Set(['count', 'depends_on', 'for_each', 'lifecycle', 'provider']);
const reference = /(?<![\w.])((?:data\.)?aws_\w+)\.\w+(?:\[[^\]]*\])?\.([a-z_]\w*)/g;

const unknownArguments = (given: Readonly<Record<string, unknown>>, known: Block, path: string): string[] =>
  Object.entries(given).flatMap(([name, value]) => {
    // The parser's own notes.
    if (/^__\w+_line__$/.test(name)) return [];
    const place = `${path}.${name}`;
    const expected = Object.hasOwn(known, name) ? known[name] : undefined;
    if (expected === undefined) return [`${place} is no argument of the provider`];
    if (expected === true || !Array.isArray(value)) return [];
    return value.flatMap((item: unknown) =>
      item !== null && typeof item === 'object'
        ? unknownArguments(item as Record<string, unknown>, expected, place)
        : [],
    );
  });

/** What a module names that the AWS provider does not have: types, arguments, blocks, attributes. */
export const unknownNames = ({ resources, texts }: ModuleBlocks, { types }: AwsSchema): string[] => {
  const wrongArguments = resources
    .filter(({ type }) => type.replace(/^data\./, '').startsWith('aws_'))
    .flatMap(({ type, name, body }) => {
      const schema = types[type];
      if (!schema) return [`${type}.${name} is of a type whose names are not known here`];
      const own = Object.entries(body).filter(([argument]) => !metaArguments.has(argument));
      return unknownArguments(Object.fromEntries(own), schema.arguments, `${type}.${name}`);
    });
  const wrongReferences = texts.flatMap((text) =>
    [...text.matchAll(reference)].flatMap(([whole, type, attribute]) =>
      types[type ?? '']?.attributes.includes(attribute ?? '') ? [] : [`${whole} cannot be read`],
    ),
  );
  return [...wrongArguments, ...new Set(wrongReferences)];
};
