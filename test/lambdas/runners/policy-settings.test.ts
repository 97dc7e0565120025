import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlanPolicy } from '../../../lambdas/runners/plan-policy';
import { settingsOf } from '../../../lambdas/runners/policy-settings';

const file = 'environments/prod/data.json';
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const forAll = bytes({
  settings: { regions: ['eu-*', 'us-*'], volume_gib: 500, required_tags: { '*': ['a'] } },
});
const merged = (own: unknown) => JSON.parse(settingsOf(file, forAll, bytes(own)).toString());

test('what an environment names replaces what stands for all; the rest stays', () => {
  expect(merged({ settings: { regions: ['eu-*'], required_tags: { vm: ['b'] } } })).toEqual({
    settings: { regions: ['eu-*'], volume_gib: 500, required_tags: { vm: ['b'] } },
  });
});

test.each([
  [
    'a misspelled setting',
    { settings: { region: ['eu-*'] } },
    'sets "region", which policies/plan/data.json does not have. Known: regions,',
  ],
  [
    'a number for a list',
    { settings: { regions: 3 } },
    'sets "regions" to a number; in policies/plan/data.json it is a list',
  ],
  ['a list for an object', { settings: { required_tags: [] } }, 'sets "required_tags" to a list'],
  ['something beside the settings', { settings: {}, rules: {} }, 'must be {"settings"'],
])('%s is refused by name', (_, own, sentence) => {
  expect(() => merged(own)).toThrow(sentence);
});

test('the prototype is no setting', () => {
  const own = JSON.parse('{"settings": {"__proto__": {"regions": ["*"]}}}');
  expect(merged(own)).toEqual(JSON.parse(forAll.toString()));
});

test('a file that is not there, or not JSON, is refused', () => {
  expect(() => settingsOf(file, forAll, undefined)).toThrow(`policies/plan/${file} must be`);
  expect(() => settingsOf(file, forAll, Buffer.from('{'))).toThrow(`policies/plan/${file} must be`);
});

describe('the policies of this repository', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'policy-settings-'));
    await cp(join(__dirname, '../../../policies'), join(root, 'policies'), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));
  const digestFor = async (environment?: string) => (await readPlanPolicy(root, environment)).content.digest;

  test('the digest is that of what judges: another environment does not change it', async () => {
    const [all, prod] = [await digestFor(), await digestFor('prod')];
    expect(prod).not.toBe(all);
    await writeFile(join(root, 'policies/plan', file), bytes({ settings: { regions: ['eu-central-1'] } }));
    expect(await digestFor()).toBe(all);
    expect(await digestFor('prod')).not.toBe(prod);
  });

  test('settings that count for the modules themselves count before anything of them runs', async () => {
    await writeFile(join(root, 'policies/plan', file), bytes({ settings: { providers: [] } }));
    expect((await readPlanPolicy(root, 'prod')).module.providers).toEqual([]);
    expect((await readPlanPolicy(root)).module.providers).not.toEqual([]);
  });

  test('settings that cannot be read deny everything, and say which', async () => {
    await writeFile(join(root, 'policies/plan', file), bytes({ settings: { regionz: [] } }));
    await expect(readPlanPolicy(root, 'prod')).rejects.toMatchObject({
      name: 'PolicyDeniedError',
      message: expect.stringContaining('sets "regionz"'),
    });
    await expect(readPlanPolicy(root, 'dev')).rejects.toMatchObject({ name: 'PolicyDeniedError' });
  });
});
