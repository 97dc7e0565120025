import type { Change } from '../shared/change';
import { checkPlainJson } from '../shared/check-plain-json';
import type { Host, PlannedHost, PlayResult } from '../shared/contract';
import { canonicalJson, digestOf } from '../shared/digest';
import { ChangeMismatchError, HostError, InvalidInputError } from '../shared/errors';
import { type PlayDocument, playDocument } from '../shared/play-document';
import { readApprovedChange, requireSame } from './approved-change';
import type { AnsibleTask } from './contract';
import { type Chosen, chooseRole, readKeptRole } from './kept-content';
import { playRole } from './play';
import { fetchRelease } from './release-archive';
import { goingBack, neededArchives } from './role-abilities';
import { type RoleContent, readRole } from './role-content';
import { resolveRoleSecrets } from './role-secrets';
import { listRoleTasks } from './role-tasks';
import { checkRoleVariables, secretVariables, shownVariables } from './role-variables';
import type { RunnerDeps, TaskContext } from './runner';

type GivenHost = AnsibleTask['hosts'][number];

/** @throws InvalidInputError when a host is named that is not among them. */
export const limitedTo = <T extends { readonly name: string }>(
  hosts: readonly T[],
  limit: readonly string[] | null | undefined,
): readonly T[] => {
  if (!limit) return hosts;
  const foreign = limit.find((name) => !hosts.some((host) => host.name === name));
  if (foreign !== undefined)
    throw new InvalidInputError(`There is no host ${foreign} among those that this is about.`);
  return hosts.filter(({ name }) => limit.includes(name));
};

const hostsDigest = (hosts: readonly GivenHost[]): string =>
  digestOf(
    hosts.map(({ isNew: _, ...host }): PlannedHost => host).sort((a, b) => (a.name < b.name ? -1 : 1)),
  );

/** The hosts that answer, by name; those that were planned with an address must have it. */
export const resolveHosts = async (
  deps: Pick<RunnerDeps, 'hostAccess'>,
  workspace: string,
  wanted: readonly PlannedHost[],
): Promise<{ found: Host[]; missing: PlannedHost[] }> => {
  if (wanted.length === 0) return { found: [], missing: [] };
  const known = new Map((await deps.hostAccess.listHosts(workspace)).map((host) => [host.name, host]));
  const found: Host[] = [];
  const missing: PlannedHost[] = [];
  for (const host of wanted) {
    const answering = known.get(host.name);
    if (!answering) missing.push(host);
    else if (host.address !== null && host.address !== answering.address)
      throw new ChangeMismatchError(
        `The host ${host.name} is at ${answering.address}, and not at ${host.address} as planned. Plan again.`,
      );
    else found.push(answering);
  }
  return { found, missing };
};

type ApprovedPlay = NonNullable<Change['playbook']> & { readonly changeId: string };

const readApprovedPlay = async (
  deps: RunnerDeps,
  { run, change: ref }: AnsibleTask,
  { mayCarryOn }: TaskContext,
): Promise<ApprovedPlay> => {
  if (!ref) throw new InvalidInputError('A run needs the approved change that it carries out.');
  const { playbook } = await readApprovedChange(deps, run, ref, mayCarryOn);
  if (!playbook) throw new ChangeMismatchError(`Change ${ref.id} was approved without a playbook.`);
  return { ...playbook, changeId: ref.id };
};

/** Where a run takes its role from is part of what was approved. */
const readApprovedRole = async (
  { artifacts, contentRoot }: RunnerDeps,
  name: string,
  { content, digests }: ApprovedPlay,
): Promise<Chosen<RoleContent>> => ({
  content:
    content.from === 'kept'
      ? await readKeptRole(artifacts, name, digests.role)
      : await readRole(contentRoot, name),
  ...content,
});

const requireApproved = (approved: ApprovedPlay, digests: ApprovedPlay['digests']): void => {
  const { changeId } = approved;
  requireSame('the role', changeId, approved.digests.role, digests.role);
  requireSame("the role's variables", changeId, approved.digests.variables, digests.variables);
  requireSame('the hosts', changeId, approved.digests.hosts, digests.hosts);
};

/** Says what a role would change, configures hosts exactly as it was approved, or takes that back. */
export const makeAnsibleRun =
  (deps: RunnerDeps) =>
  async (task: AnsibleTask, context: TaskContext): Promise<PlayResult> => {
    const { run, mode, variables } = task;
    checkPlainJson(variables);
    const approved = mode === 'check' ? undefined : await readApprovedPlay(deps, task, context);
    const { content: role, ...origin } = approved
      ? await readApprovedRole(deps, task.role, approved)
      : await chooseRole(deps, task.role, task.pin);
    checkRoleVariables(role, variables);
    const digests = {
      role: role.digest,
      variables: digestOf(variables),
      hosts: hostsDigest(task.hosts),
    };
    if (approved) requireApproved(approved, digests);

    const { shown, secrets } = shownVariables(variables, secretVariables(role));
    context.log.hide(secrets);

    const limited = limitedTo(task.hosts, task.limit);
    const expected = limited.filter(({ isNew }) => approved || !isNew);
    const { found, missing } = await resolveHosts(deps, run.workspace, expected);
    const lost = missing[0];
    if (approved && lost)
      throw new HostError(
        `The host ${lost.name} of ${run.workspace} does not answer. Start a new run to repair it.`,
      );
    const check = mode === 'check';
    const made = await resolveRoleSecrets(deps.secrets, {
      role,
      variables,
      workspace: run.workspace,
      hosts: found,
      check,
    });
    context.log.hide(made.passwords);
    // What goes back was on its hosts before.
    const archives = mode === 'rollback' ? [] : neededArchives(role, variables);
    const files = new Map<string, Uint8Array>();
    for (const digest of archives) files.set(`${digest}.tar.gz`, await fetchRelease(deps.artifacts, digest));
    const played =
      found.length === 0
        ? []
        : (
            await playRole(
              deps,
              {
                role,
                variables: {
                  ...variables,
                  ...made.variables,
                  ...(mode === 'rollback' && goingBack(role)),
                },
                workspace: run.workspace,
                hosts: found,
                check,
                files,
              },
              context,
            )
          ).hosts;
    const playedNames = new Set(found.map(({ name }) => name));
    const listed = limited
      .filter(({ name }) => !playedNames.has(name))
      .map(({ name }) => ({ name, isNew: true, tasks: listRoleTasks(role) }));

    const document: PlayDocument = playDocument.parse({
      version: 1,
      mode,
      role: task.role,
      variables: shown.map(({ name, value }) => ({ name, value: context.log.mask(value).slice(0, 4096) })),
      hosts: [...played, ...listed],
    });
    const count = (...statuses: string[]): number =>
      document.hosts.reduce(
        (sum, { tasks }) => sum + tasks.filter((t) => statuses.includes(t.status)).length,
        0,
      );
    const folder = { check: 'check', run: 'configure', rollback: 'rollback' }[mode];
    return {
      mode,
      document: await deps.artifacts.put(
        `runs/${run.runId}/${folder}/play-document.json`,
        canonicalJson(document),
        'application/json',
      ),
      changed: count('changed', 'planned'),
      ok: count('ok'),
      role: task.role,
      digests,
      content: origin,
    };
  };
