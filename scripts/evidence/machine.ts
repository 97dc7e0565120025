import { z } from 'zod';
import type { JsonValue } from '../../lambdas/shared/ledger-event';
import type { Json, Place } from './workflow-evidence';

/** The input of a `vm-provisioning` run that makes the one machine of a workspace. */
export type Machine = (place: Pick<Place, 'workspace' | 'name'>) => Json;

const template = z.looseObject({ variables: z.record(z.string(), z.json()) });

/** A machine like another, whose input is given; workspace and name are the place's. */
export const machineFrom = (input: JsonValue): Machine => {
  const { workspace: _, ...given } = template.parse(input);
  return ({ workspace, name }) => ({
    ...(given as Json),
    workspace,
    variables: { ...given.variables, name },
    reason: 'Evidence',
  });
};

/** A small machine of the local platform, with accounts and hardening. */
export const localMachine: Machine = machineFrom({
  module: 'local-host',
  variables: { size: 'small', owner: 'evidence' },
  role: 'baseline',
});
