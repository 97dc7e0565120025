import type { OpenBaoServer } from './openbao-server';

/** The policy by which a role renews its own secret-id, beside what its consumers read. */
export const approlePolicy = (role: string): string => `
path "secret/data/apps/${role}" { capabilities = ["read"] }
path "auth/approle/role/${role}/custom-secret-id" { capabilities = ["update"] }
path "auth/approle/role/${role}/secret-id/destroy" { capabilities = ["update"] }
`;

/** Makes a role with its policy and its first secret-id: the value of that. */
export const makeRole = async (
  { root, address }: Pick<OpenBaoServer, 'root' | 'address'>,
  role: string,
  policy = approlePolicy(role),
): Promise<string> => {
  await root.call('PUT', `sys/policies/acl/${role}`, { policy });
  const settings = { token_policies: [role], token_ttl: '10m' };
  await root.call('POST', `auth/approle/role/${role}`, settings);
  const ask = async (method: 'GET' | 'POST', path: string, field: string): Promise<string> => {
    const answer = await root.call(
      method,
      `auth/approle/role/${role}/${path}`,
      method === 'POST' ? {} : undefined,
    );
    return (answer as { data: Record<string, string> }).data[field] ?? '';
  };
  return JSON.stringify({
    address,
    mount: 'approle',
    role_name: role,
    role_id: await ask('GET', 'role-id', 'role_id'),
    secret_id: await ask('POST', 'secret-id', 'secret_id'),
  });
};
