import { makeFindApproval } from '../shared/approval-reader';
import { defineStep } from '../shared/define-step';
import { makeFindDelegations } from '../shared/delegation-store';
import { makeDocumentClient } from '../shared/document-client';
import { parseEnv } from '../shared/env';
import { makeRunStore } from '../shared/run-store';
import { explainApprovalInput, explainApprovalOutput } from './contract';
import { explainApprovalEnv } from './env';
import { makeExplainApproval } from './explain-approval';

const env = parseEnv(explainApprovalEnv);
const client = makeDocumentClient();

export const handler = defineStep({
  input: explainApprovalInput,
  output: explainApprovalOutput,
  run: makeExplainApproval({
    runs: makeRunStore({ client, runsTable: env.RUNS_TABLE }),
    findApproval: makeFindApproval({ client, table: env.APPROVALS_TABLE }),
    findDelegations: makeFindDelegations({
      client,
      table: env.APPROVALS_TABLE,
      people: env.APPROVERS,
    }),
    people: env.APPROVERS,
    now: () => new Date(),
  }),
});
