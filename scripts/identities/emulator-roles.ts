import type { STSClient } from '@aws-sdk/client-sts';
import type { Role } from './roles';

type Signer = Awaited<ReturnType<STSClient['config']['signer']>>;
type Signable = Parameters<Signer['sign']>[0];

/** Calls IAM without its client, which the project does not use otherwise. */
const makeCallIam = async (sts: STSClient, url: string) => {
  const signer = await sts.config.signer({
    name: 'sigv4',
    signingName: 'iam',
    signingRegion: 'us-east-1',
    properties: {},
  });
  const { hostname, port, host } = new URL(url);
  return async (action: string, parameters: Readonly<Record<string, string>>): Promise<string> => {
    const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }).toString();
    const request = {
      method: 'POST',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: '/',
      query: {},
      headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    };
    const { headers } = await signer.sign(request as unknown as Signable);
    const { host: _, ...others } = headers;
    const response = await fetch(url, { method: 'POST', headers: others, body });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${action}: ${answer}`);
    return answer;
  };
};

const nameOf = (arn: string): string => arn.replace(/^.*\//, '');

/** Makes a user whom nobody grants anything, and returns their key. */
export const makeUser = async (
  sts: STSClient,
  url: string,
  name: string,
): Promise<{ accessKeyId: string; secretAccessKey: string }> => {
  const callIam = await makeCallIam(sts, url);
  await callIam('CreateUser', { UserName: name });
  const answer = await callIam('CreateAccessKey', { UserName: name });
  const field = (tag: string): string => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(answer)?.[1] ?? '';
  return { accessKeyId: field('AccessKeyId'), secretAccessKey: field('SecretAccessKey') };
};

/**
 * Makes roles in the emulator as their templates describe them, boundaries included: its CloudFormation leaves those
 * of roles out.
 */
export const makeRoles = async (sts: STSClient, url: string, roles: readonly Role[]): Promise<void> => {
  const callIam = await makeCallIam(sts, url);
  for (const { arn, trust, policies, boundary } of roles) {
    const RoleName = nameOf(arn);
    const PolicyName = `boundary-of-${RoleName}`;
    await callIam('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify(boundary) });
    await callIam('CreateRole', {
      RoleName,
      Path: /:role(\/(?:.+\/)?)[^/]+$/.exec(arn)?.[1] ?? '/',
      AssumeRolePolicyDocument: JSON.stringify(trust),
      PermissionsBoundary: arn.replace(/:role\/.*$/, `:policy/${PolicyName}`),
    });
    for (const [index, policy] of policies.entries())
      await callIam('PutRolePolicy', {
        RoleName,
        PolicyName: `policy-${index}`,
        PolicyDocument: JSON.stringify(policy),
      });
  }
};
