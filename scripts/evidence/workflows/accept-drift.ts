import { EvidenceError, type Lab } from '../lab';
import type { Place, WorkflowEvidence } from '../workflow-evidence';

const isDrifted = async (lab: Lab, workspace: string): Promise<boolean> =>
  (await lab.run('drift-check', { workspace, reason: 'Evidence' })).report.outcome === 'drifted';

/** A machine on which somebody has changed something, as a check has found. */
const prepare = async (lab: Lab, place: Place): Promise<void> => {
  const { workspace } = place;
  await lab.provide('vm-provisioning', lab.target.machine(place));
  if (await isDrifted(lab, workspace)) return;
  await lab.target.onHosts?.(workspace, 'sudo chmod 666 /etc/sysctl.d/60-baseline.conf');
  if (!(await isDrifted(lab, workspace)))
    throw new EvidenceError(
      `Nothing differs in ${workspace}, so that there is nothing to accept. Change something on its machine by hand, and try again.`,
    );
};

export const acceptDrift: WorkflowEvidence = {
  workflow: 'accept-drift',
  outcome: 'clean',
  asks: false,
  places: 'lane',
  prepare,
  input: ({ workspace }) => ({ workspace }),
  again: { outcome: 'clean' },
  meanwhile: 'refused',
  failure: {
    what: 'no check has found what is to be accepted',
    input: ({ workspace }) => ({ workspace, keys: ['0000000000000000'] }),
    error: 'NoSuchDriftError',
  },
};
