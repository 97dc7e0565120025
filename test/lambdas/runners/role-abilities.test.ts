import { contentOf } from '../../../lambdas/runners/content';
import { goingBack, neededArchives } from '../../../lambdas/runners/role-abilities';
import { readRole, roleOf } from '../../../lambdas/runners/role-content';
import { InvalidInputError } from '../../../lambdas/shared/errors';

const roleWith = (declaration?: string) =>
  roleOf('app', [
    contentOf('app', new Map(declaration ? [['meta/orchestrator.yml', Buffer.from(declaration)]] : [])),
  ]);
const sha256 = 'a'.repeat(64);

test('app-release goes back by its own variable, and needs its archive unless it gets it itself', async () => {
  const role = await readRole(`${__dirname}/../../..`, 'app-release');
  expect(goingBack(role)).toEqual({ app_release_rollback: true });
  expect(neededArchives(role, { app_release_sha256: sha256 })).toEqual([sha256]);
  const url = 'https://example.com/a.tar.gz';
  expect(neededArchives(role, { app_release_sha256: sha256, app_release_url: url })).toEqual([]);
});

test('a role without a declaration needs nothing, and cannot go back', () => {
  expect(neededArchives(roleWith(), {})).toEqual([]);
  expect(() => goingBack(roleWith())).toThrow('The role app cannot go back');
});

test.each(['../../etc/passwd', 'A'.repeat(64), 7, undefined])('an archive is no %p', (given) => {
  const role = roleWith('archives: [{digest: app_sha256}]');
  expect(() => neededArchives(role, given === undefined ? {} : { app_sha256: given })).toThrow(
    InvalidInputError,
  );
});

test.each(['archives: 1', 'going_back: [a]', 'else: 1', '[]'])('refuses the declaration %s', (text) => {
  expect(() => neededArchives(roleWith(text), {})).toThrow('meta/orchestrator.yml is malformed');
});
