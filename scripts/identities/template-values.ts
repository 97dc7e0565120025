/** A synthesized template, as far as it is read here. */
export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { Name: string } }>
  >;
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

type Named = (name: string, at: string) => string;

const resource =
  (service: string, kind: string, separator = '/'): Named =>
  (name, at) =>
    `arn:aws:${service}:${at}:${kind}${kind ? separator : ''}${name}`;

/** ARNs by type, as CloudFormation gives them for `Arn`. */
const arns: Readonly<Record<string, Named>> = {
  'AWS::CodeBuild::Project': resource('codebuild', 'project'),
  'AWS::DynamoDB::Table': resource('dynamodb', 'table'),
  'AWS::ECR::Repository': resource('ecr', 'repository'),
  'AWS::ECS::Cluster': resource('ecs', 'cluster'),
  'AWS::ECS::TaskDefinition': resource('ecs', 'task-definition'),
  'AWS::IAM::ManagedPolicy': (name, at) => `arn:aws:iam::${at.split(':')[1]}:policy/${name}`,
  'AWS::IAM::Role': (name, at) => `arn:aws:iam::${at.split(':')[1]}:role/${name}`,
  'AWS::KMS::Key': resource('kms', 'key'),
  'AWS::Lambda::Function': resource('lambda', 'function', ':'),
  'AWS::Logs::LogGroup': (name, at) => `arn:aws:logs:${at}:log-group:${name}:*`,
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name.toLowerCase()}`,
  'AWS::Scheduler::ScheduleGroup': resource('scheduler', 'schedule-group'),
  'AWS::SNS::Topic': resource('sns', ''),
  'AWS::SQS::Queue': resource('sqs', ''),
  'AWS::SecretsManager::Secret': resource('secretsmanager', 'secret', ':'),
  'AWS::StepFunctions::StateMachine': resource('states', 'stateMachine', ':'),
};

/** Types whose `Ref` is an ARN and not a name. */
const refIsArn = new Set([
  'AWS::ECS::TaskDefinition',
  'AWS::IAM::ManagedPolicy',
  'AWS::SNS::Topic',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::StateMachine',
]);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Gives every reference of synthesized templates a value, as a deployment would: a resource is called by its logical
 * id, and its ARN follows from its type.
 *
 * @throws Error for a function or a type that it does not know: a value made up would make the answer worthless
 */
export const templateValues = (templates: Readonly<Record<string, Template>>, { account, region }: Place) => {
  const at = `${region}:${account}`;
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  const arnOf = (stack: string, id: string): string => {
    const type = templates[stack]?.Resources[id]?.Type ?? 'nothing';
    const arn = arns[type];
    if (!arn) throw new Error(`What the ARN of ${id} is (${type}) is not known here.`);
    return arn(nameOf(stack, id), at);
  };
  const nameOf = (stack: string, id: string): string => {
    const { Properties = {} } = templates[stack]?.Resources[id] ?? {};
    return typeof Properties.StateMachineName === 'string' ? Properties.StateMachineName : id;
  };
  const ref = (stack: string, id: string): string => {
    const value = pseudo[id];
    if (value !== undefined) return value;
    const type = templates[stack]?.Resources[id]?.Type ?? '';
    if (refIsArn.has(type)) return arnOf(stack, id);
    return type === 'AWS::S3::Bucket' ? id.toLowerCase() : nameOf(stack, id);
  };
  const imported = (name: unknown): unknown => {
    for (const [stack, { Outputs = {} }] of Object.entries(templates))
      for (const output of Object.values(Outputs))
        if (output.Export?.Name === name) return valueIn(stack, output.Value);
    throw new Error(`No stack exports ${String(name)}.`);
  };
  const call = (stack: string, name: string, given: unknown): unknown => {
    const list = Array.isArray(given) ? given : [];
    if (name === 'Ref') return ref(stack, String(given));
    if (name === 'Fn::ImportValue') return imported(given);
    if (name === 'Fn::Join') return (valueIn(stack, list[1]) as unknown[]).map(String).join(String(list[0]));
    if (name === 'Fn::Sub' && typeof given === 'string')
      return given.replaceAll(/\$\{([\w:]+)\}/g, (_, id: string) => ref(stack, id));
    if (name === 'Fn::GetAtt') {
      const [id, attribute] = list.map(String);
      if (attribute === 'Arn') return arnOf(stack, id ?? '');
      if (attribute === 'StreamArn') return `${arnOf(stack, id ?? '')}/stream/now`;
      return `${id}.${attribute}`;
    }
    throw new Error(`${name} is not known here.`);
  };
  const valueIn = (stack: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => valueIn(stack, one));
    if (!isRecord(value)) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (first && entries.length === 1 && (first[0] === 'Ref' || first[0].startsWith('Fn::')))
      return call(stack, first[0], first[1]);
    return Object.fromEntries(entries.map(([name, one]) => [name, valueIn(stack, one)]));
  };
  return { arnOf, valueIn };
};
