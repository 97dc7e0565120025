import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsSchema, readTypings } from '../../../scripts/modules/aws-schema';
import { unknownNames } from '../../../scripts/modules/check-attributes';

const root = join(__dirname, '..', '..', '..');
const schema = awsSchema.parse(
  JSON.parse(readFileSync(join(root, 'terraform/aws-schema.generated.json'), 'utf8')),
);
const network = (body: Record<string, unknown>, texts: string[] = []) =>
  unknownNames({ resources: [{ type: 'aws_vpc', name: 'this', body }], texts }, schema);

test('takes arguments and blocks that the provider has, and what every resource takes', () => {
  expect(network({ cidr_block: ['10.0.0.0/16'], tags: ['${local.tags}'], for_each: ['${var.x}'] })).toEqual(
    [],
  );
  const encryption = {
    bucket: ['x'],
    rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: ['aws:kms'] }] }],
    __start_line__: 1,
  };
  const type = 'aws_s3_bucket_server_side_encryption_configuration';
  expect(unknownNames({ resources: [{ type, name: 'this', body: encryption }], texts: [] }, schema)).toEqual(
    [],
  );
  const misspelt = { rule: [{ apply_server_side_encryption_by_default: [{ sse_algoritm: ['aws:kms'] }] }] };
  expect(unknownNames({ resources: [{ type, name: 'this', body: misspelt }], texts: [] }, schema)).toEqual([
    `${type}.this.rule.apply_server_side_encryption_by_default.sse_algoritm is no argument of the provider`,
  ]);
});

test('names what the provider does not have', () => {
  expect(network({ cidr: ['10.0.0.0/16'] })).toEqual(['aws_vpc.this.cidr is no argument of the provider']);
  expect(network({}, ['${aws_vpc.this.idd} ${aws_vpc.this.id} ${data.aws_region.current.region}'])).toEqual([
    'aws_vpc.this.idd cannot be read',
  ]);
  expect(network({}, ['${aws_eip.nat[each.key].ip}'])).toEqual(['aws_eip.nat[each.key].ip cannot be read']);
  const unknown = { resources: [{ type: 'aws_vcp', name: 'this', body: {} }], texts: [] };
  expect(unknownNames(unknown, schema)).toEqual(['aws_vcp.this is of a type whose names are not known here']);
});

test('reads names from typings: of arguments as the provider writes them, of blocks at any depth', () => {
  const doc = (name: string) => `  /** {@link https://x/docs/resources/box#${name} Box#${name}} */\n`;
  const typings = [
    `export interface BoxConfig extends cdktf.X {\n${doc('side_length')}  readonly sideLength?: number;\n${doc('lid')}  readonly lid?: BoxLid[] | cdktf.IResolvable;\n}`,
    `export interface BoxLid {\n${doc('is_open')}  readonly isOpen?: boolean;\n}`,
    'export declare class Box {\n    static readonly tfResourceType = "aws_box";\n    constructor(scope: Construct, id: string, config?: BoxConfig);\n    get sideLength(): number;\n    get sideLengthInput(): number;\n    get arn(): string;\n}',
  ].join('\n');
  expect(readTypings(typings)).toEqual({
    arguments: { side_length: true, lid: { is_open: true } },
    attributes: ['arn', 'side_length'],
  });
});

test('the schema knows every type that a module names', () => {
  const named = readdirSync(join(root, 'terraform/modules')).flatMap((name) => {
    const text = readFileSync(join(root, 'terraform/modules', name, 'main.tf'), 'utf8');
    return [...text.matchAll(/^(resource|data) "(aws_\w+)"/gm)].map(([, kind, type]) =>
      kind === 'data' ? `data.${type}` : `${type}`,
    );
  });
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((type) => !Object.hasOwn(schema.types, type))).toEqual([]);
});
