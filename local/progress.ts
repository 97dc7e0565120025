/** Shows what is going on, on standard error: a person watches it, or a log keeps it. */
export interface Progress {
  /** Runs the work under a title; `note` adds a few words about where it stands. Failures are shown and rethrown. */
  step<T>(title: string, run: (note: (text: string) => void) => Promise<T>): Promise<T>;
  line(text: string): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

interface ActiveStep {
  readonly title: string;
  readonly startedAt: number;
  note: string;
}

const FRAMES = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
const FRAME_MS = 100;
/** Steps that end sooner are shown only when they are done. */
const QUICK_MS = 1000;

const elapsed = (milliseconds: number): string => {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
};

const paint = (colored: boolean) => ({
  green: (text: string) => (colored ? `\x1b[32m${text}\x1b[0m` : text),
  red: (text: string) => (colored ? `\x1b[31m${text}\x1b[0m` : text),
  dim: (text: string) => (colored ? `\x1b[2m${text}\x1b[0m` : text),
});

/** Draws the running steps below everything that is final, and keeps them up to date. */
const createBoard = (screen: Screen, colors: ReturnType<typeof paint>) => {
  const active: ActiveStep[] = [];
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;

  const cut = (text: string) => {
    const width = (screen.columns ?? 80) - 1;
    return text.length > width ? `${text.slice(0, width - 1)}…` : text;
  };
  const erase = () => {
    if (drawn > 0) screen.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = () => {
    erase();
    const frame = FRAMES[Math.floor(Date.now() / FRAME_MS) % FRAMES.length];
    for (const step of active) {
      const time = elapsed(Date.now() - step.startedAt);
      const text = cut(`${frame} ${step.title}  ${time}${step.note ? `  ${step.note}` : ''}`);
      const split = 2 + step.title.length;
      screen.write(`${text.slice(0, split)}${colors.dim(text.slice(split))}\n`);
    }
    drawn = active.length;
  };
  const print = (text: string) => {
    erase();
    screen.write(`${text}\n`);
    if (active.length > 0) draw();
  };
  return {
    print,
    add(step: ActiveStep) {
      active.push(step);
      timer ??= setInterval(draw, FRAME_MS).unref();
      draw();
    },
    remove(step: ActiveStep, finalLine: string) {
      active.splice(active.indexOf(step), 1);
      if (active.length === 0) {
        clearInterval(timer);
        timer = undefined;
      }
      print(finalLine);
    },
  };
};

const terminalProgress = (screen: Screen, colors: ReturnType<typeof paint>): Progress => {
  const board = createBoard(screen, colors);
  return {
    line: board.print,
    async step(title, run) {
      const step: ActiveStep = { title, startedAt: Date.now(), note: '' };
      board.add(step);
      const last = (mark: string) => `${mark} ${title}  ${colors.dim(elapsed(Date.now() - step.startedAt))}`;
      try {
        const result = await run((note) => {
          step.note = note;
        });
        board.remove(step, last(colors.green('✓')));
        return result;
      } catch (error) {
        board.remove(step, last(colors.red('✗')));
        throw error;
      }
    },
  };
};

const plainProgress = (screen: Screen): Progress => ({
  line: (text) => void screen.write(`${text}\n`),
  async step(title, run) {
    const startedAt = Date.now();
    const announce = setTimeout(() => screen.write(`… ${title}\n`), QUICK_MS);
    try {
      const result = await run(() => undefined);
      screen.write(`✓ ${title}  ${elapsed(Date.now() - startedAt)}\n`);
      return result;
    } catch (error) {
      screen.write(`✗ ${title}  ${elapsed(Date.now() - startedAt)}\n`);
      throw error;
    } finally {
      clearTimeout(announce);
    }
  },
});

/**
 * A spinner per running step on a terminal, plain lines elsewhere.
 * Colour only on a terminal and without NO_COLOR.
 */
export const createProgress = (
  screen: Screen = process.stderr,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Progress => {
  if (!screen.isTTY || env.TERM === 'dumb') return plainProgress(screen);
  return terminalProgress(screen, paint(!env.NO_COLOR));
};
