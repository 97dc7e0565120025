import type { WorkflowEvidence } from '../workflow-evidence';

/** Where nothing is due, nothing is done; that a credential is rotated, its own tests show. */
export const secretRotation: WorkflowEvidence = {
  workflow: 'secret-rotation',
  outcome: 'unchanged',
  asks: false,
  places: 'lane',
  input: () => ({ due: true }),
  again: { outcome: 'unchanged' },
  meanwhile: 'runs',
};
