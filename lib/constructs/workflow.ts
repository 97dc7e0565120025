import { basename } from 'node:path';
import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import type { ICluster, ITaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, type IStateMachine, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { AslDefinition } from './asl-definition';
import { acknowledgeWildcards } from './nag-checks';

/** A token's value together with the permission that its use needs: never one without the other. */
export interface Binding {
  readonly value: string;
  /** What the machine's role must be allowed, if anything. */
  readonly statements?: readonly PolicyStatement[];
}

const managedRule = (stack: Stack, name: string): PolicyStatement =>
  new PolicyStatement({
    actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    resources: [stack.formatArn({ service: 'events', resource: 'rule', resourceName: name })],
  });

/** A plain value that needs no permission. */
export const bindText = (value: string): Binding => ({ value });

/** A function that the workflow invokes. */
export const bindFunction = (fn: IFunction): Binding => ({
  value: fn.functionArn,
  statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.functionArn] })],
});

/** A block called with `states:startExecution.sync:2`, which also describes, stops and watches the child. */
export const bindBlock = (block: Workflow): Binding => {
  const stack = Stack.of(block);
  return {
    value: block.stateMachine.stateMachineArn,
    statements: [
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [block.stateMachine.stateMachineArn],
      }),
      new PolicyStatement({
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: [block.executionArn('*')],
      }),
      managedRule(stack, 'StepFunctionsGetEventsForStepFunctionsExecutionRule'),
    ],
  };
};

/** A workflow that is started and goes on by itself: nobody here waits for it, or stops it. */
export const bindStart = ({ stateMachine: { stateMachineArn } }: Workflow): Binding => ({
  value: stateMachineArn,
  statements: [new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] })],
});

const viaS3 = (bucket: IBucket, actions: string[]): PolicyStatement[] =>
  bucket.encryptionKey
    ? [
        new PolicyStatement({
          actions,
          resources: [bucket.encryptionKey.keyArn],
          conditions: {
            StringEquals: { 'kms:ViaService': `s3.${Stack.of(bucket).region}.amazonaws.com` },
          },
        }),
      ]
    : [];

/** The bucket from which a Map reads the list that it works through: objects with these keys, and no other. */
export const bindList = (bucket: IBucket, keys: string): Binding => ({
  value: bucket.bucketName,
  statements: [
    new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(keys)] }),
    ...viaS3(bucket, ['kms:Decrypt']),
  ],
});

/** The bucket in which the workflow leaves tasks and reads reports, below a prefix. */
export const bindBucket = (bucket: IBucket, prefix: string): Binding => ({
  value: bucket.bucketName,
  statements: [
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [bucket.arnForObjects(`${prefix}*`)],
    }),
    ...viaS3(bucket, ['kms:Decrypt', 'kms:GenerateDataKey']),
  ],
});

/** A task definition run with `ecs:runTask.sync`, which also stops and watches the task. */
export const bindTask = (cluster: ICluster, task: ITaskDefinition): Binding => {
  const stack = Stack.of(task);
  const inCluster = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
  return {
    value: task.taskDefinitionArn,
    statements: [
      new PolicyStatement({
        actions: ['ecs:RunTask'],
        resources: [task.taskDefinitionArn],
        conditions: inCluster,
      }),
      new PolicyStatement({
        actions: ['ecs:StopTask', 'ecs:DescribeTasks'],
        resources: [
          stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` }),
        ],
        conditions: inCluster,
      }),
      new PolicyStatement({
        actions: ['ecs:TagResource'],
        resources: [
          stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` }),
        ],
        conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
      }),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [task.taskRole.roleArn, ...(task.executionRole ? [task.executionRole.roleArn] : [])],
        conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      }),
      managedRule(stack, 'StepFunctionsGetEventsForECSTaskRule'),
    ],
  };
};

/** Where the console shows the runs of a state machine, up to a run's id. */
export const consoleOfRuns = (scope: Construct, stateMachineName: string): string => {
  const stack = Stack.of(scope);
  const executions = stack.formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: stateMachineName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return `https://${stack.region}.console.aws.amazon.com/states/home?region=${stack.region}#/v2/executions/details/${executions}:`;
};

export interface WorkflowProps {
  /** Path of the `.asl.json` file. */
  readonly file: string;
  /** Put before the file's name to name the machine, as people look for it in the console. */
  readonly namePrefix: string;
  /** A value for every `${Token}` of the file, and for no other. */
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Where transitions are logged, without execution data: history holds task tokens. */
  readonly logGroup: ILogGroup;
  /** @default true */
  readonly tracing?: boolean;
}

/**
 * A workflow or block: one file of Amazon States Language, its tokens bound, its role allowed exactly what the
 * bindings need.
 *
 * Step Functions' three traps of nested machines are dealt with here and in the reconciler: `${CaughtError}` names
 * the true error of a failed child; a resume is a new execution, so no redrive is granted; and the reconciler is
 * told of executions that ended without a catch (see `OrchestratorStack`).
 *
 * @throws Error at synth when a token has no binding, or a binding no token
 */
export class Workflow extends Construct {
  readonly stateMachine: IStateMachine;
  readonly name: string;
  private readonly stateMachineName: string;

  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    const definition = AslDefinition.fromFile(props.file);

    this.name = basename(props.file, '.asl.json');
    this.stateMachineName = `${props.namePrefix}-${this.name}`;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: `Runs the workflow ${this.name}`,
    });
    const tracing = props.tracing ?? true;
    const values: Record<string, string> = {};
    for (const [token, { value, statements }] of Object.entries(props.bindings)) {
      values[token] = value;
      for (const statement of statements ?? []) {
        if (statement.resources.includes('*'))
          throw new Error(`${props.file}: the binding of ${token} asks for every resource`);
        role.addToPolicy(statement);
      }
    }
    if (definition.startsItself) for (const statement of this.mapRunStatements()) role.addToPolicy(statement);
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: this.stateMachineName,
      definitionBody: DefinitionBody.fromString(definition.substitute(values)),
      comment: definition.summary,
      role,
      tracingEnabled: tracing,
      logs: { destination: props.logGroup, level: LogLevel.ALL, includeExecutionData: false },
    });
    acknowledgeWildcards(
      role,
      {
        matching: /^Resource::\*$/,
        reason: 'Log delivery and X-Ray accept no resource; bindings never ask for it.',
      },
      {
        matching: /:execution:/,
        reason: 'A block is described by its executions, whose names are chosen at run time.',
      },
      {
        matching: /:task\//,
        reason: 'A task is stopped by its id, which is chosen at run time; the cluster is fixed.',
      },
      {
        matching: /\/runs\/\*(\/(workspaces|credentials)\.json)?$/,
        reason: 'Results of runs: their keys carry run ids, below one prefix of one bucket.',
      },
    );
    if (!tracing)
      Validations.of(this.stateMachine).acknowledge({
        id: 'AwsSolutions-SF2',
        reason: 'This environment is configured without X-Ray.',
      });
  }

  /**
   * What a Distributed Map needs: each item is an execution of this very machine, below a map run. By name, as the
   * machine cannot be referred to by the role that it is made with.
   */
  private mapRunStatements(): PolicyStatement[] {
    const arnOf = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({
        service: 'states',
        resource,
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    return [
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [arnOf('stateMachine', this.stateMachineName)],
      }),
      new PolicyStatement({
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: [arnOf('execution', `${this.stateMachineName}/*`)],
      }),
    ];
  }

  /** The ARN of this machine's execution of the given name. */
  executionArn(name: string): string {
    return Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${this.stateMachineName}:${name}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
