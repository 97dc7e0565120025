import type { WorkflowEvidence } from '../workflow-evidence';

export const complianceCheck: WorkflowEvidence = {
  workflow: 'compliance-check',
  outcome: 'clean',
  asks: false,
  places: 'lane',
  prepare: (lab, place) => lab.provide('vm-provisioning', lab.target.machine(place)),
  input: ({ workspace }) => ({ workspace }),
  again: { outcome: 'clean' },
  meanwhile: 'refused',
  failure: {
    what: 'nothing was ever applied in the workspace',
    input: ({ workspace }) => ({ workspace: `${workspace}-empty` }),
    error: 'NothingAppliedError',
  },
  killDuring: { task: 'compliance-scan' },
};
