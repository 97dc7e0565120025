import { configurationInForce as contract } from '../../../lambdas/record-configuration/contract';
import { configurationInForce } from '../../../lib/config/in-force';
import { environment } from '../../support/infra-app';

const poc = configurationInForce(environment('poc'));

test('is digests, so that nobody is named', () => {
  expect(contract.parse(poc)).toEqual(poc);
  expect(JSON.stringify(poc)).not.toContain('alex');
});

test('is the same for the same configuration', () => {
  expect(configurationInForce(environment('poc'))).toEqual(poc);
});

test('tells by its part what is another', () => {
  const changed = configurationInForce(
    environment('poc', (input) => ({ ...input, access: { operator: { assumedBy: ['root'] } } })),
  );
  expect(changed).toEqual({ ...poc, roles: { ...poc.roles, access: changed.roles.access } });
  expect(changed.roles.access).not.toBe(poc.roles.access);
});
