import type { WorkflowEvidence } from '../workflow-evidence';
import { decommission } from './decommission';
import { driftCheck } from './drift-check';
import { runScript } from './run-script';
import { vmProvisioning } from './vm-provisioning';

/** Every workflow that begins a run and does something of its own, in the order of the report. */
export const workflows: readonly WorkflowEvidence[] = [vmProvisioning, decommission, driftCheck, runScript];
