import { z } from 'zod';

export interface Block {
  /** Argument or nested block by name; `true` where it holds a value or blocks that are not listed. */
  readonly [name: string]: Block | true;
}

const block: z.ZodType<Block> = z.lazy(() => z.record(z.string(), z.union([z.literal(true), block])));
/** What a resource or data source of the AWS provider takes and has. */
const resourceSchema = z.strictObject({
  arguments: block,
  /** What can be read of it, arguments included. */
  attributes: z.array(z.string()),
});
type ResourceSchema = z.infer<typeof resourceSchema>;

export const awsSchema = z.strictObject({
  /** The npm package that the names were taken from. */
  source: z.string(),
  /** By type; data sources as `data.<type>`. */
  types: z.record(z.string(), resourceSchema),
});
export type AwsSchema = z.infer<typeof awsSchema>;

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const interfacePattern = /^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm;
/** The documentation names an argument as the provider does; the property's own name is in camel case. */
const propertyPattern = /docs\/(?:resources|data-sources)\/\w+#(\w+)[\s\S]*?readonly \w+\??: ([^;]+);/g;

/** The arguments, blocks and attributes of one type, from the typings that cdktf generated for it. */
export const readTypings = (text: string): ResourceSchema => {
  const interfaces = new Map([...text.matchAll(interfacePattern)].map(([, name, body]) => [name, body]));
  const argumentsOf = (name: string): Block =>
    Object.fromEntries(
      [...(interfaces.get(name) ?? '').matchAll(propertyPattern)].map(([, argument, type]) => {
        const nested = (type ?? '').split('|').map((part) => part.trim().replace(/\[\]$/, ''));
        const known = nested.find((part) => interfaces.has(part));
        return [argument ?? '', known === undefined ? true : argumentsOf(known)];
      }),
    );
  const config = /constructor\(scope: Construct, id: string, config\??: (\w+)\)/.exec(text)?.[1];
  const owner = text.slice(text.indexOf('static readonly tfResourceType'));
  return {
    arguments: config === undefined ? {} : argumentsOf(config),
    attributes: [...owner.matchAll(/^ {4}get (\w+)\(\)/gm)]
      .map(([, name]) => snakeCase(name ?? ''))
      .filter((name) => !name.endsWith('_input'))
      .sort(),
  };
};
