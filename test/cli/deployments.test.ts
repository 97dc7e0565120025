import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { parseRotateCall } from '../../cli/rotate/rotate-options';

const deploy = join(__dirname, '../../deploy');
const program = 'orchestrator-rotate.cjs';

test('the CronJob calls the command with what it mounts', () => {
  const manifest = parse(readFileSync(join(deploy, 'kubernetes/orchestrator-rotate.yaml'), 'utf8'));
  const { containers, volumes } = manifest.spec.jobTemplate.spec.template.spec;
  const [{ command, args, env, volumeMounts }] = containers;
  const mounted = (path: string): unknown => {
    const { name } = volumeMounts.find(({ mountPath }: { mountPath: string }) => mountPath === dirname(path));
    return volumes.find((volume: { name: string }) => volume.name === name);
  };
  const given = Object.fromEntries(
    env.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  const call = parseRotateCall(args, given);
  expect(call).toMatchObject({ command: 'rotate', address: given.BAO_ADDR, only: [], dryRun: false });
  expect(command).toEqual(['node', `/opt/orchestrator/${program}`]);
  expect(mounted(command[1])).toMatchObject({ configMap: { name: 'orchestrator-rotate' } });
  const login = call.command === 'rotate' ? call.login : '';
  expect(login).toMatch(/\/openbao-login$/);
  expect(mounted(login)).toMatchObject({ secret: { secretName: 'openbao-login', defaultMode: 0o440 } });
});

test('the service hands the login over where the command looks for it', () => {
  const unit = readFileSync(join(deploy, 'systemd/orchestrator-rotate.service'), 'utf8');
  const setting = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
  const [, ...args] = setting('ExecStart').split(' ');
  expect(args).toEqual([`/usr/local/lib/orchestrator/${program}`]);
  const [name] = setting('LoadCredential').split(':');
  const call = parseRotateCall([], {
    BAO_ADDR: 'https://bao.example.org',
    CREDENTIALS_DIRECTORY: '/run/given',
  });
  expect(call).toMatchObject({ login: `/run/given/${name}` });
});
