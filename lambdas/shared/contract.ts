import * as z from 'zod';
import { gitSource } from './git-source';
import { hostAddress, hostName, runId, segment, sha256, workspaceName } from './names';

/** One immutable object: exactly these bytes, in exactly this version. */
export const objectRef = z.strictObject({
  bucket: z.string().min(3).max(63),
  key: z.string().min(1).max(1024),
  versionId: z.string().min(1).max(1024),
  sha256,
});
export type ObjectRef = z.infer<typeof objectRef>;

/** Where a state lies that a destruction was about to change: `final-state.ts`. */
export const finalStateKey = z.string().min(1).max(1024);

/** What every block and step knows about the run it works for. */
export const runRef = z.strictObject({
  runId,
  workspace: workspaceName,
  /** W3C trace context of the run; see trace-context.ts. */
  traceparent: z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
});
export type RunRef = z.infer<typeof runRef>;

/** Values of a module or a role, as JSON. Checked against the catalogue before anything runs. */
export const variables = z.record(z.string().max(128), z.json());
export type Variables = z.infer<typeof variables>;

/** The content that a workspace was last brought to: planned with again, unless an upgrade is asked for. */
export const pin = z.strictObject({ digest: sha256, upgrade: z.boolean() });
export type Pin = z.infer<typeof pin>;

/** Where the content of a plan or a playbook came from. */
export const contentOrigin = z.strictObject({
  /** `kept`: the workspace is pinned to it, and the catalogue has moved on. Or a repository of a user's own. */
  from: z.union([z.enum(['catalogue', 'kept']), gitSource]),
  /** The digest of what the workspace was brought to before, where that was other content. */
  upgradedFrom: sha256.nullable(),
});
export type ContentOrigin = z.infer<typeof contentOrigin>;

/** A host as the applied module describes it; `address: null` is assigned when the host is created. */
export const plannedHost = z.strictObject({
  name: hostName,
  address: hostAddress.nullable(),
  size: z.string().max(32),
  tags: z.record(z.string().max(128), z.string().max(256)),
  owner: z.string().max(128),
  /** ISO 8601; null until the first apply anchors it, or when the host has no time-to-live. */
  expiresAt: z.string().max(32).nullable(),
});
export type PlannedHost = z.infer<typeof plannedHost>;

/** A host that answers: what Ansible connects to. */
export const host = z.strictObject({
  name: hostName,
  address: hostAddress,
  port: z.int().min(1).max(65535),
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/),
  /** Public host keys in `known_hosts` form without the host field, e.g. `ssh-ed25519 AAAA…`. */
  hostKeys: z.array(z.string().max(1024)).min(1),
  /** EC2 instance id on AWS, machine name locally. */
  id: z.string().max(128),
});
export type Host = z.infer<typeof host>;

export const planCounts = z.strictObject({
  create: z.int().min(0),
  update: z.int().min(0),
  replace: z.int().min(0),
  delete: z.int().min(0),
});
export type PlanCounts = z.infer<typeof planCounts>;

/** What the policy on plans says of a plan (policies/plan). A denied plan never becomes a result. */
export const policyResult = z.strictObject({
  verdict: z.enum(['allow', 'stricter-gate', 'deny']),
  /** The gravest first; as many as a workflow's state should carry. */
  reasons: z
    .array(
      z.strictObject({
        rule: z.string().max(63),
        /** Empty when it is about the plan as a whole. */
        address: z.string().max(300),
        message: z.string().max(300),
        verdict: z.enum(['stricter-gate', 'deny']),
      }),
    )
    .max(50),
  /** All reasons, those that are not listed too. */
  total: z.int().min(0),
  /** SHA-256 of the rules and settings that judged. */
  digest: sha256,
});
export type PolicyResult = z.infer<typeof policyResult>;

/**
 * `apply` plans the module as it is configured, `destroy` its end; `refresh-only` plans nothing and tells what
 * differs from the state.
 */
export const planMode = z.enum(['apply', 'destroy', 'refresh-only']);
export type PlanMode = z.infer<typeof planMode>;

/** The address of a resource, e.g. `module.web.aws_instance.this["a"]`; never an option. */
export const resourceAddress = z
  .string()
  .max(1024)
  .regex(/^[A-Za-z_][^\p{Cc}]*$/u, 'the address of a resource');

/** Where a task of the runner is done. */
export const place = z.enum(['lambda', 'fargate']);
export type Place = z.infer<typeof place>;

const chosenPlace = z.strictObject({ runsOn: place, because: z.string().max(200) });
/** Where a run plans and applies, and why there. */
export const places = z.strictObject({ plan: chosenPlace, apply: chosenPlace });
export type Places = z.infer<typeof places>;

/** Result of the block `terraform-plan`. */
export const planResult = z.strictObject({
  /** The saved plan, encrypted by OpenTofu itself; these bytes are what may be applied. */
  plan: objectRef,
  /** Redacted changes for people: a `PlanDocument` (plan-document.ts). */
  document: objectRef,
  mode: planMode,
  counts: planCounts,
  /** No resource and no output changes. */
  empty: z.boolean(),
  module: segment,
  digests: z.strictObject({ module: sha256, variables: sha256, lockFile: sha256 }),
  content: contentOrigin,
  engine: z.strictObject({ name: z.literal('opentofu'), version: z.string().max(32) }),
  policy: policyResult,
  /** Hosts as they will be after the apply; `isNew` when the state does not know them yet. */
  hosts: z.array(z.strictObject({ ...plannedHost.shape, isNew: z.boolean() })).max(100),
});
export type PlanResult = z.infer<typeof planResult>;

/** `rollback` takes back what was run, in the way that the role declares. */
export const playMode = z.enum(['check', 'run', 'rollback']);

/** Result of the block `ansible-run`. */
export const playResult = z.strictObject({
  mode: playMode,
  /** A `PlayDocument` (play-document.ts): what changes (or changed) per task and host. */
  document: objectRef,
  /** Tasks that change something. In check mode, for a host that does not exist yet, every task that could. */
  changed: z.int().min(0),
  ok: z.int().min(0),
  role: segment,
  digests: z.strictObject({ role: sha256, variables: sha256, hosts: sha256 }),
  content: contentOrigin,
});
export type PlayResult = z.infer<typeof playResult>;

/** Result of the block `probe-hosts`: everybody answered well every time. */
export const probeResult = z.strictObject({
  hosts: z.int().min(0),
  answers: z.int().min(0),
  slowestMilliseconds: z.int().min(0),
});
export type ProbeResult = z.infer<typeof probeResult>;

/** Result of the block `script-run`, in check and in run mode. */
export const scriptResult = z.strictObject({
  mode: z.enum(['check', 'run']),
  script: segment,
  /** A `ScriptDocument` (script-document.ts): source, parameters and bounds; in run mode also how it ended. */
  document: objectRef,
  digests: z.strictObject({ script: sha256, parameters: sha256 }),
  /** `null` in check mode. */
  exitCode: z.int().nullable(),
  /** JSON that the script left, 8 KiB at most. */
  result: z.json(),
});
export type ScriptResult = z.infer<typeof scriptResult>;

/** Result of the block `compliance-scan`; of the workflow `compliance-check`, with modules, the plan and what was before. */
export const complianceResult = z.strictObject({
  /** A `ComplianceDocument` (compliance-document.ts); of a check, a `ComplianceReport` (compliance-report.ts). */
  document: objectRef,
  passed: z.int().min(0),
  /** Those without a waiver, or whose waiver has ended. */
  failed: z.int().min(0),
  waived: z.int().min(0).default(0),
  notApplicable: z.int().min(0),
  /** Of a check only. */
  check: z
    .strictObject({
      /** Of those that fail, those that no earlier check has seen. */
      new: z.int().min(0),
      /** When the oldest of them was first seen; `null` when none fails. */
      since: z.string().max(32).nullable(),
      /** Percent of what applies that passes; `null` when nothing applies. A waiver does not raise it. */
      score: z.int().min(0).max(100).nullable(),
      /** That of the check before. */
      before: z.int().min(0).max(100).nullable(),
      /** For people. */
      page: objectRef,
      /** For continuous integration. */
      junit: objectRef,
    })
    .nullish(),
});
export type ComplianceResult = z.infer<typeof complianceResult>;

/** A bound change: `digest` is the SHA-256 of the canonical JSON in `ref`, a `Change` (change.ts). */
export const changeRef = z.strictObject({ id: z.string().max(128), digest: sha256, ref: objectRef });
export type ChangeRef = z.infer<typeof changeRef>;

/** One person's answer to one change. */
export const answer = z.strictObject({
  person: z.string().min(1).max(128),
  outcome: z.enum(['approved', 'rejected']),
  at: z.string().max(32),
  comment: z.string().max(1000).nullable(),
  /** Whether it was given as an emergency; its comment is then the reason. */
  breaksGlass: z.boolean(),
});
export type Answer = z.infer<typeof answer>;

/** What came of one change at the gate, with all that people answered. Voided: the run ended before they had. */
export const decision = z.strictObject({
  outcome: z.enum(['approved', 'rejected', 'expired', 'voided']),
  decidedAt: z.string().max(32),
  answers: z.array(answer).max(40),
});
export type Decision = z.infer<typeof decision>;

/** The people on whose answers a decision rests; empty when nobody decided. */
export const decidersOf = ({ outcome, answers }: Decision): string[] =>
  answers.filter((one) => one.outcome === outcome).map(({ person }) => person);

/** What a check found to differ from what was applied. */
export const driftResult = z.strictObject({
  /** A `DriftDocument` (drift-document.ts). */
  document: objectRef,
  /** What is open: found, and not accepted. */
  total: z.int().min(0),
  /** Of all, those that no earlier check has seen. */
  new: z.int().min(0),
  /** Found too, but accepted by somebody as it is. */
  accepted: z.int().min(0).default(0),
  counts: z.strictObject({
    state: z.int().min(0),
    configuration: z.int().min(0),
    host: z.int().min(0),
  }),
  /** When the oldest of them was first seen; `null` when nothing drifted. */
  since: z.string().max(32).nullable(),
});
export type DriftResult = z.infer<typeof driftResult>;

/** What a run found that looked at many workspaces. */
export const sweepResult = z.strictObject({
  /** A `SweepDocument` (sweep-document.ts): every workspace and what was found. */
  document: objectRef,
  /** The same for people, as Markdown. */
  page: objectRef,
  workspaces: z.int().min(0),
  clean: z.int().min(0),
  drifted: z.int().min(0),
  /** Of the drifted, those in which something is new. */
  new: z.int().min(0),
  /** Another run had them. */
  skipped: z.int().min(0),
  /** They could not be looked at. */
  failed: z.int().min(0),
  /** What people should hear of, as many as a mail should name: new drift, and what could not be looked at. */
  news: z
    .array(
      z.strictObject({
        workspace: workspaceName,
        outcome: z.enum(['drifted', 'failed']),
        text: z.string().max(300),
      }),
    )
    .max(20),
  /** Runs that bring a workspace back, each after an approval of its own; `error`: why one could not be started. */
  remediations: z
    .array(z.strictObject({ workspace: workspaceName, runId, error: z.string().max(256).nullable() }))
    .max(20),
});
export type SweepResult = z.infer<typeof sweepResult>;

/** What is done when a run fails after its apply began. */
export const compensationKind = z.enum(['keep', 'restore', 'destroy']);
export type CompensationKind = z.infer<typeof compensationKind>;

/** What became of what a failed run had changed. */
export const compensationResult = z.strictObject({
  kind: compensationKind,
  outcome: z.enum(['kept', 'applied', 'unchanged', 'rejected', 'expired', 'failed']),
  /** Why it was kept, or why it failed. */
  message: z.string().max(2048).nullable(),
});
export type CompensationResult = z.infer<typeof compensationResult>;

/** How a run ended. `clean`, `drifted`, `noncompliant` and `previewed`: it looked, and changed nothing. `skipped`: it did not even that. */
export const outcome = z.enum([
  'applied',
  'unchanged',
  'rejected',
  'expired',
  'clean',
  'drifted',
  'noncompliant',
  'previewed',
  'skipped',
  'failed',
]);
export type Outcome = z.infer<typeof outcome>;

const cap = z.int().min(1).max(1000);

/** How many workspaces of one tenant runs may hold at once; what is not said is not limited. */
export const concurrencyCaps = z
  .strictObject({
    /** Of each tenant that is not named. */
    default: cap.optional(),
    tenants: z.record(segment, cap).default({}),
  })
  .prefault({});
export type ConcurrencyCaps = z.infer<typeof concurrencyCaps>;
