import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DefinitionBody, type IStateMachine, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { githubConfig } from '../../../lambdas/receive-github/contract';
import { parseEnvironment } from '../../../lib/config/load-environment';
import { Github } from '../../../lib/constructs/github';
import { DataStack } from '../../../lib/stacks/data-stack';
import { environment, findings, infraApp } from '../../support/infra-app';

const mapping = {
  repository: 'team/work',
  branch: 'main',
  path: 'web',
  workspace: 'demo/web-01',
  input: { module: 'web', role: 'web-service' },
};

const make = (change: object = {}) => {
  const app = infraApp();
  const env = { region: 'eu-central-1' };
  const stores = new DataStack(app, 'data', { env, config: environment('poc') });
  const stack = new Stack(app, 'stack', { env });
  const machine = (name: string) => ({
    name,
    stateMachine: new StateMachine(stack, name, {
      definitionBody: DefinitionBody.fromChainable(new Pass(stack, `${name}-pass`)),
    }) as IStateMachine,
  });
  const github = new Github(stack, 'Github', {
    config: githubConfig.parse({ mappings: [{ ...mapping, ...change }] }),
    stores,
    workflows: ['vm-provisioning', 'plan-preview', 'decommission', 'approval-gate'].map(machine),
    publicUrl: 'https://pages.example',
    retain: true,
    mostDeliveries: 600,
  });
  return { app, github, template: Template.fromStack(stack) };
};
const made = make();

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}
const statementsOf = (step: string): Statement[] =>
  Object.entries(made.template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`Github${step}`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
const actionsOf = (step: string): string[] =>
  [...new Set(statementsOf(step).flatMap(({ Action }) => Action))]
    .filter((action) => !/^(kms|logs|xray):/.test(action))
    .sort();

test('what receives may start the mapped workflow and the preview, and nothing else', () => {
  expect(actionsOf('Receive')).toEqual([
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    // Counts its callers, in items of its own.
    'dynamodb:UpdateItem',
    'secretsmanager:GetSecretValue',
    'states:StartExecution',
  ]);
  const [start] = statementsOf('Receive').filter(({ Action }) => Action === 'states:StartExecution');
  expect(JSON.stringify(start?.Resource)).toMatch(/planpreview.*vmprovisioning/);
  expect(JSON.stringify(start?.Resource)).not.toMatch(/decommission|approvalgate/);
});

test('what reports reads runs, and neither starts nor decides anything', () => {
  expect(actionsOf('Report')).toEqual([
    'dynamodb:GetItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'secretsmanager:GetSecretValue',
    'sqs:SendMessage',
  ]);
});

test('it hears of runs that GitHub asked for and of their gates', () => {
  made.template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.states'],
      detail: {
        name: [{ prefix: 'gh-' }],
        stateMachineArn: [Match.anyValue(), Match.anyValue(), Match.anyValue()],
      },
    },
  });
  made.template.resourceCountIs('AWS::Scheduler::Schedule', 1);
});

test('deliveries are kept encrypted and for a time; the secrets are encrypted with the same key', () => {
  made.template.hasResourceProperties('AWS::DynamoDB::Table', {
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    DeletionProtectionEnabled: true,
  });
  made.template.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() });
});

test('nag has nothing to say about it', () => {
  expect(findings(made.app).filter((finding) => finding.includes('/Github/'))).toEqual([]);
});

test('a workflow that there is none of is refused by its name', () => {
  expect(() => make({ workflow: 'no-such' })).toThrow('there is no workflow "no-such"');
});

describe('a mapping', () => {
  const poc = environment('poc');
  const refused = (mappings: unknown, sources = [{ repository: 'https://github.com/team/' }]): string => {
    try {
      parseEnvironment({ ...poc, runner: { ...poc.runner, sources }, github: { mappings } });
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  test('fits, where modules may come from its repository', () => {
    expect(refused([mapping])).toBe('');
    expect(refused([mapping], [])).toContain(
      'https://github.com/team/work.git is not among the repositories',
    );
  });

  test.each<[string, object, string]>([
    ['a repository without an owner', { repository: 'work' }, 'owner/name'],
    ['a way up', { path: '../x' }, 'a folder'],
    ['a slash at the end', { path: 'web/' }, 'a folder'],
    ['a branch that is an option', { branch: '--upload-pack=x' }, 'the name of a branch'],
    ['a workspace that is none', { workspace: 'web' }, '<tenant>/<name>'],
    ['a source of its own', { input: { module: 'web', source: {} } }, 'set by what was pushed'],
    ['no module', { input: {} }, 'what the module is called'],
    ['an unknown key', { brunch: 'main' }, 'brunch'],
  ])('with %s is refused', (_, change, because) => {
    expect(refused([{ ...mapping, ...change }])).toContain(because);
  });

  test('of a workspace that is mapped already is refused', () => {
    expect(refused([mapping, { ...mapping, path: 'other' }])).toContain('mapped twice');
  });

  test('of more than a function can be told is refused before anything is deployed', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ ...mapping, workspace: `demo/web-${index}` }));
    expect(refused(many)).toContain('3000 bytes');
  });
});
