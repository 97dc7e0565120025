import * as z from 'zod';
import type { Variables } from '../../shared/contract';
import { InvalidInputError } from '../../shared/errors';
import { hostName } from '../../shared/names';
import type { AppliedContent } from '../../shared/workspace-record';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { type Catalogue, startable } from './startable';

const role = 'postgresql-database';
/** Names that PostgreSQL keeps for itself, or reads as something else where it is said who may connect. */
const reserved = new Set([
  'all',
  'postgres',
  'replication',
  'samegroup',
  'samerole',
  'sameuser',
  'template0',
  'template1',
]);
/** A value of a tag in AWS. */
const label = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9+\-=._:/@]+$/, 'letters, digits and + - = . _ : / @');

/** What a person types to start `database-provisioning`. */
export const databaseProvisioningInput = z.strictObject({
  workspace: startFields.workspace.describe('workspace whose host the database stands on, <tenant>/<name>'),
  host: hostName.optional().describe('which host, where the workspace has several'),
  database: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, 'lower-case letters, digits and "_", a letter first, 40 at most')
    .refine((name) => !reserved.has(name) && !name.startsWith('pg_'), 'PostgreSQL keeps this name for itself')
    .describe('name of the database'),
  port: z
    .int()
    .min(1024)
    .max(65535)
    .default(5432)
    .describe('port of the server, for all databases of the host'),
  allowedNetworks: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .max(20)
    .default([])
    .describe('networks that may connect, over TLS; the host itself always may'),
  team: label.describe('who answers for the database'),
  consumers: z
    .array(label)
    .refine((names) => names.join(' ').length <= 250, '250 characters together')
    .default([])
    .describe('what uses the credential'),
  rotationDays: z
    .int()
    .min(1)
    .max(365)
    .default(90)
    .describe('days after which the credential is due for rotation'),
  reason: startFields.reason,
  approvalTimeoutSeconds: startFields.approvalTimeoutSeconds,
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});
type Input = z.infer<typeof databaseProvisioningInput>;

const roleVariables = (input: Input): Variables => ({
  postgresql_database_name: input.database,
  postgresql_database_port: input.port,
  postgresql_database_allowed_networks: input.allowedNetworks,
  postgresql_database_team: input.team,
  postgresql_database_consumers: input.consumers,
  postgresql_database_rotation_days: input.rotationDays,
});

const check = (input: Input, catalogue: Catalogue): Variables =>
  catalogue.validateRoleVariables(role, roleVariables(input));

export const databaseProvisioning = startable<Input>({
  input: databaseProvisioningInput,
  // A role is previewed on the hosts as they are then: whoever resumes a run sees it again, and decides again.
  entries: ['plan'],
  check,
  contentOf: (input, { applied, catalogue }: { applied?: AppliedContent; catalogue: Catalogue }) => {
    const content = asApplied(input.workspace, applied);
    if (content.role === role)
      throw new InvalidInputError(
        `${input.workspace} itself was brought to the role ${role}. Change its variables with vm-provisioning.`,
      );
    return { ...content, role, roleVariables: check(input, catalogue) };
  },
});
