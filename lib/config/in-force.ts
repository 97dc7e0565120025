import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import type { ConfigurationInForce } from '../../lambdas/record-configuration/contract';
import { release } from './release';
import type { EnvironmentConfig } from './schema';

const policies = join(__dirname, '../../policies');
const fileDigest = (name: string): string => FileSystem.fingerprint(join(policies, name));
const valueDigest = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('hex');

/** What a deployment of this environment puts in force: digests, which say that something changed and not what. */
export const configurationInForce = ({ approval, access }: EnvironmentConfig): ConfigurationInForce => {
  const { version, commit } = release();
  return {
    release: `${version} ${commit}`,
    rules: { approvals: fileDigest('approval/rules.json'), plans: fileDigest('plan') },
    roles: {
      approvers: valueDigest(approval.approvers.map(({ id, groups }) => ({ id, groups }))),
      principals: valueDigest(approval.principals),
      access: valueDigest(access),
      signIn: valueDigest(approval.signIn),
    },
  };
};
