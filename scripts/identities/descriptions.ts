/** Who stands behind a role that may do something sensitive, in the order in which a reader meets them. */
export const descriptions: Readonly<Record<string, string>> = {
  'People/Operator': 'People who start and stop runs ([roles](roles.md)).',
  'People/Approver': 'People who decide, which they do on the pages and not as this role.',
  'People/Auditor': 'People who read the record.',
  'People/Admin': 'People who deploy, and say who answers for whom.',
  'People/BreakGlass': 'People in an emergency, for an hour, with an alarm.',
  'Runner/Plan':
    'The worker that plans, as a function. It reads code and writes plans; state and infrastructure it sees only with what its broker lends.',
  'Runner/PlanTask': 'The same on Fargate.',
  'Runner/PlanCredentials/Step': 'The broker of plans: lends the next one, for one workspace, on the record.',
  'Runner/PlanCredentials/Lent': 'Lent to plan: reads one workspace, writes its lock and nothing else.',
  'Runner/Apply':
    'The worker that applies, as a function. As itself it may wait for hosts; everything else is lent.',
  'Runner/ApplyTask': 'The same on Fargate.',
  'Runner/ApplyCredentials/Step':
    'The broker of applies: lends the next one once it has checked that this very change was approved, that its run runs and holds the workspace.',
  'Runner/ApplyCredentials/Lent':
    'Lent to apply: the state of one workspace, and infrastructure that carries the tag of that workspace.',
  'Runner/AnsibleTask': 'Configures and scans hosts, on Fargate. It never sees Terraform’s state.',
  'Runner/Script': 'Runs scripts of the catalogue. It reaches neither state nor hosts.',
  'Runner/Image/Build': 'CodeBuild, while a deployment builds the image of the runner.',
  'Gate/RequestApproval': 'Records that an approval is asked for, and mails the approvers.',
  'Gate/ApprovalPages': 'Shows the pages. It writes nothing.',
  'Gate/DecideApproval': 'Records a decision. It holds no task token and cannot resume a run.',
  'Gate/CloseApproval': 'Closes an approval that expired or whose run was stopped.',
  'Gate/SetDelegation': 'Records who answers for whom, in the one item of the approvals that holds that.',
  'Gate/ExplainApproval': 'Says why somebody may or may not decide. It reads approvals, and changes nothing.',
  'Gate/SendCallback': 'Resumes waiting runs: the only one who can. No route leads to it.',
  'Gate/TendApprovals': 'Reminds, escalates, expires and tells of broken glass. It decides nothing.',
  'SignIn/Step': 'Signs people in and out. It decides nothing, and is the one that begins and ends sessions.',
  'Gate/CallbackSweep': 'The schedule that makes up for a resume that a crash kept from being sent.',
  'Lifecycle/BeginRun': 'Records a run and takes its workspace, or a place in the queue.',
  'Lifecycle/AwaitLease': 'Waits for a workspace that another run holds.',
  'Lifecycle/BindChange': 'Binds what will be done to digests, before anybody is asked.',
  'Compliance/Step': 'Holds a workspace against the rules, and records how it stands.',
  'Lifecycle/AssessDrift': 'Says what drifted, and records since when.',
  'Lifecycle/AcceptDrift': 'Records that somebody accepted drift as it is.',
  'Lifecycle/ChooseCompensation': 'Finds what undoes what a failed run did, by reading its change.',
  'Lifecycle/AuthorizeChange': 'Checks, right before anything is done, that this very change was approved.',
  'Lifecycle/EndRun': 'Records the end and gives the workspace back.',
  'Lifecycle/ReconcileRun': 'Ends runs that ended without recording it.',
  'StarterRecord/Step':
    'Records who really started a run, from CloudTrail, and voids the request of somebody who may not ask.',
  'PersonalData/Step':
    'Tells what is held of a person, and erases it, in all tables. Only an operator calls it; task tokens it cannot read.',
  'Lifecycle/SetFreeze': 'Freezes and thaws workspaces, tenants, or everything.',
  'LockDoctor/Step':
    'Releases locks of dead workers and puts rescued states back: the one identity that reaches the states of all workspaces. It decrypts none of them (ADR 17).',
  'CredentialWatch/Step':
    'Counts how credentials stand, and tells the ledger of those that are overdue or stuck. It reads no secret.',
  'Rotation/List': 'Lists which credentials are due, by names and tags; it reads no value.',
  'Rotation/Rotate':
    'Brings a credential of a workspace, or the key of the pages, from one version to the next: reads and writes its values, and signs in with them.',
  'TimeToLive/Step':
    'Warns before workspaces end and starts their decommission, whose gate people decide: it starts no other workflow.',
  'LockDoctor/Sweep': 'The schedule that looks for what dead workers left.',
  'Channels/Webhook-itsm/Deliver':
    'Delivers events to one webhook, with the names of those who are not forgotten.',
  'Channels/Route': 'Reads the ledger’s stream and sends each event to the channels that want it.',
  'Ledger/Archive': 'Copies the ledger into the bucket that nobody can change.',
  'Ledger/Configuration': 'Records that a deployment changed rules or roles.',
  'Ledger/Checkpoint':
    'Signs checkpoints of the ledger: the only one who can. It reads the ledger and cannot write to it.',
  FargateTask: 'The block that runs a worker on Fargate.',
  TerraformPlan: 'The block that plans.',
  TerraformApply: 'The block that applies.',
  TerraformDestroy: 'The block that destroys, through the one that applies.',
  Compensate: 'The block that undoes what a failed run did, through the ones that plan and apply.',
  VmProvisioning: 'The workflow `vm-provisioning`.',
};
