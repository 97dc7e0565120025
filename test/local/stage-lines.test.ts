import type { Progress } from '../../local/progress';
import { stageLines } from '../../local/stage-lines';

const recordingProgress = () => {
  const events: string[] = [];
  const progress: Progress = {
    line: (text) => void events.push(text),
    step: async (title, run) => {
      events.push(`begin ${title}`);
      try {
        const result = await run(() => undefined);
        events.push(`end ${title}`);
        return result;
      } catch (error) {
        events.push(`fail ${title}`);
        throw error;
      }
    },
  };
  return { events, progress };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('each stage begins and ends once, in the order of the history', async () => {
  const { events, progress } = recordingProgress();
  const lines = stageLines(progress);
  lines.update([{ name: 'Plan', status: 'running', seconds: 0 }]);
  lines.update([{ name: 'Plan', status: 'running', seconds: 1 }]);
  await settled();
  lines.update([
    { name: 'Plan', status: 'succeeded', seconds: 1 },
    { name: 'Apply', status: 'running', seconds: 0 },
  ]);
  await settled();
  lines.update([
    { name: 'Plan', status: 'succeeded', seconds: 1 },
    { name: 'Apply', status: 'failed', seconds: 2 },
  ]);
  await settled();
  expect(events).toEqual(['begin Plan', 'begin Apply', 'end Plan', 'fail Apply']);
});

test('an abandoned run leaves no stage under way', async () => {
  const { events, progress } = recordingProgress();
  const lines = stageLines(progress);
  lines.update([{ name: 'Plan', status: 'running', seconds: 0 }]);
  lines.abandon();
  await settled();
  expect(events).toEqual(['begin Plan', 'fail Plan']);
});
