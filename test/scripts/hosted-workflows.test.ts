import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly with?: Record<string, unknown>;
}
const folder = join(__dirname, '../../.github/workflows');
const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const { permissions, jobs } = parse(text) as {
    permissions: unknown;
    jobs: Record<string, { permissions?: unknown; steps: Step[] }>;
  };
  return { name, text, permissions, jobs: Object.values(jobs) };
});

test.each(workflows)('$name: every action is named by its commit, with its version beside it', ({ text }) => {
  const used = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test.each(workflows)('$name: its token may read, and stays in no checkout', ({ permissions, jobs }) => {
  expect(permissions).toEqual({ contents: 'read' });
  for (const job of jobs) {
    expect(job.permissions).toBeUndefined();
    for (const step of job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout')))
      expect(step.with).toMatchObject({ 'persist-credentials': false });
  }
});
