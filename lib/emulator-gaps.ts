import { AspectPriority, Aspects, CfnResource, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

interface Gap {
  readonly type: string;
  /** Rules that only this resource satisfies. */
  readonly rules?: readonly string[];
}

/**
 * What the local emulator refuses: a template that holds one of these types is rejected whole. This is the one
 * place where the local environment leaves something out; nothing else asks where it runs.
 */
export const gaps: readonly Gap[] = [
  { type: 'AWS::EC2::EIP' },
  { type: 'AWS::EC2::FlowLog', rules: ['AwsSolutions-VPC7'] },
  { type: 'AWS::EC2::NatGateway' },
  { type: 'AWS::WAFv2::WebACLAssociation', rules: ['AwsSolutions-APIG3'] },
  // Its function calls EC2 about a security group that the emulator does not have.
  { type: 'Custom::VpcRestrictDefaultSG' },
];

const isUnsupported = (node: IConstruct): boolean =>
  CfnResource.isCfnResource(node) && gaps.some(({ type }) => type === node.cfnResourceType);

/**
 * Takes the resources that the emulator lacks out of a tree, and waiting for them with them. What refers to one by
 * value would dangle: synth refuses that.
 */
export const dropUnsupported = (scope: IConstruct): void => {
  const visit = (node: IConstruct): void => {
    if (!CfnResource.isCfnResource(node)) return;
    for (const dependency of node.obtainDependencies())
      if (CfnResource.isCfnResource(dependency) && isUnsupported(dependency))
        node.removeResourceDependency(dependency);
    if (isUnsupported(node)) node.node.scope?.node.tryRemoveChild(node.node.id);
  };
  for (const { type, rules } of gaps)
    for (const id of rules ?? [])
      Validations.of(scope).acknowledge({
        id,
        reason: `The emulator has no ${type}; every environment in AWS has it.`,
      });
  Aspects.of(scope).add({ visit }, { priority: AspectPriority.READONLY - 1 });
};
