import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeExecutionStatus } from '../shared/execution-status';
import { makeLeaseStore } from '../shared/lease-store';
import { makeLeaseTable } from '../shared/lease-table';
import { makeImpersonalLedger } from '../shared/ledger';
import { makeRunStore } from '../shared/run-store';
import { makeWakeCallback } from '../shared/wake-callback';
import { lockDoctorInput, lockDoctorOutput } from './contract';
import { lockDoctorEnv } from './env';
import { makeLockDoctor } from './lock-doctor';
import { makeReadQueue } from './read-queue';
import { makeStateObjects } from './state-objects';

const env = parseEnv(lockDoctorEnv);
const client = makeDocumentClient();
const leaseTable = makeLeaseTable({ client, runsTable: env.RUNS_TABLE, leasesTable: env.LEASES_TABLE });
const readQueue = makeReadQueue({ leases: leaseTable });
const doctor = makeLockDoctor({
  runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
  leases: makeLeaseStore(leaseTable),
  objects: makeStateObjects({
    s3: new S3Client({}),
    stateBucket: env.STATE_BUCKET,
    artifactsBucket: env.ARTIFACTS_BUCKET,
    keyArn: env.STATE_KEY_ARN,
  }),
  ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
  executionStatus: makeExecutionStatus(new SFNClient({})),
  wakeCallback: makeWakeCallback(new LambdaClient({}), env.SEND_CALLBACK_FUNCTION),
  now: () => new Date(),
  sleep,
});

export const handler = defineStep({
  input: lockDoctorInput,
  output: lockDoctorOutput,
  run: (input) => ('queueOf' in input ? readQueue(input) : doctor(input)),
});
