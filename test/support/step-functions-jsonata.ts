import { createHash, randomUUID } from 'node:crypto';
import jsonata from 'jsonata';

/**
 * Evaluates a `{% … %}` expression as Step Functions does. `$parse`, `$uuid` and `$hash` are its own additions to
 * JSONata, which has none of them.
 */
export const evaluate = async (expression: string, states: Record<string, unknown>): Promise<unknown> => {
  const [, body] = /^\{%\s*([\s\S]*?)\s*%\}$/.exec(expression) ?? [];
  if (body === undefined) throw new Error(`That is no expression: ${expression}`);
  const compiled = jsonata(body);
  compiled.registerFunction('parse', (text: string): unknown => JSON.parse(text), '<s:x>');
  compiled.registerFunction('uuid', () => randomUUID(), '<:s>');
  compiled.registerFunction('hash', (text: string) => createHash('sha256').update(text).digest('hex'));
  const { variables = {}, ...rest } = states as { variables?: Record<string, unknown> };
  const result: unknown = await compiled.evaluate({}, { states: rest, ...variables });
  // JSONata's arrays and objects carry marks of their own.
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
};
