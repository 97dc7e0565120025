import type { WorkflowEvidence } from '../workflow-evidence';

export const vmProvisioning: WorkflowEvidence = {
  workflow: 'vm-provisioning',
  outcome: 'applied',
  asks: true,
  places: 'fresh',
  input: (place, { target }) => target.machine(place),
  again: { outcome: 'unchanged' },
  meanwhile: 'refused',
  failure: {
    what: 'the role refuses an account called root',
    input: (place, { target }) => ({
      ...target.machine(place),
      role: 'baseline',
      roleVariables: { baseline_accounts: [{ name: 'root' }] },
    }),
    error: 'AnsibleError',
  },
  killDuring: { task: 'ansible-run' },
  isResumable: true,
};
