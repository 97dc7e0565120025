import type { PlanAction, PlanGroup } from '../shared/plan-document';
import { childOf, isTree } from './plan-attributes';

/**
 * What an approver must see first, as data: types by their names, where `*` stands for anything. The policies in
 * `policies/plan` judge a change; this only orders its page.
 */
const types: Readonly<Record<'access' | 'exposure' | 'network' | 'data', readonly string[]>> = {
  access: [
    'aws_iam_*',
    'aws_*_policy',
    'aws_*_policy_attachment',
    'aws_*_grant',
    'aws_*_permission',
    'aws_cognito_*',
    'aws_identitystore_*',
    'aws_kms_key',
    'aws_organizations_*',
    'aws_ram_*',
    'aws_ssoadmin_*',
  ],
  exposure: ['aws_*_public_access_block', 'aws_s3_bucket_acl', 'aws_lambda_function_url'],
  network: [
    'aws_security_group*',
    'aws_vpc*',
    'aws_subnet',
    'aws_route*',
    'aws_internet_gateway',
    'aws_nat_gateway',
    'aws_network_*',
    'aws_eip*',
    'aws_lb*',
    'aws_ec2_transit_gateway*',
    'aws_dx_*',
    'aws_vpn_*',
    'aws_wafv2_*',
  ],
  data: [
    'aws_s3_bucket*',
    'aws_db_*',
    'aws_rds_*',
    'aws_dynamodb_*',
    'aws_docdb_*',
    'aws_neptune_*',
    'aws_elasticache_*',
    'aws_opensearch_*',
    'aws_redshift_*',
    'aws_efs_*',
    'aws_fsx_*',
    'aws_ebs_*',
    'aws_backup_*',
    'aws_secretsmanager_*',
    'aws_ssm_parameter',
    'aws_kms_*',
  ],
};

/** Attributes that open something to everybody, in the value that does. */
const openings: Readonly<Record<string, ((value: unknown) => boolean) | undefined>> = {
  associate_public_ip_address: (value) => value === true,
  authorization_type: (value) => value === 'NONE',
  internal: (value) => value === false,
  map_public_ip_on_launch: (value) => value === true,
  principal: (value) => value === '*',
  publicly_accessible: (value) => value === true,
};
const everybody = new Set(['0.0.0.0/0', '::/0']);

const patterns = Object.fromEntries(
  Object.entries(types).map(([group, names]) => [
    group,
    new RegExp(`^(?:${names.map((name) => name.replaceAll('*', '.*')).join('|')})$`),
  ]),
);
const isA = (group: keyof typeof types, type: string): boolean => patterns[group]?.test(type) === true;

/** What goes out to everybody lets nobody in. */
const opensToEverybody = (value: unknown): boolean => {
  if (typeof value === 'string') return everybody.has(value);
  if (!isTree(value) || childOf(value, 'type') === 'egress') return false;
  return Object.entries(value).some(
    ([name, item]) => name !== 'egress' && (openings[name]?.(item) === true || opensToEverybody(item)),
  );
};

/** The group of a resource: the most dangerous that fits. Making a network or a store endangers nothing; changing one may. */
export const dangerOf = (type: string, action: PlanAction, after: unknown): PlanGroup => {
  if (action === 'replace') return 'replace';
  if (action === 'delete') return 'destroy';
  if (isA('access', type)) return 'access';
  if (
    isA('exposure', type) ||
    (type.startsWith('aws_') && !type.includes('egress') && opensToEverybody(after))
  )
    return 'exposure';
  if (action === 'create') return 'create';
  if (isA('network', type)) return 'network';
  return isA('data', type) ? 'data' : 'update';
};
