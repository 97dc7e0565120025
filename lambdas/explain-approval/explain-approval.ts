import { explain } from '../approval-rules/explain';
import type { Person } from '../approval-rules/people';
import type { FindApproval } from '../shared/approval-reader';
import type { FindDelegations } from '../shared/delegation-store';
import { InvalidInputError } from '../shared/errors';
import type { RunStore } from '../shared/run-store';
import { starterText } from '../shared/starter-of';
import type { ExplainApprovalInput, ExplainApprovalOutput } from './contract';

interface Deps {
  readonly runs: Pick<RunStore, 'get'>;
  readonly findApproval: FindApproval;
  readonly findDelegations: FindDelegations;
  readonly people: readonly Person[];
  readonly now: () => Date;
}

/**
 * Says why somebody may or may not decide on what a run asks for, and what that waits for. Reads only.
 *
 * @throws InvalidInputError when there is no such run, or it asks for nothing.
 */
export const makeExplainApproval =
  (deps: Deps) =>
  async ({ runId, person: id, groups }: ExplainApprovalInput): Promise<ExplainApprovalOutput> => {
    const run = await deps.runs.get(runId);
    if (!run) throw new InvalidInputError(`There is no run ${runId}.`);
    const approval = run.change && (await deps.findApproval(run.change.id));
    if (!approval)
      throw new InvalidInputError(
        `Run ${runId} asks for no approval${run.status === 'ended' ? '' : ' yet: it is planning, or has nothing to change'}.`,
      );
    const person = {
      id,
      groups: groups ?? deps.people.find((known) => known.id === id)?.groups ?? [],
    };
    return {
      runId,
      approvalId: approval.approvalId,
      workspace: approval.workspace,
      status: approval.status,
      askedFor: starterText(approval.starter),
      ...explain({ ...approval, delegations: await deps.findDelegations(), now: deps.now() }, person),
    };
  };
