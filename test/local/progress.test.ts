import { createProgress } from '../../local/progress';

const screen = (isTTY: boolean) => {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  return { isTTY, columns: 60, write, text: () => text };
};

test('away from a terminal, steps are plain lines', async () => {
  const plain = screen(false);
  const progress = createProgress(plain, {});
  expect(await progress.step('Deploy', async () => 7)).toBe(7);
  progress.line('Ready');
  await expect(progress.step('Break', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(plain.text()).toBe('✓ Deploy  0.0 s\nReady\n✗ Break  0.0 s\n');
});

test('on a terminal, a running step is redrawn with its note and ends as one line', async () => {
  const terminal = screen(true);
  const progress = createProgress(terminal, {});
  await progress.step('Deploy', async (note) => {
    note('a note that is too long for the width of this small terminal');
    await new Promise((done) => setTimeout(done, 180));
  });
  expect(terminal.text()).toContain('a note');
  expect(terminal.text()).toContain('…');
  const last = terminal.text().split('\n').at(-2);
  expect(last?.endsWith('\x1b[32m✓\x1b[0m Deploy  \x1b[2m0.2 s\x1b[0m')).toBe(true);
});

test('NO_COLOR is respected', async () => {
  const terminal = screen(true);
  await createProgress(terminal, { NO_COLOR: '1' }).step('Deploy', async () => undefined);
  expect(terminal.text()).not.toContain('\x1b[3');
  expect(terminal.text()).not.toContain('\x1b[2m');
});

test('steps at the same time keep a line each', async () => {
  const terminal = screen(true);
  const progress = createProgress(terminal, { NO_COLOR: '1' });
  const wait = (ms: number) => () => new Promise<void>((done) => setTimeout(done, ms));
  await Promise.all([progress.step('First', wait(20)), progress.step('Second', wait(60))]);
  expect(terminal.text()).toContain('\x1b[2A');
  expect(terminal.text().match(/✓/g)).toHaveLength(2);
});
