import { CfnResource, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, rules } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** Which wildcard findings below a construct are right, and why. */
export interface WildcardAcknowledgement {
  /** Matches findings such as `Action::s3:*` and `Resource::<BucketArn>/runs/*`. */
  readonly matching: RegExp;
  readonly reason: string;
}

const acknowledged = new WeakMap<IConstruct, WildcardAcknowledgement[]>();

/**
 * Acknowledges the wildcard findings of AwsSolutions-IAM5 that match, below this construct alone. Whatever does not
 * match stays a finding.
 *
 * The rule names each finding by its rendered resource, which is not known while constructs are made:
 * {@link NagChecks} looks them up when it checks.
 */
export const acknowledgeWildcards = (scope: IConstruct, ...known: WildcardAcknowledgement[]): void => {
  acknowledged.set(scope, [...(acknowledged.get(scope) ?? []), ...known]);
};

const acknowledgeFindingsOf = (resource: CfnResource): void => {
  const known = resource.node.scopes.flatMap((scope) => acknowledged.get(scope) ?? []);
  if (known.length === 0) return;
  const findings = rules.iam.IAMNoWildcardPermissions(resource);
  for (const finding of Array.isArray(findings) ? findings : []) {
    const match = known.find(({ matching }) => matching.test(finding));
    if (match)
      Validations.of(resource).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason: match.reason });
  }
};

/** The AWS Solutions rules of cdk-nag, with wildcards acknowledged by pattern. */
export class NagChecks extends AwsSolutionsChecks {
  override validateScope(scope: IConstruct): ReturnType<AwsSolutionsChecks['validateScope']> {
    for (const node of scope.node.findAll()) if (CfnResource.isCfnResource(node)) acknowledgeFindingsOf(node);
    return super.validateScope(scope);
  }
}
