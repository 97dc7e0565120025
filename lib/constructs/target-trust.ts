import { type TargetElsewhere, tenantOf } from '../config/targets';

/** The role of a tenant's account that plans or applies there. */
export const targetRoleArn = (
  { account, planRole, applyRole }: TargetElsewhere,
  purpose: 'plan' | 'apply',
): string => `arn:aws:iam::${account}:role/${purpose === 'plan' ? planRole : applyRole}`;

/**
 * What such a role must trust, for the tenant to copy: one broker of ours, with the tenant's external id, in the
 * tenant's own name. Whoever has us work for another tenant cannot have us reach this one.
 */
export const targetTrust = (target: TargetElsewhere, brokerRoleArn: string) => {
  const Principal = { AWS: brokerRoleArn };
  const inItsName = { 'aws:RequestTag/tenant': tenantOf(target) };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal,
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': target.externalId, ...inItsName } },
      },
      { Effect: 'Allow', Principal, Action: 'sts:TagSession', Condition: { StringEquals: inItsName } },
      { Effect: 'Allow', Principal, Action: 'sts:SetSourceIdentity' },
    ],
  };
};
