import { sha256Hex } from '../shared/digest';
import { tenantOf } from '../shared/names';
import type { BrokerInput } from './contract';

/** How STS is asked for one session. */
export interface Session {
  /** Names the change, or the run of a plan, in every record that AWS keeps of what is done with it. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy: object;
}

/** What STS takes as session name and source identity. */
const longestName = 64;

const nameOf = (input: BrokerInput): string => {
  const name = input.purpose === 'apply' ? input.change.id : `plan-${input.run.runId}`;
  return name.length <= longestName ? name : `${name.slice(0, 47)}-${sha256Hex(name).slice(0, 16)}`;
};

const readObject = ['s3:GetObject', 's3:GetObjectVersion'];
const writeObject = ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'];

/**
 * Narrows the role to one workspace, in words that need no session tag to be understood. What it allows counts only
 * where the role allows it too.
 */
const policyOf = ({ purpose, run }: BrokerInput, stateBucketArn: string): object => {
  const state = `${stateBucketArn}/${run.workspace}/terraform.tfstate`;
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', NotAction: [...readObject, ...writeObject], Resource: '*' },
      {
        Effect: 'Allow',
        Action: purpose === 'apply' ? ['s3:GetObject', 's3:PutObject'] : ['s3:GetObject'],
        Resource: state,
      },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        Resource: `${state}.tflock`,
      },
    ],
  };
};

/** The session for one request: of one workspace, under the name of its change. */
export const sessionFor = (input: BrokerInput, stateBucketArn: string): Session => ({
  name: nameOf(input),
  tags: {
    tenant: tenantOf(input.run.workspace),
    workspace: input.run.workspace,
    change: input.purpose === 'apply' ? input.change.id : 'none',
  },
  policy: policyOf(input, stateBucketArn),
});
