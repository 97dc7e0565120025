import type { WorkflowEvidence } from '../workflow-evidence';
import { acceptDrift } from './accept-drift';
import { applicationDeployment } from './application-deployment';
import { complianceCheck } from './compliance-check';
import { databaseProvisioning } from './database-provisioning';
import { decommission } from './decommission';
import { driftCheck } from './drift-check';
import { driftDetection } from './drift-detection';
import { planPreview } from './plan-preview';
import { runScript } from './run-script';
import { secretRotation } from './secret-rotation';
import { vmProvisioning } from './vm-provisioning';

/** Every workflow that begins a run, in the order of the report. */
export const workflows: readonly WorkflowEvidence[] = [
  vmProvisioning,
  applicationDeployment,
  decommission,
  driftCheck,
  driftDetection,
  acceptDrift,
  complianceCheck,
  planPreview,
  runScript,
  databaseProvisioning,
  secretRotation,
];
