import { descriptions } from '../identities/descriptions';

/** What single resources are for that say it nowhere else, by their paths. A `*` stands for one part of any name. */
const own: Readonly<Record<string, string>> = {
  AccessLogs: 'Access logs of the other buckets.',
  State: 'Terraform’s states, and plans.',
  Artifacts: 'Changes, plan documents, reports and logs of runs.',
  Audit: 'Copies of ledger entries and signed checkpoints, under Object Lock: not to be changed by anybody.',
  Runs: 'Every run and how far it is.',
  Approvals: 'Approvals, votes and the task tokens that resume runs; delegations and mailboxes.',
  Leases: 'Who holds a workspace, and who waits for it.',
  Workspaces: 'What is known of each workspace: last applied, drifted since.',
  Ledger: 'The ledger: one hash chain per tenant.',
  People: 'Who stands behind each reference of the ledger, until they are erased.',
  Channels: 'Where messages stand in Slack, which requests were seen, and how often callers came.',
  'SignIn/Sessions': 'Who is signed in.',
  'Github/Deliveries': 'Deliveries of GitHub that were taken, and what is to be reported.',
  'Approver-*/Topic': 'Mails of one approver.',
  'News/Topic': 'News for operations.',
  Alarms: 'Alarms on their way to operations.',
  '*/*/DeadLetters': 'What a function could not handle in all its tries, until somebody looks.',
  '*/DeadLetters': 'What a function could not handle in all its tries, until somebody looks.',
  '*/*/Delivery/Queue': 'Messages that wait to be delivered.',
  'Gate/ExplainApproval': 'Explains who may still decide, and why.',
  'DriftSweep/ListWorkspaces': 'Lists the workspaces that a sweep looks at, by their names.',
  'DriftSweep/ReportDrift': 'Gathers what the checks of a sweep have recorded into one report.',
  Credentials: 'Each credential that is rotated: how far, when next, how it last ended.',
  'Rotation/Rotate': 'Does one step of the rotation of one credential; Secrets Manager may call it, too.',
  'Rotation/Report': 'Gathers how the rotations of a run ended.',
  'Lifecycle/Notify': 'Tells operations how a run ended.',
  'Runner/Image/Starter': 'Starts the build of the image, while a deployment waits.',
  'Health/Step': 'Answers `/api/health`.',
};

const pattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]+')}$`);
const patterns = Object.entries(own).map(([path, purpose]) => ({ pattern: pattern(path), purpose }));

/** What the resource of this construct is for, where something says so. */
export const purposeOf = (construct: string): string | undefined =>
  descriptions[construct] ?? patterns.find((one) => one.pattern.test(construct))?.purpose;
