import { sha256Hex } from '../shared/digest';
import { finalStateFolder } from '../shared/final-state-folder';
import { tenantOf } from '../shared/names';
import type { BrokerInput } from './contract';

/** How STS is asked for one session. */
export interface Session {
  /** Names the change, or the run of a plan, in every record that AWS keeps of what is done with it. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy: object;
}

/** A session in another account: what it may do there is the business of that account's role. */
export type TargetSession = Omit<Session, 'policy'> & { readonly arn: string; readonly externalId: string };

/** What STS takes as session name and source identity. */
const longestName = 64;

const nameOf = (input: BrokerInput): string => {
  const name = input.purpose === 'apply' ? input.change.id : `plan-${input.run.runId}`;
  return name.length <= longestName ? name : `${name.slice(0, 47)}-${sha256Hex(name).slice(0, 16)}`;
};

const readObject = ['s3:GetObject', 's3:GetObjectVersion'];
const writeObject = ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'];

/** Beside its objects, all that OpenTofu needs to keep a state. */
const stateHelp = ['s3:ListBucket', 'kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * Narrows the role to one workspace, in words that need no session tag to be understood. What it allows counts only
 * where the role allows it too.
 */
const policyOf = ({ purpose, run }: BrokerInput, stateBucketArn: string, worksElsewhere: boolean): object => {
  const state = `${stateBucketArn}/${run.workspace}/terraform.tfstate`;
  return {
    Version: '2012-10-17',
    Statement: [
      worksElsewhere
        ? { Effect: 'Allow', Action: stateHelp, Resource: '*' }
        : { Effect: 'Allow', NotAction: [...readObject, ...writeObject], Resource: '*' },
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
      ...(purpose === 'apply'
        ? [
            {
              Effect: 'Allow',
              Action: 's3:PutObject',
              Resource: `${stateBucketArn}/${finalStateFolder(run.workspace)}*`,
            },
          ]
        : []),
    ],
  };
};

const tagsOf = (input: BrokerInput): Session['tags'] => ({
  tenant: tenantOf(input.run.workspace),
  workspace: input.run.workspace,
  change: input.purpose === 'apply' ? input.change.id : 'none',
});

/**
 * The session for one request: of one workspace, under the name of its change.
 *
 * @param worksElsewhere its infrastructure stands in another account, so that this session is for its state alone
 */
export const sessionFor = (input: BrokerInput, stateBucketArn: string, worksElsewhere = false): Session => ({
  name: nameOf(input),
  tags: tagsOf(input),
  policy: policyOf(input, stateBucketArn, worksElsewhere),
});

/** The session in the account where the infrastructure stands. */
export const targetSessionFor = (
  input: BrokerInput,
  role: { readonly arn: string; readonly externalId: string },
): TargetSession => ({ name: nameOf(input), tags: tagsOf(input), ...role });
