import * as z from 'zod';
import { ledgerEntry } from '../cli/ledger/ledger-entry';
import { resumeInput } from '../lambdas/begin-run/contract';
import { composedInput } from '../lambdas/begin-run/startable/composed';
import { startableWorkflows } from '../lambdas/begin-run/startable/workflows';
import { channelEvent } from '../lambdas/channels/contract';
import {
  ansibleTask,
  applyResult,
  applyTask,
  complianceTask,
  fargateTask,
  planTask,
  probeTask,
  scriptTask,
} from '../lambdas/runners/contract';
import { setFreezeInput } from '../lambdas/set-freeze/contract';
import {
  complianceResult,
  planResult,
  playResult,
  probeResult,
  scriptResult,
} from '../lambdas/shared/contract';

/** What people and other systems start, and what the blocks hand their worker and get from it. */
const published: Readonly<Record<string, readonly [type: z.ZodType, description: string]>> = {
  ...Object.fromEntries(
    Object.entries(startableWorkflows).flatMap(([name, { input, entries }]) => [
      [name, [input, `Input of the workflow ${name}`]],
      ...(entries.length > 0
        ? [[`${name}.resume`, [resumeInput, `Input of the workflow ${name} that continues a failed run`]]]
        : []),
    ]),
  ),
  'composed-workflow': [composedInput, 'Input of a workflow that has no contract of its own'],
  'channel-event': [channelEvent, 'What a webhook is sent when something happens, version 1'],
  'ledger-entry': [ledgerEntry, 'An entry of the ledger, one line of an export'],
  'set-freeze': [setFreezeInput, 'Input of the workflow set-freeze'],
  'terraform-plan': [planTask, 'What the block terraform-plan hands its worker'],
  'terraform-plan.result': [planResult, 'Output of the block terraform-plan'],
  'terraform-apply': [applyTask, 'What the block terraform-apply hands its worker'],
  'terraform-apply.result': [applyResult, 'Output of the block terraform-apply'],
  'fargate-task': [fargateTask, 'Input of the block fargate-task; its output is the result of the task'],
  'ansible-run': [ansibleTask, 'What the block ansible-run hands its worker'],
  'ansible-run.result': [playResult, 'Output of the block ansible-run'],
  'compliance-scan': [complianceTask, 'What the block compliance-scan hands its worker'],
  'compliance-scan.result': [complianceResult, 'Output of the block compliance-scan'],
  'probe-hosts': [probeTask, 'What the block probe-hosts hands its worker'],
  'probe-hosts.result': [probeResult, 'Output of the block probe-hosts'],
  'script-run': [scriptTask, 'What the block script-run hands its worker'],
  'script-run.result': [scriptResult, 'Output of the block script-run'],
};

/** The text of each schema, by the name of its file: as a caller writes it, so that defaults may be left out. */
export const contractSchemas = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(published).map(([name, [type, description]]) => {
      const schema = { title: name, description, ...z.toJSONSchema(type, { io: 'input' }) };
      return [`${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );
