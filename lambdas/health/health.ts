import type { HttpRequest, HttpResponse } from '../shared/http';

/** One dependency. Resolves to nothing when well, or to a sentence about what a person should look at. */
export interface Check {
  readonly name: string;
  /** Without it no run can go on. */
  readonly essential: boolean;
  readonly run: (signal: AbortSignal) => Promise<string | undefined>;
}

type CheckResult = {
  name: string;
  status: 'ok' | 'warning' | 'down' | 'timeout';
  latencyMs: number;
  detail?: string;
};

interface Deps {
  readonly version: string;
  readonly commit: string;
  readonly checks: readonly Check[];
  readonly budgetMs: number;
  readonly now: () => Date;
}

const headers = { 'Content-Type': 'application/json; charset=utf-8' };

/** Runs one check within the budget. A failure is told by its name only: a message may hold an ARN. */
const runCheck = async (check: Check, budgetMs: number): Promise<CheckResult> => {
  const start = performance.now();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), budgetMs);
  });
  const result = await Promise.race([
    check.run(abort.signal).then(
      (warning) =>
        warning === undefined ? { status: 'ok' as const } : { status: 'warning' as const, detail: warning },
      (error: unknown) => ({
        status: 'down' as const,
        detail: error instanceof Error ? error.name : 'unknown',
      }),
    ),
    late.then((status) => ({ status })),
  ]);
  clearTimeout(timer);
  abort.abort();
  return { name: check.name, ...result, latencyMs: Math.round(performance.now() - start) };
};

/** Says whether the orchestrator is well: shallow, or with `deep=1` dependency by dependency, all at once. */
export const makeHealth =
  (deps: Deps) =>
  async (request: Pick<HttpRequest, 'query'>): Promise<HttpResponse> => {
    const about = { version: deps.version, commit: deps.commit, time: deps.now().toISOString() };
    if (request.query.deep !== '1')
      return { status: 200, headers, body: JSON.stringify({ status: 'ok', ...about }) };
    const checks = await Promise.all(deps.checks.map((check) => runCheck(check, deps.budgetMs)));
    const isBad = ({ status }: CheckResult): boolean => status === 'down' || status === 'timeout';
    const isDown = deps.checks.some((check, index) => {
      const result = checks[index];
      return check.essential && result !== undefined && isBad(result);
    });
    const status = isDown ? 'down' : checks.every((check) => check.status === 'ok') ? 'ok' : 'degraded';
    return { status: isDown ? 503 : 200, headers, body: JSON.stringify({ status, ...about, checks }) };
  };
