import { InvalidInputError } from '../../shared/errors';
import { segment } from '../../shared/names';
import { acceptDrift } from './accept-drift';
import { applicationDeployment } from './application-deployment';
import { complianceCheck } from './compliance-check';
import { composed } from './composed';
import { databaseProvisioning } from './database-provisioning';
import { decommission } from './decommission';
import { driftCheck } from './drift-check';
import { driftDetection } from './drift-detection';
import { planPreview } from './plan-preview';
import { runScript } from './run-script';
import { secretRotation } from './secret-rotation';
import type { Startable } from './startable';
import { vmProvisioning } from './vm-provisioning';

/** The workflows that begin with the step begin-run, by the names of their files in `workflows/`. */
export const startableWorkflows: Readonly<Record<string, Startable>> = {
  'vm-provisioning': vmProvisioning,
  'application-deployment': applicationDeployment,
  decommission,
  'accept-drift': acceptDrift,
  'drift-check': driftCheck,
  'compliance-check': complianceCheck,
  'drift-detection': driftDetection,
  'plan-preview': planPreview,
  'run-script': runScript,
  'database-provisioning': databaseProvisioning,
  'secret-rotation': secretRotation,
};

/** @throws InvalidInputError */
export const requireStartable = (workflow: string): Startable => {
  const found = Object.hasOwn(startableWorkflows, workflow) ? startableWorkflows[workflow] : undefined;
  if (!found)
    throw new InvalidInputError(
      `No workflow "${workflow}" can be started. Known: ${Object.keys(startableWorkflows).join(', ')}.`,
    );
  return found;
};

/**
 * What a machine that begins a run takes: its own contract, or, when it has none, the general one. Which machines there
 * are, their files say; one that names itself badly is refused.
 *
 * @throws InvalidInputError
 */
export const startableOf = (workflow: string): Startable => {
  if (Object.hasOwn(startableWorkflows, workflow)) return requireStartable(workflow);
  if (!segment.safeParse(workflow).success)
    throw new InvalidInputError(
      'The workflow names itself by no name that a file in workflows/ can have. Correct the constant in its state "Begin run".',
    );
  return composed;
};
