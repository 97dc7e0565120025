import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { makeOrchestratorApp } from '../../lib/orchestrator-app';
import { environment, infraApp } from '../support/infra-app';
import { type Statement, statementsByRole } from '../support/template-statements';

const app = infraApp();
const repositorySecret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:git-reader-a1b2c3';
const { orchestrator, observability, rotation } = makeOrchestratorApp(
  app,
  environment('poc', (input) => ({
    ...input,
    runner: {
      ...input.runner,
      sources: [
        { repository: 'https://git.example.com/public/' },
        { repository: 'https://git.example.com/team/', credentials: repositorySecret },
        { repository: 'https://git.example.com/other/work.git', credentials: repositorySecret },
      ],
    },
  })),
);
const stacks = app.node.findAll().filter(Stack.isStack);
const roles = statementsByRole(orchestrator);
const template = Template.fromStack(orchestrator);

/** What the one role may do whose logical id begins so. */
const allowed = (idPrefix: string): readonly Statement[] => {
  const found = [...roles].filter(([id]) => id.startsWith(idPrefix));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return found.flatMap(([, statements]) => statements.filter(({ effect }) => effect === 'Allow'));
};
const actionsOf = (idPrefix: string): string[] => allowed(idPrefix).flatMap(({ actions }) => actions);
const having = (idPrefix: string, action: string): readonly Statement[] =>
  allowed(idPrefix).filter(({ actions }) => actions.includes(action));
const planWorker = 'RunnerPlanIdentityRole';
const applyWorker = 'RunnerApplyIdentityRole';
/** What the brokers lend. */
const plan = 'RunnerPlanCredentialsLent';
const apply = 'RunnerApplyCredentialsLent';
const ansible = 'RunnerAnsibleTaskTaskRole';
const isWriting = (action: string): boolean =>
  !/^(ec2:(Describe|Get)|s3:(Get|List)|dynamodb:(Get|BatchGet|Query|Scan)|kms:|logs:|xray:|secretsmanager:GetSecretValue)/.test(
    action,
  );

const ofSession = '${aws:PrincipalTag/workspace}';

test('plan writes no infrastructure: only the lock of its workspace', () => {
  const writes = allowed(plan).flatMap(({ actions, resource }) =>
    actions.filter(isWriting).map((action) => `${action} ${/[^"/]*\/[^"]*/.exec(resource)?.[0]}`),
  );
  expect(writes.sort()).toEqual([
    's3:DeleteObject /${aws:PrincipalTag/workspace}/terraform.tfstate.tflock',
    's3:PutObject /${aws:PrincipalTag/workspace}/terraform.tfstate.tflock',
  ]);
});

test('apply writes state, which plan only reads: that of its workspace and of no other', () => {
  const stateActions = (role: string) =>
    allowed(role)
      .filter(({ resource }) => resource.includes('.tfstate"'))
      .map(({ actions, resource }) => [actions, resource.includes(`/${ofSession}/terraform.tfstate"`)]);
  expect(stateActions(plan)).toEqual([[['s3:GetObject'], true]]);
  expect(stateActions(apply)).toEqual([[['s3:GetObject', 's3:PutObject'], true]]);
});

test('the workers themselves reach neither state nor infrastructure', () => {
  const attaching = /NetworkInterface|PrivateIpAddresses|ec2:DescribeSubnets/;
  const own = (role: string) =>
    [...new Set(actionsOf(role))].filter(
      (action) => /^(ec2|iam|sts):/.test(action) && !attaching.test(action),
    );
  expect(own(planWorker)).toEqual([]);
  expect(own(applyWorker).sort()).toEqual(['ec2:DescribeInstances', 'ec2:GetConsoleOutput']);
  for (const role of [planWorker, applyWorker])
    expect(JSON.stringify(allowed(role))).not.toMatch(/StateKey|State[A-F0-9]{8}/);
});

describe('what is lent', () => {
  test.each([
    [plan, 'RunnerPlanCredentialsStep'],
    [apply, 'RunnerApplyCredentialsStep'],
  ])('%s is lent by its broker alone, of one workspace, named after its change', (role, broker) => {
    const [lent] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) =>
      id.startsWith(role),
    );
    const trust: { Action: string | string[]; Principal: unknown; Condition?: unknown }[] =
      lent?.[1].Properties.AssumeRolePolicyDocument.Statement;
    expect(trust.map(({ Action }) => Action)).toEqual([
      ['sts:AssumeRole', 'sts:TagSession'],
      'sts:SetSourceIdentity',
    ]);
    for (const { Action, Principal, Condition } of trust) {
      expect(JSON.stringify(Principal)).toMatch(new RegExp(`^\\{"AWS":\\{"Fn::GetAtt":\\["${broker}`));
      if (Action !== 'sts:SetSourceIdentity')
        expect(Condition).toEqual({
          StringLike: { 'aws:RequestTag/workspace': '?*/?*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': ['tenant', 'workspace', 'change'] },
        });
    }
  });

  test('nobody but the brokers assumes a role, and each broker only its own', () => {
    const assuming = [...roles].flatMap(([id, statements]) =>
      statements
        .filter(({ effect, actions }) => effect === 'Allow' && actions.includes('sts:AssumeRole'))
        .map(({ resource }) => `${id.replace(/IdentityRole.*/, '')} ${/Runner\w+Lent/.exec(resource)?.[0]}`),
    );
    expect(assuming.sort()).toEqual([
      'RunnerApplyCredentialsStep RunnerApplyCredentialsLent',
      'RunnerPlanCredentialsStep RunnerPlanCredentialsLent',
    ]);
  });

  test('each worker may ask its own broker, and nobody else may ask any', () => {
    const asking = [...roles].flatMap(([id, statements]) =>
      statements
        .filter(({ effect, actions }) => effect === 'Allow' && actions.includes('lambda:InvokeFunction'))
        .flatMap(({ resource }) => {
          const broker = /Runner(Plan|Apply)CredentialsStepFunction/.exec(resource)?.[1];
          return broker ? [`${id.replace(/(Identity|Task)Role.*/, '')} ${broker}`] : [];
        }),
    );
    expect(asking.sort()).toEqual([
      'RunnerApply Apply',
      'RunnerApplyTask Apply',
      'RunnerPlan Plan',
      'RunnerPlanTask Plan',
    ]);
  });
});

test('the runners of apply are invoked by the block of apply alone, and plan’s by plan’s', () => {
  for (const [runner, block] of [
    ['RunnerApplyFunction', 'TerraformApplyRole'],
    ['RunnerPlanFunction', 'TerraformPlanRole'],
  ] as const) {
    const callers = [...roles].flatMap(([id, statements]) =>
      statements.some(
        ({ actions, resource }) => actions.includes('lambda:InvokeFunction') && resource.includes(runner),
      )
        ? [id]
        : [],
    );
    expect(callers).toEqual([expect.stringContaining(block)]);
  }
});

test('an identity may do the same on Fargate as in Lambda, where it logs and is attached by another', () => {
  const ofLambda =
    /^(logs:|xray:|ec2:(Create|Delete|Assign|Unassign)\w*(NetworkInterface|PrivateIpAddresses))/;
  const own = (role: string) =>
    allowed(role)
      .filter(({ actions }) => !actions.some((action) => ofLambda.test(action)))
      .map(({ actions, resource, condition }) => JSON.stringify([actions, resource, condition]))
      .sort();
  expect(own('RunnerPlanTaskTaskRole')).toEqual(own(planWorker));
  expect(own('RunnerApplyTaskTaskRole')).toEqual(own(applyWorker));
});

test('tasks are run by one block alone, each as itself, and every block that may use it names it', () => {
  const holders = (action: string, resource: string) =>
    [...roles].flatMap(([id, statements]) =>
      statements.some((one) => one.actions.includes(action) && one.resource.includes(resource)) ? [id] : [],
    );
  for (const task of ['RunnerPlanTask', 'RunnerApplyTask', 'RunnerAnsibleTask'])
    expect(holders('ecs:RunTask', task)).toEqual([expect.stringContaining('FargateTaskRole')]);
  expect(holders('states:StartExecution', 'FargateTask').sort()).toEqual([
    expect.stringContaining('AnsibleRunRole'),
    expect.stringContaining('ComplianceScanRole'),
    expect.stringContaining('ProbeHostsRole'),
    expect.stringContaining('TerraformApplyRole'),
    expect.stringContaining('TerraformPlanRole'),
  ]);
});

test('pages read only', () => {
  expect(actionsOf('GateApprovalPagesIdentityRole').filter(isWriting)).toEqual([]);
});

test('workers report on their run and read no runs', () => {
  for (const role of [planWorker, applyWorker, ansible]) {
    const runs = allowed(role).filter(
      ({ resource }) => resource.includes('RunsTable') || resource.includes('Runs'),
    );
    expect(runs.flatMap(({ actions }) => actions)).toEqual(['dynamodb:UpdateItem']);
  }
});

test('apply is told that a result is missing, not that it may not ask', () => {
  expect(having(applyWorker, 's3:ListBucket').map(({ condition }) => condition)).toContainEqual({
    StringLikeIfExists: { 's3:prefix': 'runs/*' },
  });
});

test('OpenTofu uses the state key through S3 and directly, and through nothing else', () => {
  for (const role of [plan, apply]) {
    const [state, ...others] = allowed(role).filter(
      ({ actions, resource }) => actions.includes('kms:GenerateDataKey') && resource.includes('StateKey'),
    );
    expect(others).toEqual([]);
    expect(state?.condition).toEqual({
      StringEqualsIfExists: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
    });
  }
});

describe('over hosts', () => {
  const tag = 'orchestrator:workspace';
  const own = { StringEquals: { [`aws:ResourceTag/${tag}`]: ofSession } };

  test('plan and ansible change nothing in EC2', () => {
    for (const role of [plan, ansible])
      expect(actionsOf(role).filter((action) => /^ec2:(?!Describe|GetConsoleOutput)/.test(action))).toEqual(
        role === plan
          ? expect.not.arrayContaining([expect.stringMatching(/Instances|SecurityGroup|Tags/)])
          : [],
      );
  });

  test.each([
    'ec2:TerminateInstances',
    'ec2:StopInstances',
    'ec2:ModifyInstanceAttribute',
    'ec2:DeleteSecurityGroup',
    'ec2:RevokeSecurityGroupIngress',
    'ec2:RevokeSecurityGroupEgress',
    'ec2:ModifySecurityGroupRules',
    'ec2:GetConsoleOutput',
    'ec2:ModifyVolume',
  ])('apply may %s only where its own workspace is written on it', (action) => {
    expect(having(apply, action).map(({ condition }) => condition)).toEqual([own]);
  });

  test('apply makes instances, security groups and rules only with its workspace written on them', () => {
    const made = having(apply, 'ec2:RunInstances').concat(having(apply, 'ec2:CreateSecurityGroup'));
    const conditionOf = (resource: string) =>
      made.filter((one) => one.resource.includes(`:${resource}/`)).map(({ condition }) => condition);
    const byThis = { StringEquals: { [`aws:RequestTag/${tag}`]: ofSession } };
    expect(conditionOf('instance')).toEqual([byThis]);
    expect(conditionOf('volume')).toEqual([{ Bool: { 'ec2:Encrypted': 'true' } }]);
    expect(conditionOf('subnet')).toEqual([{ ArnEquals: { 'ec2:Vpc': expect.anything() } }]);
    expect(conditionOf('security-group')).toContainEqual(byThis);
    const rules = having(apply, 'ec2:AuthorizeSecurityGroupIngress').map(({ condition }) => condition);
    expect(rules).toContainEqual(byThis);
    expect(rules).toHaveLength(2);
  });

  test('no tag tells another workspace afterwards', () => {
    const changing = having(apply, 'ec2:DeleteTags');
    expect(changing).toHaveLength(1);
    expect(changing[0]?.condition).toMatchObject({
      'ForAllValues:StringNotEquals': { 'aws:TagKeys': [tag] },
      ...own,
    });
    for (const { condition } of having(apply, 'ec2:CreateTags')) {
      const { Null, StringEquals, 'ForAllValues:StringNotEquals': others } = condition;
      expect([Null, StringEquals?.['ec2:CreateAction'], others].filter(Boolean)).toHaveLength(1);
    }
  });

  test('apply hands one role to instances: that of hosts', () => {
    expect(having(apply, 'iam:PassRole')).toEqual([
      {
        effect: 'Allow',
        actions: ['iam:PassRole'],
        resource: expect.stringContaining('RunnerHostRole'),
        condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      },
    ]);
  });

  test('ansible lets a key in only where a workspace is written on the instance', () => {
    expect(
      having(ansible, 'ec2-instance-connect:SendSSHPublicKey').map(({ condition }) => condition),
    ).toEqual([{ StringLike: { [`aws:ResourceTag/${tag}`]: '?*' } }]);
  });
});

test('every role of every stack has a boundary, and only the sender’s lets a run be resumed', () => {
  const boundaries = stacks.flatMap((stack) => {
    const made = Template.fromStack(stack);
    const policies = made.findResources('AWS::IAM::ManagedPolicy');
    return Object.entries(made.findResources('AWS::IAM::Role')).map(([id, { Properties }]) => {
      const { Statement } = policies[Properties.PermissionsBoundary?.Ref]?.Properties.PolicyDocument ?? {};
      return {
        id,
        resumes: !JSON.stringify(Statement).includes('"Action":"states:SendTask*","Effect":"Deny"'),
      };
    });
  });
  expect(boundaries.length).toBeGreaterThan(30);
  expect(boundaries.filter(({ resumes }) => resumes).map(({ id }) => id)).toEqual([
    expect.stringContaining('GateSendCallbackIdentityRole'),
  ]);
});

test('everything that logs keeps its log for the time that the environment says', () => {
  for (const stack of stacks)
    for (const { Properties } of Object.values(
      Template.fromStack(stack).findResources('AWS::Logs::LogGroup'),
    ))
      expect(Properties.RetentionInDays).toBe(90);
  template.allResourcesProperties('AWS::StepFunctions::StateMachine', {
    LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL' },
  });
});

test('each function has an alarm', () => {
  Template.fromStack(observability).resourcePropertiesCountIs(
    'AWS::CloudWatch::Alarm',
    { MetricName: 'Errors', Namespace: 'AWS/Lambda' },
    Object.keys({ ...orchestrator.functions, ...rotation.functions }).length,
  );
});

test('a broken ledger rings at once, and so does silence about it', () => {
  const alarms = Template.fromStack(observability);
  alarms.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'LedgerBroken',
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
  });
  alarms.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'LedgerCheckpointed',
    Period: 900,
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    TreatMissingData: 'breaching',
  });
  // Nobody cosigns here.
  alarms.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'WitnessSilent' }, 0);
});

test('a task that is stopped has two minutes to save its log, and knows its region', () => {
  const tasks = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  expect(tasks).toHaveLength(3);
  for (const { Properties } of tasks)
    expect(Properties.ContainerDefinitions).toEqual([
      expect.objectContaining({
        StopTimeout: 120,
        EntryPoint: ['node', 'main.js'],
        Environment: expect.arrayContaining([
          { Name: 'AWS_REGION', Value: 'eu-central-1' },
          { Name: 'DEADLINE_MARGIN_SECONDS', Value: '110' },
        ]),
      }),
    ]);
});

test('people are told what a module asks for', () => {
  template.hasOutput('HostInstanceProfileName', {});
});

test('only workers that plan read the credentials of repositories, each secret by its name', () => {
  const readers = [...roles].flatMap(([role, statements]) =>
    statements
      .filter(({ resource }) => resource.includes(repositorySecret))
      .map((statement) => ({ role: role.replace(/[0-9A-F]{8}$/, ''), ...statement })),
  );
  const reading = {
    effect: 'Allow',
    actions: ['secretsmanager:GetSecretValue'],
    resource: JSON.stringify(repositorySecret),
    condition: { StringEquals: { 'secretsmanager:VersionStage': ['AWSCURRENT', 'AWSPREVIOUS'] } },
  };
  expect(readers).toEqual([
    { role: 'RunnerPlanIdentityRole', ...reading },
    { role: 'RunnerPlanTaskTaskRole', ...reading },
  ]);
});

test('who signs reads the key in use and the one before it, by these names, and replaces none', () => {
  const touching = [...roles.values()]
    .flat()
    .filter(({ effect, resource }) => effect === 'Allow' && resource.includes('PageSecret'));
  const reading = touching.filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'));
  expect(reading.length).toBeGreaterThanOrEqual(2);
  for (const { condition } of reading)
    expect(condition).toEqual({
      StringEquals: { 'secretsmanager:VersionStage': ['AWSCURRENT', 'AWSPREVIOUS'] },
    });
  expect([...new Set(touching.flatMap(({ actions }) => actions))].sort()).toEqual([
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
  ]);
});
