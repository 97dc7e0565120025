import { deploymentOf } from '../../rollout/pack-release';
import type { Lab } from '../lab';
import type { Json, Place, WorkflowEvidence } from '../workflow-evidence';

const releaseOf =
  (kind: 'well' | 'unwell') =>
  async ({ workspace, attempt }: Place, { target }: Lab): Promise<Json> => {
    const version = `1.0.0-${attempt}-${kind}`;
    return {
      workspace,
      ...deploymentOf(version, await target.putRelease(version)),
      // An unwell one answers, and never with what is asked for.
      ...(kind === 'unwell' && { healthText: 'another release' }),
      rollout: { bakeSeconds: 1, probes: 2 },
    };
  };

export const applicationDeployment: WorkflowEvidence = {
  workflow: 'application-deployment',
  outcome: 'applied',
  asks: true,
  places: 'lane',
  prepare: (lab, place) => lab.provide('vm-provisioning', lab.target.machine(place)),
  input: releaseOf('well'),
  again: { outcome: 'unchanged' },
  meanwhile: 'refused',
  failure: {
    what: 'the release answers with another text than its own; what ran before is brought back and asked',
    prepare: async (lab, place) =>
      lab.provide('application-deployment', { reason: 'Evidence', ...(await releaseOf('well')(place, lab)) }),
    input: releaseOf('unwell'),
    error: 'ReleaseRolledBackError',
  },
  killDuring: { task: 'ansible-run' },
  isResumable: true,
};
