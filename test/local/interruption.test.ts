import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

// A process per case: on a busy machine each takes seconds to load.
jest.setTimeout(60_000);

const program = `
const { watchInterruption } = require('./local/interruption');
const interruption = watchInterruption();
process.stdout.write('ready\\n');
void interruption.happened.then(() => {
  process.stdout.write(interruption.signal.reason.name + ': ' + interruption.signal.reason.message + '\\n');
  if (process.argv.includes('end')) interruption.dispose();
  if (process.argv.includes('end later')) setTimeout(() => interruption.dispose(), 300);
});
if (process.argv.includes('break')) setTimeout(() => { throw new TypeError('broken'); }, 1);
`;

/** Runs the program and sends it signals, so long after it is ready. */
const run = (modes: readonly string[], signal?: NodeJS.Signals, delaysMs: readonly number[] = [0]) =>
  new Promise<{ code: number | null; stdout: string }>((done) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--eval', program, ...modes], {
      cwd: resolve(__dirname, '../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.once('data', () => {
      if (signal) for (const delay of delaysMs) setTimeout(() => child.kill(signal), delay);
    });
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.once('close', (code) => done({ code, stdout }));
  });

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s lets the program end in order', async (signal) => {
  expect(await run(['end'], signal)).toEqual({ code: 0, stdout: 'ready\nInterruptedError: Interrupted.\n' });
});

test('one Ctrl-C that arrives twice, from the terminal and from npm, is one', async () => {
  expect(await run(['end later'], 'SIGINT', [0, 50])).toMatchObject({ code: 0 });
});

test('the second Ctrl-C ends it at once', async () => {
  expect(await run([], 'SIGINT', [0, 1000])).toMatchObject({ code: 130 });
});

test('an error that nothing caught lets it end in order too', async () => {
  const { stdout } = await run(['break', 'end']);
  expect(stdout).toContain('TypeError: broken');
});
