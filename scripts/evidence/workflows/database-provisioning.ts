import type { WorkflowEvidence } from '../workflow-evidence';

export const databaseProvisioning: WorkflowEvidence = {
  workflow: 'database-provisioning',
  outcome: 'applied',
  asks: true,
  places: 'lane',
  prepare: (lab, place) => lab.provide('vm-provisioning', lab.target.machine(place)),
  input: ({ workspace, attempt }) => ({
    workspace,
    database: `orders_${attempt.replaceAll('-', '_')}`,
    team: 'evidence',
  }),
  again: { outcome: 'unchanged' },
  meanwhile: 'refused',
  failure: {
    what: 'the server of the host is on another port',
    input: ({ workspace, attempt }) => ({
      workspace,
      database: `orders_${attempt.replaceAll('-', '_')}`,
      team: 'evidence',
      port: 5999,
    }),
    error: 'AnsibleError',
    prepare: async (lab, place) => {
      await lab.provide('vm-provisioning', lab.target.machine(place));
      await lab.provide('database-provisioning', {
        workspace: place.workspace,
        reason: 'Evidence',
        database: 'first',
        team: 'evidence',
      });
    },
  },
  killDuring: 'ansible-run',
  isResumable: true,
};
