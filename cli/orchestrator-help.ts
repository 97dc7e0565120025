/** What `orchestrator --help` prints. */
export const orchestratorHelp = `Usage: orchestrator COMMAND --env NAME [OPTIONS]

  start WORKFLOW --input FILE   check the input, then start a run ("-" reads standard input)
      --key KEY                 your own name for this request: the same key starts one run, however often sent
      --wait                    follow the run to its end
  status RUN                    how a run stands, or how it ended
  stop RUN [--reason TEXT]      stop a run; it ends recorded and notified
  resume RUN [--wait]           continue a run that failed, without repeating what it finished
  extend --workspace NAME --hours N --reason TEXT
                                keep a workspace N hours longer, once that is approved; takes --key and --wait
  freeze SCOPE --reason TEXT    let no run begin or change anything: --workspace NAME, --tenant NAME or --all
      --until TIME              ends by itself then, e.g. 2026-12-24T18:00:00Z
  unfreeze SCOPE --reason TEXT  end a freeze
  doctor --workspace NAME       say what holds a workspace, and why; takes up to a minute
      --repair                  release what is provably dead, restore a rescued state
  queue SCOPE                   who has a workspace and who waits, in order: --workspace NAME; or, where a cap
                                limits them, workspaces of a tenant: --tenant NAME
  explain RUN --person ID       why somebody may or may not decide on what a run asks for, and what it waits for
      --groups LIST             with these groups, e.g. approver,admin (default: as configured)
  dead-letters list             what could not be delivered, started or handled, and why
  dead-letters show ID          one of them whole, secrets masked
  dead-letters replay ID        once more: the same message, event or run; --all instead of ID with --of
  dead-letters discard ID       take it out for good
      --of QUEUE                only of this one, e.g. schedules or webhook-itsm
  releases put FILE             put a release (.tar.gz) into the store, and print its digest
  credentials list              how every credential stands: age, next rotation, last result, stage, owner
  credentials rotate NAME --reason TEXT
                                rotate one now, due or not; takes --key and --wait
  delegate --from ID --to ID --until TIME --reason TEXT
                                let somebody answer for another until then
  undelegate --from ID          end that before its time
  persons export ID             all personal data that is held of somebody, as JSON
  persons erase ID --reason TEXT --confirm ID
                                erase it; without --confirm it only says what that would be
  example WORKFLOW              print a workflow's example input (needs no account)

  --env NAME   the deployed environment (default: $ORCHESTRATOR_ENV)
  --json       one JSON object on one line

Account, region and endpoint come from the usual AWS variables and profiles.
Exit codes: 0 clean, 1 failed (doctor: something is held or left behind; credentials list: one needs somebody), 2 wrong option or input, 130 interrupted (the run goes on).
`;
