import type { Lab } from '../lab';
import type { Json, Place, WorkflowEvidence } from '../workflow-evidence';

const probe =
  (status: number) =>
  ({ workspace }: Place, { target }: Lab): Json => ({
    workspace,
    script: 'http-probe',
    parameters: { url: `${target.outputs.publicUrl}/api/health`, status, tries: 1 },
  });

export const runScript: WorkflowEvidence = {
  workflow: 'run-script',
  outcome: 'applied',
  asks: true,
  places: 'fresh',
  input: probe(200),
  // A script has no state to compare with: it is asked about and run again.
  again: { outcome: 'applied' },
  meanwhile: 'refused',
  failure: {
    what: 'the probed address answers with another status than the wanted one',
    input: probe(418),
    error: 'ScriptError',
  },
  killDuring: { task: 'script-run' },
  isResumable: true,
};
