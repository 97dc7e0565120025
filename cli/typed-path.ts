import { resolve } from 'node:path';

const scripts = ['start', 'orchestrator'];

/** A path as it was meant: npm runs scripts in the package's folder, wherever the person typed. `-` stays. */
export const typedPath = (path: string, env: NodeJS.ProcessEnv = process.env): string => {
  const fromScript = scripts.includes(env.npm_lifecycle_event ?? '');
  return path === '-' ? path : resolve(fromScript ? (env.INIT_CWD ?? '') : '', path);
};
