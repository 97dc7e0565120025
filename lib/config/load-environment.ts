import type { z } from 'zod';
import { dev } from './environments/dev';
import { local } from './environments/local';
import { poc } from './environments/poc';
import { prod } from './environments/prod';
import {
  type EnvironmentConfig,
  type EnvironmentInput,
  environmentConfig,
  type LocalPlatform,
  localPlatform,
} from './schema';

const environments: Readonly<Record<string, (platform: LocalPlatform) => EnvironmentInput>> = {
  local,
  dev: () => dev,
  poc: () => poc,
  prod: () => prod,
};

/** The configuration is wrong; the message names each key. */
export class InvalidConfigurationError extends Error {
  override readonly name = 'InvalidConfigurationError';
}

const sentences = (error: z.ZodError): string =>
  error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `${[...issue.path, key].join('.')}: unknown key`)
        : [`${issue.path.join('.') || 'the configuration'}: ${issue.message}`],
    )
    .join('; ');

const parse = <T extends z.ZodType>(what: string, schema: T, input: unknown): z.infer<T> => {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new InvalidConfigurationError(`${what} does not fit. ${sentences(result.error)}`);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidConfigurationError('The context value "local" is not JSON.');
  }
};

/** Checks one environment.
 * @throws InvalidConfigurationError
 */
export const parseEnvironment = (input: unknown): EnvironmentConfig =>
  parse('The environment', environmentConfig, input);

/**
 * The configuration that `-c env=NAME` asks for, checked once for the whole app.
 *
 * @param local JSON text or object of `-c local=…`; only the local environment uses it
 * @throws InvalidConfigurationError
 */
export const loadEnvironment = (name: unknown, local?: unknown): EnvironmentConfig => {
  const known = Object.keys(environments).join(', ');
  if (typeof name !== 'string' || name === '')
    throw new InvalidConfigurationError(`Say which environment: -c env=NAME, one of ${known}.`);
  const environment = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (!environment)
    throw new InvalidConfigurationError(`There is no environment ${JSON.stringify(name)}. Known: ${known}.`);
  const details = typeof local === 'string' ? parseJson(local) : (local ?? {});
  const platform = parse('The context value "local"', localPlatform, details);
  return parse(`lib/config/environments/${name}.ts`, environmentConfig, environment(platform));
};
