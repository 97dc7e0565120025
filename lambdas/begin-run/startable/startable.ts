import type * as z from 'zod';
import { checkShape } from '../../shared/check-plain-json';
import type { Place, Variables } from '../../shared/contract';
import { describeIssues } from '../../shared/define-step';
import { InvalidInputError } from '../../shared/errors';
import { plainText } from '../../shared/plain-text';
import type { RunContent } from '../../shared/run-record';
import type { AppliedContent } from '../../shared/workspace-record';
import type { BeginRunOutput } from '../contract';

/** What the catalogue has now. */
export interface Catalogue {
  readonly digests: Readonly<Record<'module' | 'role' | 'script', (name: string) => string | undefined>>;
  readonly validateModuleVariables: (module: string, variables: Variables) => Variables;
  readonly validateRoleVariables: (role: string, variables: Variables) => Variables;
  readonly validateScriptParameters: (script: string, parameters: Variables) => Variables;
}

/** What every workflow asks its starter. */
interface StartInput {
  readonly workspace: string;
  readonly reason: string;
  readonly requestedBy?: string | undefined;
  readonly runsOn?: Place | undefined;
  /** None: it asks nobody. */
  readonly approvalTimeoutSeconds?: number;
}

type Given = 'source' | 'onFailure';
type Asked = Omit<RunContent, Given | 'reason' | 'requestedBy' | 'approvalTimeoutSeconds' | 'runsOn'> &
  Partial<Pick<RunContent, Given>>;

interface Kind<Input extends StartInput> {
  /** What a person types to start it. */
  readonly input: z.ZodType<Input>;
  /** Where its state machine can be entered. One that has nothing but a beginning is never resumed. */
  readonly entries: readonly BeginRunOutput['enterAt'][];
  /** It only looks: a freeze does not keep it. @default false */
  readonly isReadOnly?: boolean;
  /** Checks what can be checked before anything is known of the workspace. */
  readonly check?: (input: Input, catalogue: Catalogue) => void;
  /**
   * What a run of it is about.
   *
   * @throws InvalidInputError, or an error that names why it cannot be in this workspace.
   */
  readonly contentOf: (input: Input, on: { applied?: AppliedContent; catalogue: Catalogue }) => Asked;
}

/** An input that fits its contract. */
export interface StartRequest {
  readonly workspace: string;
  check(catalogue: Catalogue): void;
  contentOf(on: { applied?: AppliedContent; catalogue: Catalogue }): RunContent;
}

/** A workflow that people start. */
export interface Startable {
  readonly input: z.ZodType;
  readonly entries: readonly BeginRunOutput['enterAt'][];
  readonly isReadOnly: boolean;
  /** @throws InvalidInputError naming each field that does not fit. */
  read(input: unknown): StartRequest;
}

/** Step Functions' own link from an execution to the one that started it: no part of what a workflow asks its starter. */
const withoutParent = (given: unknown): unknown => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: _, ...input } = given as Record<string, unknown>;
  return input;
};

export const startable = <Input extends StartInput>(kind: Kind<Input>): Startable => ({
  input: kind.input,
  entries: kind.entries,
  isReadOnly: kind.isReadOnly ?? false,
  read: (given) => {
    checkShape(given);
    const parsed = kind.input.safeParse(withoutParent(given));
    if (!parsed.success)
      throw new InvalidInputError(`The input does not fit. ${describeIssues(parsed.error)}`);
    const { data } = parsed;
    return {
      workspace: data.workspace,
      check: (catalogue) => kind.check?.(data, catalogue),
      contentOf: (on) => ({
        source: null,
        onFailure: 'keep',
        ...kind.contentOf(data, on),
        runsOn: data.runsOn ?? null,
        reason: plainText(data.reason, 1000),
        requestedBy: data.requestedBy === undefined ? null : plainText(data.requestedBy, 128),
        approvalTimeoutSeconds: data.approvalTimeoutSeconds ?? 0,
      }),
    };
  },
});
