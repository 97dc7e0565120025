import * as z from 'zod';
import { everyTenant } from '../../shared/ledger-event';
import { segment } from '../../shared/names';
import { startFields } from '../contract';
import { ofNoWorkspace } from './of-no-workspace';
import { startable } from './startable';

/** What a person, or a schedule, gives to start `drift-detection`. */
export const driftDetectionInput = z.strictObject({
  tenant: segment.optional().describe('look at the workspaces of this tenant only; otherwise at all'),
  maxConcurrency: z.int().min(1).max(40).default(8).describe('workspaces that are looked at at once'),
  remediate: z
    .boolean()
    .default(false)
    .describe(
      'start a run for each drifted workspace that brings it back, each after an approval of its own',
    ),
  remediateAtMost: z.int().min(1).max(20).default(5).describe('how many such runs one sweep starts'),
  reason: startFields.reason.default('Drift detection').describe('why, recorded'),
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});

/** It is recorded as a run of no workspace that anything is in. */
const input = driftDetectionInput.transform(({ tenant = everyTenant, ...rest }) => ({
  ...rest,
  workspace: `${tenant}/drift-detection`,
}));

export const driftDetection = startable<z.infer<typeof input>>({
  input,
  entries: [],
  isReadOnly: true,
  contentOf: () => ofNoWorkspace,
});
