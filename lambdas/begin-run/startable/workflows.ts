import { InvalidInputError } from '../../shared/errors';
import { complianceCheck } from './compliance-check';
import { databaseProvisioning } from './database-provisioning';
import { decommission } from './decommission';
import { driftCheck } from './drift-check';
import { planPreview } from './plan-preview';
import { runScript } from './run-script';
import type { Startable } from './startable';
import { vmProvisioning } from './vm-provisioning';

/** The workflows that begin with the step begin-run, by the names of their files in `workflows/`. */
export const startableWorkflows: Readonly<Record<string, Startable>> = {
  'vm-provisioning': vmProvisioning,
  decommission,
  'drift-check': driftCheck,
  'compliance-check': complianceCheck,
  'plan-preview': planPreview,
  'run-script': runScript,
  'database-provisioning': databaseProvisioning,
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
