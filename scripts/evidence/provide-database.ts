import { TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import type { Lab } from './lab';
import type { Place } from './workflow-evidence';

type Where = Pick<Place, 'workspace' | 'name'>;

/** A database on the one machine of a place, both made where they are not there. */
export const provideDatabase = async (lab: Lab, place: Where, database: string): Promise<void> => {
  await lab.provide('vm-provisioning', lab.target.machine(place));
  await lab.provide('database-provisioning', {
    workspace: place.workspace,
    reason: 'Evidence',
    database,
    team: 'evidence',
  });
};

/** The name of the secret that holds a database's login. */
export const secretOf = ({ target }: Lab, { workspace }: Where, database: string): string =>
  `orchestrator-${target.environment}/workspaces/${workspace}/${database}`;

/** A database whose login nobody uses between two rotations: it has no overlap, so that each comes to its end. */
export const provideRotatedDatabase = async (lab: Lab, place: Where, database: string): Promise<string> => {
  await provideDatabase(lab, place, database);
  const SecretId = secretOf(lab, place, database);
  await lab.target.secretsManager.send(
    new TagResourceCommand({ SecretId, Tags: [{ Key: 'rotation-overlap', Value: '0' }] }),
  );
  return SecretId;
};
