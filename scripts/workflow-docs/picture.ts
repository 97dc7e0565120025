import type { AslState, Region } from '../../lib/asl/asl';
import { kebab } from '../../lib/asl/kebab';

const blockToken = /\$\{([A-Z]\w*)StateMachineArn\}/;

/** Mermaid reads quotes and brackets; people need neither here. */
const label = (text: string): string =>
  text
    .replaceAll('"', "'")
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll(/[{}|[\]]/g, ' ');

/** `{% $decision.outcome = 'approved' %}` → `decision.outcome = 'approved'`, cut where it is long. */
const condition = (text: string): string => {
  const plain = text
    .replaceAll(/^\{%\s*|\s*%\}$/g, '')
    .replaceAll(/\$states\.context\.Execution\.Input\.|\$/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return label(plain.length > 44 ? `${plain.slice(0, 43)}…` : plain);
};

/** The block that a state calls. */
const blockOf = ({ Arguments }: AslState): string | undefined => {
  const token = blockToken.exec(JSON.stringify(Arguments ?? null))?.[1];
  return token === undefined ? undefined : kebab(token);
};

const shape = (name: string, state: AslState): string => {
  const block = blockOf(state);
  const text = label(name);
  if (block !== undefined) return `[["${text}<br/><i>${block}</i>"]]`;
  switch (state.Type) {
    case 'Choice':
      return `{"${text}"}`;
    case 'Succeed':
    case 'Fail':
      return `(["${text}"])`;
    case 'Wait':
      return `[/"${text}"/]`;
    default:
      return state.Resource?.endsWith('.waitForTaskToken') ? `{{"${text}"}}` : `["${text}"]`;
  }
};

/** Where most caught errors go: drawn as one sentence instead of as an arrow from everywhere. */
const commonCatch = (region: Region): string | undefined => {
  const counts = new Map<string, number>();
  for (const { Catch = [] } of Object.values(region.States))
    for (const { Next } of Catch) counts.set(Next, (counts.get(Next) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most && most[1] > 1 ? most[0] : undefined;
};

/** A start that only sets variables is no step of anybody's work. */
const begins = (region: Region): string => {
  const first = region.States[region.StartAt];
  return first?.Type === 'Pass' && first.Next !== undefined ? first.Next : region.StartAt;
};

const draw = (region: Region, prefix: string, lines: string[]): void => {
  const idOf = new Map(Object.keys(region.States).map((name, index) => [name, `${prefix}${index}`]));
  const id = (name: string): string => idOf.get(name) ?? name;
  const hidden = begins(region) === region.StartAt ? undefined : region.StartAt;
  const usual = commonCatch(region);
  for (const [name, state] of Object.entries(region.States)) {
    if (name === hidden) continue;
    if (state.ItemProcessor) {
      lines.push(`subgraph ${id(name)}["${label(name)}: for each"]`);
      draw(state.ItemProcessor, `${id(name)}x`, lines);
      lines.push('end');
    } else lines.push(`${id(name)}${shape(name, state)}`);
    for (const { Condition, Next } of state.Choices ?? [])
      lines.push(`${id(name)} -->|"${condition(Condition)}"| ${id(Next)}`);
    if (state.Default !== undefined) lines.push(`${id(name)} -->|otherwise| ${id(state.Default)}`);
    if (state.Next !== undefined) lines.push(`${id(name)} --> ${id(state.Next)}`);
    const elsewhere = (state.Catch ?? []).filter(({ Next }) => Next !== usual);
    for (const { ErrorEquals, Next } of elsewhere) {
      const errors = ErrorEquals.map((error) => (error === 'States.ALL' ? 'any error' : error)).join(', ');
      lines.push(`${id(name)} -.->|"${label(errors)}"| ${id(Next)}`);
    }
  }
};

/** A machine as a flowchart for Mermaid, drawn from its definition: retries are left out, and the usual way of errors is a sentence. */
export const picture = (asl: Region): string => {
  const lines: string[] = [];
  draw(asl, 's', lines);
  const usual = commonCatch(asl);
  return [
    '```mermaid',
    'flowchart TD',
    ...lines.map((line) => `  ${line}`),
    '```',
    '',
    `Drawn from its definition. Double bars are blocks, six corners wait for somebody.${
      usual === undefined ? '' : ` Where nothing else is drawn, an error leads to *${usual}*.`
    }`,
  ].join('\n');
};

const mark = /<!-- picture:([a-z0-9-]+) -->\n(?:[\s\S]*?\n)??<!-- \/picture -->/g;

/** The page with every picture that it has a place for. */
export const withPictures = (page: string, definitions: Readonly<Record<string, Region>>): string =>
  page.replace(mark, (_, name: string) => {
    const asl = definitions[name];
    if (!asl)
      throw new Error(`A page has a place for the picture of ${name}, and there is no such workflow.`);
    return `<!-- picture:${name} -->\n${picture(asl)}\n<!-- /picture -->`;
  });
