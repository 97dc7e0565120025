import { ruleSet } from '../../../lambdas/approval-rules/rule-set';
import { peopleRoles } from '../../../lib/config/access';
import rules from '../../../policies/approval/rules.json';
import { environment } from '../../support/infra-app';

const withOperators =
  (...assumedBy: string[]) =>
  () =>
    environment('poc', (input) => ({ ...input, access: { operator: { assumedBy } } }));

test.each(['*', 'role/*', 'user/**', 'alex', 'arn:aws:iam::111122223333:root', '1234:root', 'group/admins'])(
  'refuses %s as somebody who may become an operator',
  (identity) => {
    expect(withOperators(identity)).toThrow(/access\.operator\.assumedBy\.0: /);
  },
);

test.each(['root', 'user/alex', 'role/team/ci-*', '222233334444:role/audit', '222233334444:root'])(
  'takes %s',
  (identity) => {
    expect(withOperators(identity)().access.operator?.assumedBy).toEqual([identity]);
  },
);

test('a role that nobody thought of is refused by its name', () => {
  expect(() => environment('poc', (input) => ({ ...input, access: { owner: {} } as never }))).toThrow(
    /owner/,
  );
});

describe('the words are the same everywhere', () => {
  const words: readonly string[] = peopleRoles;

  test('in the rules of approvals', () => {
    const named = ruleSet
      .parse(rules)
      .rules.flatMap(({ mayAsk = [], approvals = [], escalations = [] }) => [
        ...mayAsk,
        ...approvals.flatMap(({ from }) => from),
        ...escalations.map(({ to }) => to),
      ]);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((group) => !words.includes(group))).toEqual([]);
    expect(rules.breakGlass.from.filter((group) => !words.includes(group))).toEqual([]);
  });

  test.each(['local', 'dev', 'poc', 'prod'] as const)('in %s', (name) => {
    const { approval } = environment(name);
    const named = [
      ...approval.approvers.flatMap(({ groups }) => groups),
      ...approval.principals.flatMap(({ groups }) => groups),
      ...Object.keys(approval.signIn?.groups ?? {}),
    ];
    expect(named.filter((group) => !words.includes(group))).toEqual([]);
  });

  test('whoever signs in to prod can be any of them', () => {
    expect(Object.keys(environment('prod').approval.signIn?.groups ?? {}).sort()).toEqual([...words].sort());
  });
});
