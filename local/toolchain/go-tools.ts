import { join } from 'node:path';
import type { Progress } from '../progress';
import { buildOnce } from './build-once';
import { buildGoProgram, type GoProgram } from './go-program';
import type { Machine } from './machine';

interface GoTool extends GoProgram {
  readonly version: string;
}

const withoutGo = 'Install Go 1.26.';

/** Linters that are Go programs: always built from their pinned source, for one way is enough for a developer's tool. */
const tools: readonly GoTool[] = [
  {
    name: 'gitleaks',
    version: '8.30.1',
    title: 'gitleaks 8.30.1',
    package: 'github.com/zricethezav/gitleaks/v8',
    flags: ['-ldflags', '-s -w'],
    modules: 'gitleaks',
    withoutGo,
    duration: 'about a minute',
  },
  {
    name: 'actionlint',
    version: '1.7.12',
    title: 'actionlint 1.7.12',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    flags: ['-ldflags', '-s -w'],
    modules: 'actionlint',
    withoutGo,
    duration: 'some seconds',
  },
];

/** The folders of gitleaks and actionlint. */
export const ensureGoTools = async (machine: Machine, progress: Progress): Promise<string[]> => {
  const folders: string[] = [];
  for (const tool of tools)
    folders.push(
      await buildOnce(machine, progress, {
        folder: join(machine.cacheDir, tool.name, tool.version),
        title: tool.title,
        needsGigabytes: 2,
        build: (folder, note) => buildGoProgram(machine, tool, folder, note),
      }),
    );
  return folders;
};
