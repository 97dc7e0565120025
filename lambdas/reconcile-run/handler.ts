import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { endRunOutput } from '../end-run/contract';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeExecutionStatus, makeStopCause } from '../shared/execution-status';
import { invokeFunction } from '../shared/invoke-function';
import { makeRunStore } from '../shared/run-store';
import { reconcileRunInput, reconcileRunOutput } from './contract';
import { reconcileRunEnv } from './env';
import { makeReconcileRun } from './reconcile-run';

const env = parseEnv(reconcileRunEnv);
const lambda = new LambdaClient({});
const stepFunctions = new SFNClient({});

export const handler = defineStep({
  input: reconcileRunInput,
  output: reconcileRunOutput,
  run: makeReconcileRun({
    runs: makeRunStore({ client: makeDocumentClient(), runsTable: env.RUNS_TABLE }),
    executionStatus: makeExecutionStatus(stepFunctions),
    stopCause: makeStopCause(stepFunctions),
    closeApproval: async (input) => {
      await invokeFunction(lambda, env.CLOSE_APPROVAL_FUNCTION, input);
    },
    endRun: async (input) => endRunOutput.parse(await invokeFunction(lambda, env.END_RUN_FUNCTION, input)),
    notify: async (end) => {
      await invokeFunction(lambda, env.NOTIFY_FUNCTION, end);
    },
    now: () => new Date(),
    sleep,
  }),
});
