import * as z from 'zod';
import { InvalidInputError } from '../../shared/errors';
import { healthPath, sha256 } from '../../shared/names';
import type { AppliedContent } from '../../shared/workspace-record';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { type Catalogue, startable } from './startable';

const releaseRole = 'app-release';
/** What a worker has for asking one batch. */
const probingSecondsAtMost = 600;

const rollout = z.strictObject({
  canary: z.int().min(1).max(100).default(1).describe('hosts that get the release first, alone'),
  batchSize: z.int().min(1).max(100).default(1).describe('hosts at a time after them'),
  bakeSeconds: z
    .int()
    .min(0)
    .max(24 * 3600)
    .default(10)
    .describe('seconds that a batch runs before it is asked'),
  probes: z
    .int()
    .min(1)
    .max(60)
    .default(5)
    .describe('times that each host is asked; one bad answer is enough'),
  probeIntervalSeconds: z.int().min(0).max(60).default(1).describe('seconds between'),
});

/** What a person types to start `application-deployment`. */
export const applicationDeploymentInput = z.strictObject({
  workspace: startFields.workspace.describe('the workspace whose hosts it is deployed to, <tenant>/<name>'),
  application: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,31}$/,
      'lower-case letters, digits and "-", beginning with a letter, 32 at most',
    )
    .describe('name of the application, its unit and its folder'),
  version: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/, 'letters, digits, ".", "+" and "-", 64 at most')
    .describe('the release; a version never changes its bytes'),
  sha256: sha256.describe('of its archive in the release store: "orchestrator releases put FILE" prints it'),
  command: z
    .array(z.string().min(1).max(1024))
    .min(1)
    .max(64)
    .describe(
      'program by its absolute path, and its arguments; it finds ADDRESS and PORT in its environment',
    ),
  environment: z
    .record(z.string().max(128), z.string().max(4096))
    .default({})
    .describe('environment of the program; no place for secrets'),
  port: z.int().min(1).max(65535).default(8080).describe('TCP port on which it answers'),
  healthPath: healthPath.default('/').describe('path that answers with status 200 when it is well'),
  healthText: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe(
      'what that answer must hold, so that no other release answers for this one; by default the version',
    ),
  rollout: rollout.prefault({}).describe('how it comes to the hosts'),
  reason: startFields.reason,
  approvalTimeoutSeconds: startFields.approvalTimeoutSeconds,
  whenBusy: startFields.whenBusy
    .unwrap()
    .default('wait')
    .describe('what to do while another run has the workspace: wait in order, or end at once'),
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});
type Input = z.infer<typeof applicationDeploymentInput>;

const deploymentOf = (input: Input, catalogue: Catalogue) => {
  const { application, version, port, rollout: plan } = input;
  if (plan.probes * plan.probeIntervalSeconds > probingSecondsAtMost)
    throw new InvalidInputError(
      `The input does not fit. rollout: ${plan.probes} probes, ${plan.probeIntervalSeconds} seconds apart, take more than ${probingSecondsAtMost} seconds. Ask less often, or let the batches bake longer.`,
    );
  const healthText = input.healthText ?? version;
  return {
    role: releaseRole,
    roleVariables: catalogue.validateRoleVariables(releaseRole, {
      app_release_name: application,
      app_release_version: version,
      app_release_sha256: input.sha256,
      app_release_command: input.command,
      app_release_environment: input.environment,
      app_release_port: port,
      app_release_health_path: input.healthPath,
      app_release_health_text: healthText,
    }),
    release: { application, version, port, healthPath: input.healthPath, healthText, rollout: plan },
  };
};

export const applicationDeployment = startable<Input>({
  input: applicationDeploymentInput,
  // Whoever resumes one sees anew what is left to do on its hosts.
  entries: ['plan'],
  check: (input, catalogue) => void deploymentOf(input, catalogue),
  contentOf: (input, { applied, catalogue }: { applied?: AppliedContent; catalogue: Catalogue }) => ({
    ...asApplied(input.workspace, applied),
    ...deploymentOf(input, catalogue),
  }),
});
