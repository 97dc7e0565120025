import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { judgePlan, readPlanPolicy } from '../../lambdas/runners/plan-policy';
import { makeTaskLog } from '../../lambdas/runners/task-log';
import { thisMachine } from '../../local/toolchain/machine';
import { ensureOpa } from '../../local/toolchain/opa';

const repository = join(__dirname, '../..');
const run = promisify(execFile);
const quiet = {
  step: <T>(_: string, work: (note: (text: string) => void) => Promise<T>) => work(() => undefined),
  line: () => undefined,
};

let opa: string;
let folder: string;
beforeAll(async () => {
  opa = await ensureOpa(thisMachine(), quiet);
}, 600_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-policy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const judge = async (plan: unknown, contentRoot = repository, path = `${dirname(opa)}${delimiter}/bin`) => {
  const work = await mkdtemp(join(folder, 'task-'));
  const log = makeTaskLog();
  const judging = judgePlan(
    await readPlanPolicy(contentRoot),
    JSON.stringify(plan),
    { folder: work, signal: new AbortController().signal, log, mayCarryOn: null },
    { PATH: path },
  );
  return { judging, log };
};
const recorded = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(repository, 'test/support/plans', `${name}.json`), 'utf8'));
/** The policies with one file more or other. */
const policiesWith = async (file: string, text: string): Promise<string> => {
  await cp(join(repository, 'policies'), join(folder, 'policies'), { recursive: true });
  await writeFile(join(folder, 'policies/plan', file), text);
  return folder;
};

test('a plan of the module vm is allowed, and bears the digest of the rules', async () => {
  const { judging } = await judge(await recorded('aws-vm'));
  const { content } = await readPlanPolicy(repository);
  expect(await judging).toEqual({ verdict: 'allow', reasons: [], total: 0, digest: content.digest });
});

test('what loses data or opens a port needs a stricter gate, and says why', async () => {
  const { judging } = await judge(await recorded('aws-stateful'));
  const { verdict, reasons, total } = await judging;
  expect(verdict).toBe('stricter-gate');
  expect(total).toBe(4);
  expect(reasons.map(({ address, message }) => `${address}: ${message}`)).toEqual([
    'aws_db_instance.orders: it keeps data, and this replaces it',
    'aws_lb.shop: it gets a public address',
    'aws_s3_bucket.exports: it keeps data, and this destroys it',
    'aws_vpc_security_group_ingress_rule.https: it lets 0.0.0.0/0 reach port 443 over tcp',
  ]);
});

test('a dangerous plan is denied: the error names rules and resources, and the log has them all', async () => {
  const { judging, log } = await judge(await recorded('aws-dangerous'));
  await expect(judging).rejects.toMatchObject({
    name: 'PolicyDeniedError',
    message: expect.stringMatching(/: aws_iam_role\.ci: .*and 4 more.*Nobody was asked/),
  });
  for (const reason of [
    'public_network: aws_vpc_security_group_ingress_rule.ssh: it lets 0.0.0.0/0 reach port 22 over tcp',
    'public_storage: aws_s3_bucket_public_access_block.assets: block_public_acls is not set',
    'sizes: aws_instance.big: the size p5.48xlarge is not allowed',
    'regions: aws_instance.big: it is placed in ap-south-1',
    'required_tags: aws_instance.big: the tag Owner is missing or empty',
    'iam: aws_iam_role.ci: it may be assumed by anybody',
    'resource_types: aws_iam_user.robot: resources of the type aws_iam_user are not allowed',
  ])
    expect(log.text()).toContain(reason);
});

test('a rule file is one more copied file, and its verdict counts', async () => {
  const rule =
    'package rules.names\n\ndeny contains {"address": "a.b", "msg": "no such names"} if input.resource_changes\n';
  const { judging } = await judge(await recorded('aws-vm'), await policiesWith('names.rego', rule));
  await expect(judging).rejects.toThrow('names: a.b: no such names');
});

test.each([
  ['does not parse', 'package rules.broken\n\ndeny contains {\n', 'policies/plan/broken.rego:4: '],
  [
    'names what is not there',
    'package rules.broken\n\ndeny contains x if x == y\n',
    'policies/plan/broken.rego:3: ',
  ],
  [
    'would ask the network',
    'package rules.broken\n\ndeny contains "x" if http.send({"method": "GET", "url": "http://169.254.169.254"})\n',
    'policies/plan/broken.rego:3: undefined function http.send',
  ],
  [
    'would read the environment',
    'package rules.broken\n\ndeny contains "x" if opa.runtime().env.HOME\n',
    'policies/plan/broken.rego:3: undefined function opa.runtime',
  ],
  [
    'fails on what it meets',
    'package rules.broken\n\ndeny contains "x" if to_number("no number") > 1\n',
    'policies/plan/broken.rego:3: ',
  ],
  [
    'contradicts itself',
    'package rules.broken\n\ndeny := {"x"} if true\n\ndeny := {"y"} if true\n',
    'policies/plan/broken.rego:',
  ],
])('a rule that %s denies, and its file and line are named', async (_, rule, place) => {
  const { judging } = await judge(await recorded('aws-vm'), await policiesWith('broken.rego', rule));
  await expect(judging).rejects.toMatchObject({
    name: 'PolicyDeniedError',
    message: expect.stringContaining(place),
  });
});

test('a misspelled rule denies, rather than to judge nothing', async () => {
  const rule = 'package rules.typo\n\ndenny contains "x" if input.resource_changes\n';
  const { judging } = await judge(await recorded('aws-vm'), await policiesWith('typo.rego', rule));
  await expect(judging).rejects.toThrow('typo: it defines neither a set deny nor a set warn');
});

test('rules without a verdict deny', async () => {
  const { judging } = await judge(
    await recorded('aws-vm'),
    await policiesWith('main.rego', 'package main\n'),
  );
  await expect(judging).rejects.toThrow('its rules give no verdict');
});

test('settings that cannot be read, and a worker without OPA, deny', async () => {
  await expect(readPlanPolicy(await policiesWith('data.json', '{"settings": {}}'))).rejects.toMatchObject({
    name: 'PolicyDeniedError',
  });
  await expect(readPlanPolicy(join(folder, 'nowhere'))).rejects.toMatchObject({ name: 'PolicyDeniedError' });
  const { judging } = await judge(await recorded('aws-vm'), repository, '/nowhere');
  await expect(judging).rejects.toMatchObject({
    name: 'PolicyDeniedError',
    message: expect.stringContaining('opa cannot be started'),
  });
});

test('a plan of 5,000 resources is judged whole, and says as many reasons as a state may carry', async () => {
  const { resource_changes: changes, ...plan } = (await recorded('aws-stateful')) as {
    resource_changes: { address: string }[];
  };
  const [, bucket] = changes;
  const many = Array.from({ length: 5000 }, (_, index) => ({
    ...bucket,
    address: `aws_s3_bucket.exports[${index}]`,
  }));
  const { judging } = await judge({ ...plan, resource_changes: many });
  const { reasons, total } = await judging;
  expect(total).toBe(5000);
  expect(reasons).toHaveLength(50);
  expect(JSON.stringify(reasons).length).toBeLessThan(8_200);
});

test('rules can do what this version of OPA can, less what reaches the network, the clock or the environment', async () => {
  const { stdout } = await run(opa, ['capabilities', '--current']);
  const current: { name: string; nondeterministic?: boolean }[] = JSON.parse(stdout).builtins;
  const given: { name: string }[] = JSON.parse(
    await readFile(join(repository, 'policies/plan/capabilities.generated.json'), 'utf8'),
  ).builtins;
  const outward = current.filter(({ nondeterministic }) => nondeterministic).map(({ name }) => name);
  const names = given.map(({ name }) => name);
  expect(names.filter((name) => outward.includes(name))).toEqual([]);
  expect(current.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

test('the rules are usable without the orchestrator, by the documented command', async () => {
  const plan = join(repository, 'test/support/plans/aws-stateful.json');
  const readme = await readFile(join(repository, 'policies/plan/README.md'), 'utf8');
  const [, line = ''] = /^(opa eval .*)$/m.exec(readme) ?? [];
  const [, ...args] = line.replace('plan.json', plan).split(' ');
  const { stdout } = await run(opa, args, { cwd: repository });
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'stricter-gate' });
});
