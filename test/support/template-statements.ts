import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** One statement of a policy, with lists where IAM takes one or many. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** As JSON, references included. */
  readonly resource: string;
  readonly condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface RawStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Statement['condition'];
}

/** What each role of a stack is allowed and denied, by the role's logical id. */
export const statementsByRole = (stack: Stack): Map<string, Statement[]> => {
  const template = Template.fromStack(stack);
  const byRole = new Map<string, Statement[]>(
    Object.keys(template.findResources('AWS::IAM::Role')).map((role) => [role, []]),
  );
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'])
    for (const { Properties } of Object.values(template.findResources(type)))
      for (const { Ref: role } of (Properties.Roles ?? []) as { Ref: string }[])
        byRole.get(role)?.push(
          ...(Properties.PolicyDocument.Statement as RawStatement[]).map((raw) => ({
            effect: raw.Effect,
            actions: [raw.Action].flat(),
            resource: JSON.stringify(raw.Resource),
            condition: raw.Condition ?? {},
          })),
        );
  return byRole;
};
