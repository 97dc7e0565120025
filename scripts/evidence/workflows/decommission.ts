import type { WorkflowEvidence } from '../workflow-evidence';

export const decommission: WorkflowEvidence = {
  workflow: 'decommission',
  outcome: 'applied',
  asks: true,
  places: 'fresh',
  prepare: (lab, place) => lab.provide('vm-provisioning', lab.target.machine(place)),
  input: ({ workspace }) => ({ workspace }),
  again: { error: 'NothingAppliedError' },
  meanwhile: 'refused',
  killDuring: { task: 'terraform-plan' },
  isResumable: true,
};
