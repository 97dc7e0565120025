import { CfnResource, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { AccessConfig } from '../../../lib/config/access';
import { PeopleRoles, type PeopleRolesProps } from '../../../lib/constructs/people-roles';
import { makeOrchestratorApp } from '../../../lib/orchestrator-app';
import { environment, infraApp } from '../../support/infra-app';

const access: AccessConfig = {
  operator: { assumedBy: [] },
  auditor: { assumedBy: ['user/audit-*', '222233334444:role/external-audit', '555566667777:root'] },
  'break-glass': { assumedBy: ['role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_BreakGlass_*'] },
};
const { orchestrator } = makeOrchestratorApp(infraApp(), { ...environment('poc'), access });
const template = Template.fromStack(orchestrator);
const rolesOfPeople = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) =>
  id.startsWith('People'),
);

test('a role is made for whom somebody may become, and only then', () => {
  expect(rolesOfPeople.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
    'PeopleAuditor',
    'PeopleBreakGlass',
  ]);
  for (const name of ['operator', 'auditor', 'break-glass', 'people-boundary'])
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      ManagedPolicyName: `orchestrator-poc-${name}`,
    });
  for (const name of ['approver', 'admin', 'admin-boundary'])
    expect(
      template.findResources('AWS::IAM::ManagedPolicy', {
        Properties: { ManagedPolicyName: `orchestrator-poc-${name}` },
      }),
    ).toEqual({});
});

test('who breaks the glass has an hour', () => {
  template.hasResourceProperties('AWS::IAM::Role', {
    Description: Match.stringLikeRegexp('in an emergency'),
    MaxSessionDuration: 3600,
  });
});

test('a user needs a second factor, another account is named, and nothing else is let in', () => {
  const trust = rolesOfPeople.find(([id]) => id.startsWith('PeopleAuditor'))?.[1].Properties
    .AssumeRolePolicyDocument.Statement;
  const arn = (text: unknown): string => JSON.stringify(text);
  expect(trust).toHaveLength(3);
  const [users, role, account] = trust;
  expect(users.Condition.Bool).toEqual({ 'aws:MultiFactorAuthPresent': 'true' });
  expect(arn(users.Condition.ArnLike)).toContain(':user/audit-*');
  expect(arn(role.Principal)).toContain('222233334444');
  expect(arn(role.Condition)).toContain('222233334444:role/external-audit');
  expect(role.Condition.Bool).toBeUndefined();
  expect(arn(account.Principal)).toContain('555566667777');
  expect(account.Condition).toBeUndefined();
});

test('without access, nobody gets in', () => {
  const stack = new Stack(infraApp(), 'S');
  new PeopleRoles(stack, 'People', { access: {}, namePrefix: 'p' } as PeopleRolesProps);
  expect(stack.node.findAll().filter(CfnResource.isCfnResource)).toEqual([]);
});
