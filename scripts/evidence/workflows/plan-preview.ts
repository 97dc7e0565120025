import type { WorkflowEvidence } from '../workflow-evidence';

export const planPreview: WorkflowEvidence = {
  workflow: 'plan-preview',
  outcome: 'previewed',
  asks: false,
  places: 'lane',
  input: (place, { target }) => {
    const { workspace = null, module = null, variables = {} } = target.machine(place);
    return { workspace, module, variables };
  },
  again: { outcome: 'previewed' },
  meanwhile: 'runs',
  failure: {
    what: 'the module refuses its variables',
    input: ({ workspace, name }) => ({
      workspace,
      module: 'local-host',
      variables: { name, owner: 'evidence', address: '10.0.0.1' },
    }),
    error: 'InvalidInputError',
  },
  killDuring: { task: 'terraform-plan' },
};
