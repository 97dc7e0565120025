import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { thisMachine } from '../../local/toolchain/machine';
import { ensureOpenTofu } from '../../local/toolchain/opentofu';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const quiet = {
  step: <T>(_: string, work: (note: (text: string) => void) => Promise<T>) => work(() => {}),
  line: () => {},
};

let folder: string;
let tofu: string;

const call = async (args: string[], cwd: string): Promise<string> =>
  (
    await run(tofu, args, {
      cwd,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        TF_CLI_CONFIG_FILE: join(folder, 'tofu.rc'),
        TF_DATA_DIR: join(folder, 'data'),
      },
    })
  ).stdout;

beforeAll(async () => {
  tofu = await ensureOpenTofu(thisMachine(), quiet);
  folder = mkdtempSync(join(tmpdir(), 'terraform-modules-'));
  writeFileSync(join(folder, 'tofu.rc'), '');
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('local-host', () => {
  const module = join(root, 'terraform', 'modules', 'local-host');
  const host = { name: 'web-1', owner: 'platform@example.com', time_to_live_hours: 24 };

  const plan = async (variables: object) => {
    writeFileSync(join(folder, 'in.tfvars.json'), JSON.stringify(variables));
    const state = `-state=${join(folder, 'state.json')}`;
    await call(
      [
        'plan',
        '-input=false',
        '-var-file',
        join(folder, 'in.tfvars.json'),
        state,
        '-out',
        join(folder, 'plan'),
      ],
      module,
    );
    const shown = JSON.parse(await call(['show', '-json', join(folder, 'plan')], module));
    const changes: { address: string; change: { actions: string[] } }[] = shown.resource_changes;
    return {
      actions: Object.fromEntries(changes.map(({ address, change }) => [address, change.actions.join('+')])),
      inventory: shown.output_changes.inventory,
    };
  };
  const apply = async () => {
    const state = join(folder, 'state.json');
    await call(['apply', '-input=false', `-state=${state}`, join(folder, 'plan')], module);
    return JSON.parse(await call(['output', '-json', `-state=${state}`, 'inventory'], module));
  };

  test('creates once, changes in place, replaces for another name, and never moves the expiry', async () => {
    await call(['init', '-input=false'], module);

    const first = await plan(host);
    expect(first.actions['terraform_data.host']).toBe('create');
    expect(first.inventory.after).toMatchObject([{ name: 'web-1', address: null }]);
    const [created] = await apply();

    // Long enough for an expiry that is computed from "now" to show.
    await sleep(1100);
    const second = await plan(host);
    expect(new Set(Object.values(second.actions))).toEqual(new Set(['no-op']));
    expect(second.inventory.actions).toEqual(['no-op']);

    const changed = await plan({ ...host, size: 'large', tags: { tier: 'web' }, owner: 'other@example.com' });
    expect(changed.actions).toEqual({ 'terraform_data.created': 'no-op', 'terraform_data.host': 'update' });
    const [updated] = await apply();
    expect(updated).toEqual({ ...created, size: 'large', tags: { tier: 'web' }, owner: 'other@example.com' });

    const renamed = await plan({ ...host, name: 'web-2' });
    expect(renamed.actions).toEqual({
      'terraform_data.created': 'no-op',
      'terraform_data.host': 'delete+create',
    });
    expect(renamed.inventory.after[0].expires_at).toBe(created.expires_at);
  }, 60_000);
});

test('the catalogue is fresh', async () => {
  const { stderr } = await run(join(root, 'node_modules', '.bin', 'tsx'), [
    join(root, 'scripts', 'generate-catalogue.ts'),
    '--check',
  ]);
  expect(stderr).not.toContain('out of date');
}, 60_000);
