import { CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import { CfnManagedPolicy, Effect, type IRole, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface ResumeGuardProps {
  /** The roles that may resume a waiting run. */
  readonly except: readonly IRole[];
}

/**
 * Denies every other role of the stack to resume a waiting run, whatever else it is granted: a task token that leaks
 * is of no use to it. One policy attached to all, so that no role can be forgotten.
 */
export class ResumeGuard extends Construct {
  constructor(scope: Construct, id: string, { except }: ResumeGuardProps) {
    super(scope, id);
    const exempt = new Set(except.map((role) => role.node.defaultChild));
    const others = (): CfnResource[] =>
      Stack.of(this)
        .node.findAll()
        .filter(CfnResource.isCfnResource)
        .filter((one) => one.cfnResourceType === 'AWS::IAM::Role' && !exempt.has(one));
    if (others().length === 0) return;
    new CfnManagedPolicy(this, 'Policy', {
      description: 'Nobody but the sender of callbacks resumes a run',
      policyDocument: new PolicyDocument({
        statements: [
          new PolicyStatement({
            effect: Effect.DENY,
            actions: ['states:SendTask*'],
            resources: ['*'],
          }),
        ],
      }),
      roles: Lazy.list({ produce: () => others().map(({ ref }) => ref) }),
    });
  }
}
