import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { defineStep } from '../shared/define-step';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeImpersonalLedger } from '../shared/ledger';
import { makePublishMail } from '../shared/publish-mail';
import { makeWorkspaceStore } from '../shared/workspace-store';
import { tendTimeToLiveInput, tendTimeToLiveOutput } from './contract';
import { tendTimeToLiveEnv } from './env';
import { makeTendTimeToLive } from './tend-time-to-live';

const env = parseEnv(tendTimeToLiveEnv);
const client = makeDocumentClient();
const stepFunctions = new SFNClient({});

export const handler = defineStep({
  input: tendTimeToLiveInput,
  output: tendTimeToLiveOutput,
  run: makeTendTimeToLive({
    workspaces: makeWorkspaceStore({ client, workspacesTable: env.WORKSPACES_TABLE }),
    ledger: makeImpersonalLedger({ client, table: env.LEDGER_TABLE }),
    sendMail: makePublishMail(new SNSClient({})),
    topicArn: env.NOTIFICATION_TOPIC_ARN,
    decommission: async (name, input) => {
      try {
        await stepFunctions.send(
          new StartExecutionCommand({
            stateMachineArn: env.DECOMMISSION_ARN,
            name,
            input: JSON.stringify(input),
          }),
        );
      } catch (error) {
        if (!(error instanceof Error && error.name === 'ExecutionAlreadyExists')) throw error;
      }
    },
    now: () => new Date(),
  }),
});
