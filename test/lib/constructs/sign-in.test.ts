import { Template } from 'aws-cdk-lib/assertions';
import { makeOrchestratorApp } from '../../../lib/orchestrator-app';
import { environment, infraApp } from '../../support/infra-app';
import { statementsByRole } from '../../support/template-statements';

const { orchestrator } = makeOrchestratorApp(infraApp(), environment('prod'));
const template = Template.fromStack(orchestrator);

const idOf = (type: string, path: string): string => {
  const [id] = Object.keys(template.findResources(type)).filter((name) => name.startsWith(path));
  if (!id) throw new Error(`there is no ${path}`);
  return id;
};
const statements = statementsByRole(orchestrator);

/** Which roles may do what with a resource, e.g. `SignInStep…: dynamodb:GetItem`. */
const grantsOn = (id: string): string[] =>
  [...statements].flatMap(([role, own]) =>
    own
      .filter(({ effect, resource }) => effect === 'Allow' && resource.includes(`"${id}"`))
      .flatMap(({ actions }) => actions.map((action) => `${role.replace(/Identity.*/, '')}: ${action}`)),
  );

test('one function begins and ends sessions; those that ask who is looking read them', () => {
  expect(grantsOn(idOf('AWS::DynamoDB::Table', 'SignInSessions')).sort()).toEqual([
    'GateApprovalPages: dynamodb:GetItem',
    'GateDecideApproval: dynamodb:GetItem',
    'PersonalDataStep: dynamodb:DeleteItem',
    'PersonalDataStep: dynamodb:Scan',
    'SignInStep: dynamodb:DeleteItem',
    'SignInStep: dynamodb:GetItem',
    'SignInStep: dynamodb:PutItem',
  ]);
});

test('who starts a run has the id that they sign in with, so that nobody approves their own', () => {
  const [starter] = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { Description: 'Step record-starter' } }),
  );
  expect(JSON.parse(starter?.Properties.Environment.Variables.PEOPLE)).toEqual([
    { id: 'alex@example.com', email: 'alex@example.com', groups: ['approver', 'admin'] },
    { id: 'sam@example.com', email: 'sam@example.com', groups: ['approver'] },
  ]);
});

test('one function reads the secret of our client', () => {
  expect(grantsOn(idOf('AWS::SecretsManager::Secret', 'SignInClientSecret'))).toEqual([
    'SignInStep: secretsmanager:GetSecretValue',
  ]);
});

test('people come in by three addresses, and nothing of them is decided by a GET', () => {
  const paths = Object.values(template.findResources('AWS::ApiGateway::Resource')).map(
    ({ Properties }) => Properties.PathPart,
  );
  expect(paths).toEqual(expect.arrayContaining(['sign-in', 'callback', 'sign-out']));
  const methods = Object.entries(template.findResources('AWS::ApiGateway::Method'))
    .filter(([id]) => /sign(in|out)/.test(id))
    .map(([, { Properties }]) => Properties.HttpMethod);
  expect(methods.sort()).toEqual(['GET', 'GET', 'GET', 'POST']);
});
