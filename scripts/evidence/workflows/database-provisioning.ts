import { provideDatabase } from '../provide-database';
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
    prepare: (lab, place) => provideDatabase(lab, place, 'first'),
  },
  killDuring: { task: 'ansible-run' },
  isResumable: true,
};
