import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractSchemas } from '../../scripts/contract-schemas';

const folder = join(__dirname, '../../docs/contracts');

test('the published schemas are those of the contracts', () => {
  const published = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  expect(published).toEqual(contractSchemas());
});

test('a schema asks for what a caller must give, and for no default', () => {
  const { oneOf } = JSON.parse(contractSchemas()['vm-provisioning.schema.json'] ?? '');
  expect(oneOf.map(({ required }: { required: string[] }) => [...required].sort())).toEqual(
    expect.arrayContaining([['module', 'reason', 'role', 'workspace']]),
  );
  const schema = oneOf.find(({ required }: { required: string[] }) => required.includes('module'));
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.approvalTimeoutSeconds.default).toBe(86400);
});
