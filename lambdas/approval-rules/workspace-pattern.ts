import * as z from 'zod';

/** `<tenant>/<name>`, where `*` stands for any letters, digits and hyphens. */
export const workspacePattern = z
  .string()
  .max(127)
  .regex(/^[a-z0-9*][a-z0-9*-]*\/[a-z0-9*][a-z0-9*-]*$/, 'write it as <tenant>/<name>, with * for anything');

/** Whether a text without separators fits a pattern. Looks at each place once per `*`, however many there are. */
const fits = (pattern: string, text: string): boolean => {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
};

/** Whether a workspace is one that a pattern means. A `*` never reaches over the tenant's end. */
export const matchesWorkspace = (pattern: string, workspace: string): boolean => {
  const [patternParts, parts] = [pattern.split('/'), workspace.split('/')];
  return (
    parts.length === patternParts.length &&
    patternParts.every(
      (part, index) => /^[a-z0-9-]*$/.test(parts[index] ?? '/') && fits(part, parts[index] ?? ''),
    )
  );
};
