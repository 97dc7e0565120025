import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StartedRun } from '../../cli/start-run';
import { stopPlatform } from '../../local/supervisor/client';
import {
  type CommandResult,
  inputFor,
  platformNow,
  runCommand,
  runsOn,
  stateDir,
} from '../support/e2e-platform';
import { leftoversAfter } from '../support/leftovers';
import { binding } from './scenarios/binding';
import { blocks, commandLine } from './scenarios/command-line';
import { compliance } from './scenarios/compliance';
import { crashes } from './scenarios/crashes';
import { database } from './scenarios/database';
import { decommission } from './scenarios/decommission';
import { deployment } from './scenarios/deployment';
import { failures } from './scenarios/failures';
import { gate } from './scenarios/gate';
import { hosts } from './scenarios/hosts';
import { health, ledger } from './scenarios/ledger-and-health';
import { ownKey } from './scenarios/own-key';
import { races } from './scenarios/races';
import { recovery } from './scenarios/recovery';
import { rotation } from './scenarios/rotation';
import { schedules } from './scenarios/schedules';
import { scriptStep } from './scenarios/script-step';
import { signIn } from './scenarios/sign-in';
import { stops } from './scenarios/stops';

// Real tools on a machine that may be busy: far above what it takes.
jest.setTimeout(240_000);

/** One platform for all, brought up by the command that a person types; every test has workspaces of its own. */
let first: CommandResult;
let expiring: Promise<StartedRun>;
const theFirst = () => first;

beforeAll(async () => {
  await rm(dirname(stateDir), { recursive: true, force: true });
  first = await runCommand(['--keep', '--approve', '--json']);
  // Its half minute passes while the others run.
  expiring = platformNow().then((platform) =>
    runsOn(platform).start(inputFor('e2e/expiring', { approvalTimeoutSeconds: 30 })),
  );
  await expiring;
}, 900_000);

afterAll(async () => {
  await stopPlatform(stateDir);
  const left = await leftoversAfter(dirname(stateDir), 20);
  if (!process.env.KEEP_E2E_STATE) await rm(dirname(stateDir), { recursive: true, force: true });
  expect(left).toEqual([]);
}, 120_000);

describe('the command', () => commandLine(theFirst));
describe('the host that it made', () => hosts(theFirst));
describe('a block', blocks);
describe('health', () => health(theFirst));
describe('schedules', schedules);
describe('the approval gate', gate);
describe('the key of the pages', ownKey);
describe('failures', failures);
describe('the binding', binding);
describe('races', races);
describe('a script step', scriptStep);
describe('stops', () => stops(() => expiring));
describe('recovery', recovery);
describe('the rules', () => compliance(theFirst));
describe('a database', database);
describe('a rotation', rotation);
describe('releases', deployment);
describe('what was applied', () => decommission(theFirst));
describe('the ledger', () => ledger(theFirst));
describe('crashes', crashes);
describe('sign-in', signIn);
