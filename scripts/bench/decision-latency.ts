import { setTimeout as sleep } from 'node:timers/promises';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { startRun } from '../../cli/start-run';
import { canonicalJson, sha256Hex } from '../../lambdas/shared/digest';
import { readApprovalLinks } from '../../local/approval-links';
import { decideOverHttp } from '../../local/approve-client';
import type { BenchPlatform } from './bench-platform';
import { makeBindSmallChange } from './small-change';
import { percentile } from './statistics';

export interface DecisionLatency {
  readonly decisions: number;
  /** From asking for the page to its first byte, warm, in milliseconds. */
  readonly firstByte: { readonly p50: number; readonly p99: number };
  /** From the sending of the form to the moment at which the run left the waiting state, in milliseconds. */
  readonly fromSending: { readonly p50: number; readonly p99: number };
  /** From the answer to the form; negative where the run was faster than the answer. */
  readonly fromAnswer: { readonly p50: number; readonly p99: number };
}

/** So many gates wait at once: enough that asking is no bottleneck, few enough that the machine is not its own load. */
const waitingAtOnce = 8;
const giveUpMs = 30_000;
const pollMs = 10;

interface Waiting {
  readonly executionArn: string;
  readonly link: string;
}

/** Binds a small change, as bind-change would, and lets the block `approval-gate` ask for a decision on it. */
const makeOpenGate = (bench: BenchPlatform) => {
  const { outputs, stepFunctions, platform } = bench;
  const bind = makeBindSmallChange({ ...outputs, gatewayUrl: platform.gatewayUrl });
  const stateMachineArn = outputs.stateMachines['approval-gate'];
  if (!stateMachineArn) throw new Error('The block approval-gate is not deployed.');

  return async (index: number): Promise<Waiting> => {
    const runId = `bench-${Date.now()}-${index}`;
    const workspace = `bench/gate-${index}`;
    const change = await bind({ runId, workspace, reason: 'Measure the way from a decision to the run' });
    const digest = sha256Hex(runId);
    const traceparent = `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
    const { executionArn } = await startRun(stepFunctions, {
      workflow: 'approval-gate',
      stateMachineArn,
      input: JSON.parse(
        canonicalJson({
          run: { runId, workspace, traceparent },
          change,
          timeoutSeconds: 3600,
        }),
      ),
    });
    const deadline = Date.now() + giveUpMs;
    while (Date.now() < deadline) {
      const [link] = await readApprovalLinks(platform.inboxUrl, runId);
      if (link !== undefined) return { executionArn, link };
      await sleep(100, undefined, { signal: bench.signal });
    }
    throw new Error(`No mail came for ${change.id}.`);
  };
};

/** When the execution left the state that waited, by its own history. */
const resumedAt = async ({ stepFunctions, signal }: BenchPlatform, executionArn: string): Promise<number> => {
  const deadline = Date.now() + giveUpMs;
  while (Date.now() < deadline) {
    const { events = [] } = await stepFunctions.send(
      new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }),
    );
    const left = events.find(({ type }) => type === 'TaskStateExited');
    if (left?.timestamp) return left.timestamp.getTime();
    await sleep(pollMs, undefined, { signal });
  }
  throw new Error(`The decision did not reach ${executionArn}.`);
};

/** Decides one gate after the other through the pages, while the next ones are being opened. */
export const measureDecisions = async (
  bench: BenchPlatform,
  { decisions, note }: { decisions: number; note: (text: string) => void },
): Promise<DecisionLatency> => {
  const openGate = makeOpenGate(bench);
  const firstByte: number[] = [];
  const fromSending: number[] = [];
  const fromAnswer: number[] = [];
  for (let done = 0; done < decisions; done += waitingAtOnce) {
    note(`${done} of ${decisions}`);
    const count = Math.min(waitingAtOnce, decisions - done);
    // Decisions are timed while nothing else runs: opening gates is not part of what is measured.
    const gates = await Promise.all(Array.from({ length: count }, (_, index) => openGate(done + index)));
    for (const { link, executionArn } of gates) {
      const askedAt = performance.now();
      const opened = await fetch(link, { signal: bench.signal });
      firstByte.push(performance.now() - askedAt);
      await opened.arrayBuffer();
      let [sentAt, answeredAt] = [0, 0];
      await decideOverHttp(link, {
        decision: 'approve',
        onPosted: (times) => {
          ({ sentAt, answeredAt } = times);
        },
      });
      const resumed = await resumedAt(bench, executionArn);
      fromSending.push(resumed - sentAt);
      fromAnswer.push(resumed - answeredAt);
    }
  }
  const both = (samples: number[]) => ({ p50: percentile(samples, 0.5), p99: percentile(samples, 0.99) });
  // The first one warms the function up.
  return {
    decisions,
    firstByte: both(firstByte.slice(1)),
    fromSending: both(fromSending),
    fromAnswer: both(fromAnswer),
  };
};
