import { AspectPriority, Aspects, CfnResource, Validations } from 'aws-cdk-lib';
import { rules } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** Which wildcard findings below a construct are right, and why. */
export interface WildcardAcknowledgement {
  /** Matches findings such as `Action::s3:*` and `Resource::<BucketArn>/runs/*`. */
  readonly matching: RegExp;
  readonly reason: string;
}

/**
 * Acknowledges the wildcard findings of AwsSolutions-IAM5 that match, below this construct alone.
 *
 * The rule names each finding by its rendered resource, which is not known while constructs are made: the findings
 * are asked for once all permissions stand. Whatever does not match stays a finding.
 */
export const acknowledgeWildcards = (
  scope: IConstruct,
  ...known: readonly WildcardAcknowledgement[]
): void => {
  const visit = (node: IConstruct): void => {
    if (!CfnResource.isCfnResource(node)) return;
    const findings = rules.iam.IAMNoWildcardPermissions(node);
    if (!Array.isArray(findings)) return;
    for (const finding of findings) {
      const match = known.find(({ matching }) => matching.test(finding));
      if (match)
        Validations.of(node).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason: match.reason });
    }
  };
  Aspects.of(scope).add({ visit }, { priority: AspectPriority.READONLY });
};
