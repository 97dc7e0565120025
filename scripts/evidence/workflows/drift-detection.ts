import type { Lab } from '../lab';
import type { Place, WorkflowEvidence } from '../workflow-evidence';

/** A tenant of its own, so that nothing else is in it. */
const tenantOf = ({ name }: Place): string => name;

const machineOf = (place: Place): { workspace: string; name: string } => ({
  workspace: `${tenantOf(place)}/${place.name}`,
  name: place.name,
});

const provide = (lab: Lab, place: Place): Promise<void> =>
  lab.provide('vm-provisioning', lab.target.machine(machineOf(place)));

export const driftDetection: WorkflowEvidence = {
  workflow: 'drift-detection',
  outcome: 'clean',
  asks: false,
  places: 'lane',
  prepare: provide,
  input: (place) => ({ tenant: tenantOf(place) }),
  again: { outcome: 'clean' },
  meanwhile: 'runs',
};
