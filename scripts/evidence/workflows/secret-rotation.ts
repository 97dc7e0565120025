import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { makePostgresqlAlternatingUsers } from '../../../lambdas/rotation/strategies/postgresql-alternating-users';
import { EvidenceError, type Lab } from '../lab';
import { provideRotatedDatabase, secretOf } from '../provide-database';
import type { Json, Place, WorkflowEvidence } from '../workflow-evidence';

const database = 'orders';
const named = (place: Place, lab: Lab): Json => ({ credentials: [secretOf(lab, place, database)] });
const forced = (place: Place, lab: Lab): Json => ({ ...named(place, lab), force: true });

/** Renames the function by which a login opens the other one. */
const rename = async ({ target }: Lab, { workspace }: Place, from: string, to: string): Promise<void> =>
  target.onHosts?.(
    workspace,
    `sudo -u postgres psql -qXd ${database} -c 'ALTER FUNCTION orchestrator_rotation.${from}(text) RENAME TO ${to}'`,
  );

/** What was current still is, signs in, and nothing else has a label. */
const requireUntouched = async (lab: Lab, place: Place): Promise<void> => {
  const { secretsManager } = lab.target;
  const SecretId = secretOf(lab, place, database);
  const { VersionIdsToStages = {} } = await secretsManager.send(new DescribeSecretCommand({ SecretId }));
  const labels = Object.values(VersionIdsToStages).flat();
  if (labels.join() !== 'AWSCURRENT')
    throw new EvidenceError(`After it was abandoned, versions of the secret bear ${labels.join(', ')}.`);
  const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
  if (!(await makePostgresqlAlternatingUsers().works(SecretString)))
    throw new EvidenceError('After it was abandoned, the login that is current does not sign in.');
};

export const secretRotation: WorkflowEvidence = {
  workflow: 'secret-rotation',
  outcome: 'applied',
  asks: false,
  places: 'lane',
  prepare: async (lab, place) => void (await provideRotatedDatabase(lab, place, database)),
  input: forced,
  // Whoever forces it once more gets it once more; without that nothing is due.
  again: { outcome: 'unchanged', input: named },
  // One after the other: the second waits until the first lets go of the credential.
  meanwhile: 'runs',
  failure: {
    what: 'the database lacks the function that opens its other login; the rotation is abandoned, the login in use signs in',
    prepare: (lab, place) => rename(lab, place, 'open_other_login', 'gone'),
    input: forced,
    error: 'RotationsFailedError',
    restore: async (lab, place) => {
      await rename(lab, place, 'gone', 'open_other_login');
      await requireUntouched(lab, place);
    },
    isByHand: true,
  },
  // The target has the next password already, and that is not written down yet.
  killDuring: { step: 'rotate-secret', call: /"step":\{"S":"test"\}/ },
};
