import { requireNothingRescued, rescueState } from '../../../lambdas/runners/rescue-state';
import { StateRescuedError, TerraformError } from '../../../lambdas/shared/errors';

const encrypted = Buffer.from(JSON.stringify({ serial: 3, lineage: 'a', encrypted_data: 'c2VjcmV0' }));
const noPause = async () => undefined;

/** A bucket that refuses the first writes. */
const bucket = (refused = 0) => {
  const kept = new Map<string, Uint8Array | string>();
  let left = refused;
  return {
    kept,
    put: async (key: string, body: Uint8Array | string) => {
      if (left-- > 0) throw new Error('refused');
      kept.set(key, body);
      return { bucket: 'artifacts', key, versionId: '1', sha256: 'a'.repeat(64) };
    },
  };
};
const tofuWith = (state: Uint8Array | undefined) => ({ erroredState: async () => state });

test('an apply that stored its state leaves nothing to rescue', async () => {
  const { kept, put } = bucket();
  await rescueState({ put }, 'demo/web-01', tofuWith(undefined), noPause);
  expect(kept.size).toBe(0);
});

test('a state is kept as it is, however often the bucket refuses at first', async () => {
  const { kept, put } = bucket(4);
  await expect(rescueState({ put }, 'demo/web-01', tofuWith(encrypted), noPause)).rejects.toThrow(
    StateRescuedError,
  );
  expect(kept.get('rescue/demo/web-01.tfstate')).toBe(encrypted);
});

test('a bucket that refuses for good is told as what it is', async () => {
  const { put } = bucket(5);
  const lost = rescueState({ put }, 'demo/web-01', tofuWith(encrypted), noPause);
  await expect(lost).rejects.toThrow(TerraformError);
  await expect(lost).rejects.toThrow(/not be rescued either/);
});

test.each([
  ['a state in clear', '{"version":4,"serial":3,"lineage":"a","resources":[]}'],
  ['something torn', '{"serial":3,"lin'],
])('%s is never kept', async (_, text) => {
  const { kept, put } = bucket();
  const refused = rescueState({ put }, 'demo/web-01', tofuWith(Buffer.from(text)), noPause);
  await expect(refused).rejects.toThrow(/had not encrypted it/);
  expect(kept.size).toBe(0);
});

test('nothing is planned while a rescued state waits', async () => {
  const find = async (key: string) => (key === 'rescue/demo/web-01.tfstate' ? '{}' : undefined);
  await expect(requireNothingRescued({ find }, 'demo/web-01')).rejects.toThrow(StateRescuedError);
  await expect(requireNothingRescued({ find }, 'demo/web-02')).resolves.toBeUndefined();
});
