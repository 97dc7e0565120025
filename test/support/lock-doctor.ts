import { makeLockDoctor } from '../../lambdas/lock-doctor/lock-doctor';
import { makeStateObjects } from '../../lambdas/lock-doctor/state-objects';
import { inMemoryRunStore } from './in-memory-run-store';
import { recordingLedger } from './recording-ledger';
import type { RunnerPlatform } from './runner-platform';

/** The lock doctor on the platform's buckets; it knows of no runs. */
export const doctorOn = ({ s3, env }: RunnerPlatform) => {
  const runs = inMemoryRunStore();
  const ledger = recordingLedger();
  const objects = makeStateObjects({
    s3,
    stateBucket: env.STATE_BUCKET ?? '',
    artifactsBucket: env.ARTIFACTS_BUCKET ?? '',
    keyArn: env.STATE_KEY_ARN ?? '',
  });
  const doctor = makeLockDoctor({
    runs,
    leases: runs.leaseStore,
    objects,
    ledger,
    executionStatus: async () => 'GONE',
    wakeCallback: async () => undefined,
    now: () => new Date(),
    sleep: async () => undefined,
  });
  return { runs, objects, ledger, doctor };
};
