import type { Stage } from '../cli/run-stages';
import type { Progress } from './progress';

interface Line {
  readonly end: (succeeded: boolean) => void;
}

export interface StageLines {
  update(stages: readonly Stage[]): void;
  /** Nobody follows the run any more: what is under way is shown as not done. */
  abandon(): void;
}

/** Shows a run's stages as steps of the progress: each begins and ends when the run's history says so. */
export const stageLines = (progress: Progress): StageLines => {
  const lines: Line[] = [];
  return {
    update: (stages) => {
      for (const [index, stage] of stages.entries()) {
        lines[index] ??= openLine(progress, stage.name);
        if (stage.status !== 'running') lines[index].end(stage.status === 'succeeded');
      }
    },
    abandon: () => {
      for (const line of lines) line.end(false);
    },
  };
};

const openLine = (progress: Progress, title: string): Line => {
  let end: Line['end'] = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (succeeded) => (succeeded ? resolve() : reject(new Error(`${title} failed`)));
  });
  // How the stage failed is told with the run's outcome.
  progress.step(title, () => ended).catch(() => undefined);
  return { end };
};
