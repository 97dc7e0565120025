import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { orchestratorCommands } from '../../cli/orchestrator-options';
import { isElsewhere } from '../../lib/config/targets';
import { targetRoleArn, targetTrust } from '../../lib/constructs/target-trust';
import { assess, describedEnvironment } from '../../scripts/identities/assess';
import { identitiesTables, peopleTables, undescribed, withTables } from '../../scripts/identities/page';
import { peopleIdentities, type SensitiveAction } from '../../scripts/identities/sensitive-actions';
import { lostGrants, violations } from '../../scripts/identities/violations';
import { toolchain } from '../support/emulator-fixture';
import { environment as environmentWith } from '../support/infra-app';

jest.setTimeout(120_000);

let assessed: ReturnType<typeof assess>;
beforeAll(async () => {
  const { pythonBin } = await toolchain();
  assessed = assess(describedEnvironment(), pythonBin);
}, 600_000);

describe('in prod, where people sign in', () => {
  test('every role may do what is meant for it, and nobody else may', () => {
    const { answers, roles } = assessed;
    expect(roles.length).toBeGreaterThan(40);
    expect(answers.length).toBeGreaterThan(50);
    expect(violations(answers)).toEqual([]);
  });

  test('every role has a boundary, and none takes away what a policy grants', () => {
    const { roles } = assessed;
    expect(roles.filter(({ boundary }) => !boundary)).toEqual([]);
    const { lost, tried } = lostGrants(assessed);
    expect(lost).toEqual([]);
    expect(tried).toBeGreaterThan(500);
  });

  test('whoever may do something sensitive is described', () => {
    expect(undescribed(assessed.answers)).toEqual([]);
  });
});

const pageCalled = (name: string): string => readFileSync(join(__dirname, '../../docs', name), 'utf8');

test('the pages tell what is so now', () => {
  const identities = pageCalled('identities.md');
  expect(withTables(identities, identitiesTables(assessed.answers))).toBe(identities);
  const roles = pageCalled('roles.md');
  expect(withTables(roles, peopleTables(assessed.answers, assessed.commands()))).toBe(roles);
});

describe('people', () => {
  const people = Object.values(peopleIdentities);
  const answersTo = (what: RegExp) => {
    const asked = assessed.answers.filter((one) => what.test(one.asked.what));
    expect(asked.length).toBeGreaterThan(0);
    return asked.flatMap(({ asked: { what: action }, decisions }) =>
      people.map((name) => `${name} ${action}: ${decisions.get(name)}`),
    );
  };

  test.each([
    /^(resume|fail) a waiting run$/,
    /^(record a decision|ask for an approval|delete one|read approvals, .*)$/,
    /^(append to the ledger|change an entry|delete an entry|copy to the audit bucket|delete a copy|delete a locked copy)$/,
    /^(read|write) that of (its workspace|another)$/,
    /^(read the key that signs forms|read the secret of our client at the provider)$/,
    /^change a (workflow|function) without deploying$/,
    /^be lent what (plans|applies)$/,
    /^become /,
    /^(make|widen) a role$/,
  ])('none may ever: %s', (what) => {
    expect(answersTo(what).filter((answer) => !answer.endsWith(': Deny'))).toEqual([]);
  });

  test('whoever may do everything in another account may do nothing here', () => {
    expect(assessed.answers.filter(({ stranger }) => stranger === 'Allow')).toEqual([]);
  });

  test('every command of the operator is somebody’s', () => {
    const commands = assessed.commands();
    expect([...commands].filter(([, may]) => may.length === 0)).toEqual([]);
    const names = new Set([...commands.keys()].map((command) => command.split(' ')[0]));
    expect([...names, 'example'].sort()).toEqual([...orchestratorCommands].sort());
  });
});

describe('with accounts of tenants and repositories on GitHub', () => {
  const config = environmentWith('prod', (input) => ({
    ...input,
    channels: describedEnvironment().channels,
    targets: [
      { workspaces: 'tenant-a/*', account: '222233334444', externalId: 'id-of-tenant-a-1' },
      { workspaces: 'tenant-b/*', account: '555566667777', externalId: 'id-of-tenant-b-1' },
    ],
    runner: { ...input.runner, sources: [{ repository: 'https://github.com/team/' }] },
    github: {
      mappings: [
        {
          repository: 'team/work',
          branch: 'main',
          path: 'web',
          workspace: 'tenant-a/web',
          input: { module: 'own-web' },
        },
      ],
    },
  }));
  const [a, b] = config.targets.filter(isElsewhere);
  if (!a || !b) throw new Error('no targets');
  const broker = (purpose: 'Plan' | 'Apply') => {
    const found = assessed.roles.find(({ name }) => name === `Runner/${purpose}Credentials/Step`);
    if (!found) throw new Error(`no broker of ${purpose}`);
    return found;
  };
  let simulate: ReturnType<typeof assess>['simulate'];
  let roles: ReturnType<typeof assess>['roles'];
  let connected: ReturnType<typeof assess>;
  beforeAll(async () => {
    const { pythonBin } = await toolchain();
    const trusts = [a, b].flatMap((one) => [
      [targetRoleArn(one, 'plan'), targetTrust(one, broker('Plan').arn)],
      [targetRoleArn(one, 'apply'), targetTrust(one, broker('Apply').arn)],
    ]);
    connected = assess(config, pythonBin, Object.fromEntries(trusts));
    ({ simulate, roles } = connected);
  });

  test('what GitHub calls starts the mapped workflow and previews, and nothing sensitive', () => {
    expect(violations(connected.answers)).toEqual([]);
    expect(lostGrants(connected).lost).toEqual([]);
    const asked = roles
      .filter(({ name }) => name.startsWith('Github/'))
      .flatMap((role) =>
        ['vm-provisioning', 'plan-preview', 'decommission', 'set-freeze', 'terraform-apply'].map(
          (workflow) => ({
            role,
            action: 'states:StartExecution',
            resource: `arn:aws:states:${config.region}:${role.arn.split(':')[4]}:stateMachine:orchestrator-${config.name}-${workflow}`,
          }),
        ),
      );
    const decisions = simulate(asked);
    expect(
      asked
        .filter((_, index) => decisions[index] === 'Allow')
        .map(({ role, resource }) => `${role.name} ${resource.split(`orchestrator-${config.name}-`).at(-1)}`),
    ).toEqual(['Github/Receive vm-provisioning', 'Github/Receive plan-preview']);
  });

  test('a role in the account of a tenant is reached by one broker alone, with the tenant’s id and in the tenant’s name', () => {
    const asked = roles.flatMap((role) =>
      [a, b].flatMap((target) =>
        [a.externalId, b.externalId, null].flatMap((externalId) =>
          ['tenant-a', 'tenant-b'].map((tenant) => ({
            role,
            action: 'sts:AssumeRole',
            resource: targetRoleArn(target, 'apply'),
            context: { 'aws:RequestTag/tenant': tenant, ...(externalId && { 'sts:ExternalId': externalId }) },
          })),
        ),
      ),
    );
    const decisions = simulate(asked);
    const admitted = asked.filter((_, index) => decisions[index] === 'Allow');
    expect(
      admitted.map(({ role, resource, context }) => [role.name, resource, Object.values(context)]),
    ).toEqual([
      ['Runner/ApplyCredentials/Step', targetRoleArn(a, 'apply'), ['tenant-a', a.externalId]],
      ['Runner/ApplyCredentials/Step', targetRoleArn(b, 'apply'), ['tenant-b', b.externalId]],
    ]);
  });
});

describe('the checks themselves', () => {
  const answered = (asked: Partial<SensitiveAction>, decision: 'Allow' | 'Deny' | 'ImplicitDeny') => ({
    asked: {
      group: 'g',
      what: 'read it',
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/k',
      may: [],
      ...asked,
    },
    decisions: new Map([['Runner/Plan', decision] as const]),
    stranger: 'ImplicitDeny' as const,
  });

  test('a grant that is too wide is named by role, action and resource', () => {
    expect(violations([answered({}, 'Allow')])).toEqual([
      expect.stringMatching(/^Runner\/Plan may now read it: s3:GetObject on arn:aws:s3:::b\/k\. /),
    ]);
  });

  test('whoever comes from another account is nobody', () => {
    expect(violations([{ ...answered({}, 'ImplicitDeny'), stranger: 'Allow' as const }])).toEqual([
      'Whoever may do everything in another account may read it: s3:GetObject.',
    ]);
  });

  test('a grant that is gone is named too, and so is what only happens to be denied', () => {
    expect(violations([answered({ may: ['Runner/Plan'] }, 'Deny')])).toEqual([
      expect.stringContaining('may no longer read it'),
    ]);
    expect(violations([answered({ forbidden: true }, 'ImplicitDeny')])).toEqual([
      expect.stringContaining('Its boundary must deny it'),
    ]);
  });
});
