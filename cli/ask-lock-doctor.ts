import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { type Diagnosis, examineOutput } from '../lambdas/lock-doctor/contract';
import { InvalidInputError } from '../lambdas/shared/errors';
import { invokeFunction } from '../lambdas/shared/invoke-function';
import { workspaceName } from '../lambdas/shared/names';
import { plainText } from '../lambdas/shared/plain-text';
import { requireOutputs } from './deployed-outputs';
import { exitCode } from './exit-code';

interface Deps {
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/**
 * Asks the lock doctor what holds a workspace; with `repair` it also does what can be done.
 *
 * @throws InvalidInputError when that is no workspace's name, or the environment is not deployed.
 */
export const askLockDoctor = async (
  deps: Deps,
  { workspace, repair }: { readonly workspace: string; readonly repair: boolean },
): Promise<Diagnosis> => {
  if (!workspaceName.safeParse(workspace).success)
    throw new InvalidInputError(
      `"${plainText(workspace, 80)}" is no workspace: write it as <tenant>/<name>.`,
    );
  const { lockDoctorFunction } = await requireOutputs(deps.cloudFormation, deps.environment);
  const answer = examineOutput.parse(
    await invokeFunction(deps.lambda, lockDoctorFunction, { workspace, repair }),
  );
  const [diagnosis] = answer.examined;
  if (!diagnosis) throw new Error(`The lock doctor did not examine ${workspace}.`);
  return diagnosis;
};

const done: Readonly<Record<Diagnosis['repairs'][number], string>> = {
  'release-lock': 'The lock was released.',
  'release-lease': 'The workspace was given back.',
  'restore-state': 'The rescued state was put in its place.',
};

const conclusion = ({ verdict, repairs }: Diagnosis): string => {
  if (verdict === 'healthy') return 'nothing is held by anybody who is gone';
  if (verdict === 'wait') return 'held';
  return repairs.length > 0 ? 'repaired' : 'can be repaired';
};

/** A diagnosis for people. */
export const diagnosisText = (diagnosis: Diagnosis): string => {
  const said = [...diagnosis.findings, ...diagnosis.repairs.map((repair) => done[repair])];
  return [`${diagnosis.workspace}: ${conclusion(diagnosis)}`, ...said.map((line) => `  ${line}`)].join('\n');
};

/** Clean when nothing is in the way, or no longer. */
export const exitCodeOfDiagnosis = ({ verdict, repairs }: Diagnosis): number =>
  verdict === 'healthy' || repairs.length > 0 ? exitCode.clean : exitCode.failed;
