import { makeRotateNatively } from '../../../lambdas/rotate-secret/rotate-natively';
import { TransientError } from '../../../lambdas/shared/errors';
import { credential, rotatingWorld } from '../../support/rotating';

const token = '0c0e5d1a-1111-4222-8333-444455556666';
const four = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
type World = ReturnType<typeof rotatingWorld>;

const call = async (world: World, ...steps: readonly (typeof four)[number][]) => {
  const rotate = makeRotateNatively(world.process().engine);
  for (const Step of steps) await rotate({ Step, SecretId: credential, ClientRequestToken: token });
};

test('does not say that it rotated while the version before is used, long after its overlap', async () => {
  const world = rotatingWorld();
  const { version } = await world.process().rotate({ credential, runId: 'run-1', force: true });
  world.logins.inUse = ['10.0.0.7 report'];
  world.pass(3 * 86_400);
  world.manager.beginNative(credential, token);
  await expect(call(world, ...four)).rejects.toMatchObject({ name: 'RotationInFlightError' });
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual([version]);
});

test.each(four.slice(1))(
  '%s does not say that all is well of what a run has abandoned meanwhile',
  async (step) => {
    const world = rotatingWorld();
    world.manager.beginNative(credential, token);
    await call(world, 'createSecret');
    world.pass(200);
    world.logins.isBroken = true;
    await world.process().rotate({ credential, runId: 'run-2' });
    world.logins.isBroken = false;
    world.pass(200);
    await expect(call(world, step)).rejects.toMatchObject({ name: 'CredentialBusyError' });
    expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual(['first']);
  },
);

test('all four again, where the answer to the last was lost, change nothing and find nothing wrong', async () => {
  const world = rotatingWorld();
  world.manager.beginNative(credential, token);
  await call(world, ...four);
  await call(world, ...four);
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual([token]);
  expect(world.signsIn('AWSPREVIOUS')).toEqual([true]);
});

test.each(['set', 'test'] as const)('goes on where a passing error of %s left it', async (method) => {
  const world = rotatingWorld();
  world.manager.beginNative(credential, token);
  const broken = jest.spyOn(world.logins, method).mockRejectedValueOnce(new TransientError('It is down.'));
  await expect(call(world, ...four)).rejects.toMatchObject({ name: 'TransientError' });
  broken.mockRestore();
  await call(world, ...four);
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual([token]);
  expect(world.signsIn('AWSCURRENT')).toEqual([true]);
});

test('what another run was rolling back is not told as rotated', async () => {
  const world = rotatingWorld();
  world.manager.beginNative(credential, token);
  await call(world, 'createSecret', 'setSecret', 'testSecret');
  const { engine } = world.process();
  const of = { credential, runId: `native-${token}` };
  await engine.step({ ...of, step: 'promote' });
  const killed = jest.spyOn(world.store, 'promote').mockRejectedValueOnce(new TransientError('It is down.'));
  const because = { error: 'CredentialRefusedError', message: 'refused' };
  await expect(engine.step({ ...of, step: 'roll-back', because })).rejects.toThrow();
  killed.mockRestore();
  await expect(call(world, 'finishSecret')).rejects.toMatchObject({ name: 'RotationInFlightError' });
  await expect(call(world, ...four)).rejects.toMatchObject({ name: 'RotationInFlightError' });
  expect(world.manager.bearing(credential, 'AWSCURRENT')).toEqual(['first']);
  expect(world.signsIn('AWSCURRENT')).toEqual([true]);
});
