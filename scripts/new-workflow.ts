import { join } from 'node:path';
import { exitWith } from './exit-with';
import { writeWorkflow } from './new-workflow/write-workflow';

const root = join(__dirname, '..');

const main = async (): Promise<number> => {
  const written = writeWorkflow(root, process.argv.slice(2).join(' '));
  process.stdout.write(`${written.join('\n')}\n`);
  process.stdout.write(
    'Now change what it does; docs/guides/new-workflow.md says how to check and start it.\n',
  );
  return 0;
};

exitWith(main);
