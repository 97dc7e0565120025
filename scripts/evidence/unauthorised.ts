import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStateMachineCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { pascal } from '../../lib/constructs/compose-workflows';
import { startEmulator } from '../../local/emulator/emulator';
import type { Toolchain } from '../../local/toolchain/toolchain';
import { type Keys, makeEnforcedAccount } from '../identities/enforced-account';
import { signedIn } from '../identities/signed-in';
import type { Attempt } from './attempts';
import { EvidenceError } from './lab';
import type { WorkflowEvidence } from './workflow-evidence';

/** Beside `scenarios.ts`: it needs an account that enforces policies, and no run. */
export const unauthorised = {
  name: 'unauthorised start',
  what: 'Nobody in particular, an auditor and an approver start it and are refused; an operator may. In an emulator that enforces the policies of `prod`.',
};

type Account = Awaited<ReturnType<typeof makeEnforcedAccount>>;

export const outsiders = ['nobody', 'auditor', 'approver'] as const;

const keysFor = async (account: Account, who: (typeof outsiders)[number] | 'operator'): Promise<Keys> =>
  who === 'nobody' ? account.makeUser('newcomer') : (await signedIn(account, who)).role;

const tryStart = async (
  account: Account,
  keys: Keys,
  stateMachineArn: string,
): Promise<'accepted' | 'refused'> => {
  try {
    await account.clientsOf(keys).sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    return 'accepted';
  } catch (error) {
    if (/^AccessDenied/.test((error as Error).name)) return 'refused';
    throw error;
  }
};

/** Tries to start each workflow as people who may not, and once as somebody who may. */
export const attemptUnauthorised = async (
  toolchain: Toolchain,
  workflows: readonly WorkflowEvidence[],
  onAttempt: (attempt: Attempt) => void,
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  const emulator = await startEmulator({
    toolchain,
    enforcesPolicies: true,
    stateDir: join(folder, 'state'),
    logFile: join(folder, 'emulator.log'),
  });
  try {
    const account = await makeEnforcedAccount(emulator.url, 'prod', 'evidence/any');
    const operator = await keysFor(account, 'operator');
    const keys = new Map<string, Keys>();
    for (const who of outsiders) keys.set(who, await keysFor(account, who));
    for (const { workflow } of workflows) {
      const place = pascal(workflow);
      const stateMachineArn = account.identities.arnOf(`${place}/StateMachine`);
      await account.root.sfn.send(
        new CreateStateMachineCommand({
          name: stateMachineArn.replace(/^.*:/, ''),
          roleArn: account.identities.arnOf(place),
          definition: JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Succeed' } } }),
        }),
      );
      const asOperator = await tryStart(account, operator, stateMachineArn);
      for (const [index, who] of outsiders.entries()) {
        const startedAt = new Date().toISOString();
        const began = performance.now();
        const answer = await tryStart(account, keys.get(who) as Keys, stateMachineArn);
        const isGood = answer === 'refused' && asOperator === 'accepted';
        const seconds = (performance.now() - began) / 1000;
        onAttempt({
          workflow,
          scenario: unauthorised.name,
          nth: index + 1,
          startedAt,
          observed: isGood ? { runIds: [], seconds, saw: 'AccessDenied' } : null,
          error: isGood
            ? null
            : new EvidenceError(`${who}: ${answer}; the operator, who may: ${asOperator}.`).message,
        });
      }
    }
  } finally {
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
