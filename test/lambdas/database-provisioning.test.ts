import { checkInput } from '../../lambdas/begin-run/begin-run';
import { requireStartable } from '../../lambdas/begin-run/startable/workflows';
import {
  catalogueDigests,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
} from '../../lambdas/shared/catalogue';
import { InvalidInputError, NothingAppliedError } from '../../lambdas/shared/errors';
import type { AppliedContent } from '../../lambdas/shared/workspace-record';

const catalogue = {
  digests: catalogueDigests,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
};
const input = (more: object = {}) => ({
  workspace: 'demo/web-01',
  database: 'orders',
  team: 'shop-team',
  reason: 'A test',
  ...more,
});
const applied: AppliedContent = {
  runId: 'run-1',
  changeId: 'run-1-12345678',
  at: '2026-11-22T00:00:00.000Z',
  module: 'local-host',
  moduleDigest: 'a'.repeat(64),
  variables: { name: 'web-01' },
  role: 'web-service',
  roleDigest: 'b'.repeat(64),
  roleVariables: { web_service_port: 80 },
};
const contentOf = (more?: object, known: AppliedContent | undefined = applied) =>
  requireStartable('database-provisioning')
    .read(input(more))
    .contentOf({ catalogue, ...(known && { applied: known }) });

test('a run of it is about the host as it was applied, and the role with what was given', () => {
  expect(contentOf({ consumers: ['shop'], allowedNetworks: ['10.0.0.0/16'], port: 5433 })).toMatchObject({
    module: 'local-host',
    variables: { name: 'web-01' },
    role: 'postgresql-database',
    roleVariables: {
      postgresql_database_name: 'orders',
      postgresql_database_port: 5433,
      postgresql_database_allowed_networks: ['10.0.0.0/16'],
      postgresql_database_team: 'shop-team',
      postgresql_database_consumers: ['shop'],
      postgresql_database_rotation_days: 90,
    },
    upgrade: false,
  });
});

test.each([
  ['quotes in the name', { database: 'orders"; DROP DATABASE shop; --' }],
  ['capital letters', { database: 'Orders' }],
  ['a name that is too long', { database: 'o'.repeat(41) }],
  ['a name that PostgreSQL keeps', { database: 'postgres' }],
  ['a word of pg_hba.conf', { database: 'all' }],
  ['a prefix that PostgreSQL keeps', { database: 'pg_orders' }],
  ['a port of the system', { port: 80 }],
  ['a network that is none', { allowedNetworks: ['0.0.0.0/0 trust'] }],
  ['a tag with a line break', { team: 'shop\nteam' }],
  ['more consumers than a tag holds', { consumers: Array.from({ length: 4 }, () => 'c'.repeat(100)) }],
  ['a password', { password: 'hunter2-hunter2-hunter2' }],
  ['a host that is an option', { host: '-oProxyCommand=id' }],
])('refuses %s before anything starts', (_, more) => {
  expect(() => checkInput('database-provisioning', input(more), catalogue)).toThrow(InvalidInputError);
});

test('a workspace without a host is told what to start first', () => {
  const without = () => requireStartable('database-provisioning').read(input()).contentOf({ catalogue });
  expect(without).toThrow(NothingAppliedError);
  expect(without).toThrow(/demo\/web-01/);
});

test('a workspace that is brought to the role itself keeps its own variables', () => {
  expect(() => contentOf({}, { ...applied, role: 'postgresql-database' })).toThrow(/with vm-provisioning/);
});

test('a run that failed is resumed by previewing the role anew', () => {
  expect(requireStartable('database-provisioning').entries).toEqual(['plan']);
});
