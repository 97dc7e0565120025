/** Does what docs/guides/new-workflow.md says, in a copy of this checkout, up to a run of the workflow: `npm run guide:try`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { watchInterruption } from '../local/interruption';
import { createProgress } from '../local/progress';
import { runCommand } from '../local/run-command';
import { findRunningPlatform, stopPlatform } from '../local/supervisor/client';
import { exitWith } from './exit-with';
import { readGuidePage, withChange } from './guide/guide-page';
import { openWorkshop } from './guide/workshop';

const repository = resolve(__dirname, '..');
const guide = 'docs/guides/new-workflow.md';
const mostLines = 60;
const lastStep = 'npm start -- --stop';
const report = z.looseObject({ outcome: z.string(), runId: z.string() });

/** Nothing of what this was started with tells the copy where to keep things. */
const environment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith('ORCHESTRATOR_') ? [] : [[name, value]],
    ),
  );

const main = async (): Promise<number> => {
  const progress = createProgress();
  const interruption = watchInterruption();
  const { folder, remove } = await progress.step('A copy of this checkout', () => openWorkshop(repository));
  /** Types a command as the page has it; its last line. */
  const type = (command: string): Promise<string> =>
    progress.step(command, async (note) => {
      const said: string[] = [];
      const code = await runCommand({
        command: 'sh',
        args: ['-c', command],
        cwd: folder,
        env: environment(),
        onLine: (line) => {
          said.push(line);
          note(line);
        },
        signal: interruption.signal,
      });
      if (code !== 0) throw new Error(`"${command}" ended with ${code}:\n${said.slice(-40).join('\n')}`);
      return said.filter((line) => line.startsWith('{')).at(-1) ?? '';
    });
  try {
    const { commands, changes } = readGuidePage(await readFile(join(folder, guide), 'utf8'));
    const [write, ...others] = commands.slice(0, commands.indexOf(lastStep) + 1);
    if (write === undefined) throw new Error(`${guide} has no step "${lastStep}".`);
    await type(write);
    for (const change of changes) {
      const path = join(folder, change.file);
      await writeFile(path, withChange(await readFile(path, 'utf8'), change));
    }
    const [changed] = changes;
    const definition = await readFile(join(folder, changed?.file ?? ''), 'utf8');
    // As the file is deployed: every line of it, brackets too.
    const lines = definition.trimEnd().split('\n').length;
    if (lines >= mostLines)
      throw new Error(`${changed?.file} has ${lines} lines; it was to stay below ${mostLines}.`);
    let ran: z.infer<typeof report> | undefined;
    for (const command of others) {
      const isRun = command.includes('--workflow');
      const answer = await type(isRun ? `${command} --json` : command);
      if (isRun) ran = report.parse(JSON.parse(answer));
    }
    if (ran?.outcome !== 'applied')
      throw new Error(
        `The workflow ended as ${ran?.outcome ?? 'nothing: it was not run'}, and not as applied.`,
      );
    process.stdout.write(
      `${changed?.file}: ${lines} lines, checked, deployed, approved and applied by run ${ran.runId}.\n`,
    );
    return 0;
  } finally {
    const stateDir = join(folder, '.local');
    if (await findRunningPlatform(stateDir)) await stopPlatform(stateDir);
    await remove();
    interruption.dispose();
  }
};

exitWith(main);
