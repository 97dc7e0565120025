import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { absent, call, fieldOf, literal, origin, type Term } from './term';

/** A node of a parsed expression, as far as it is read here. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly stages?: readonly unknown[];
  readonly predicate?: readonly unknown[];
  readonly group?: unknown;
  readonly lhs?: Node | readonly (readonly [Node, Node])[];
  readonly rhs?: Node;
  readonly expressions?: readonly Node[];
  readonly expression?: Node;
  readonly arguments?: readonly Node[];
  readonly procedure?: Node;
  readonly condition?: Node;
  readonly then?: Node;
  readonly else?: Node;
}

/** What an expression of a state can see. */
export interface Scope {
  readonly state: string;
  readonly variables: Readonly<Record<string, Term>>;
  readonly input: Term;
  readonly executionInput: Term;
  /** What stands in `$states` besides the input and the context: `result` or `errorOutput`. */
  readonly offered: readonly ('result' | 'errorOutput')[];
  /** Told of what cannot be read or is not assigned. */
  readonly report: (problem: string) => void;
}

/** Functions whose answer differs from call to call. */
const impure = new Set(['uuid', 'random', 'now', 'millis', 'shuffle', 'eval']);
const parsed = new Map<string, Node | Error>();

const parse = (source: string): Node | Error => {
  const known = parsed.get(source);
  if (known) return known;
  let node: Node | Error;
  try {
    node = jsonata(source).ast() as unknown as Node;
  } catch (error) {
    node = new Error((error as { message?: string }).message ?? 'no JSONata');
  }
  parsed.set(source, node);
  return node;
};

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

type Locals = Readonly<Record<string, Term>>;

class Reader {
  constructor(private readonly scope: Scope) {}

  /** What no rule here looks into: the same text about the same values is the same value. */
  private opaque(node: Node, locals: Locals): Term {
    const found: Term[] = [];
    let isPure = true;
    const visit = (value: unknown, known: Locals): void => {
      if (Array.isArray(value)) {
        // In a block, what is bound is known to what follows.
        let here = known;
        for (const one of value) {
          visit(one, here);
          if (isNode(one) && one.type === 'bind')
            here = { ...here, [String((one.lhs as Node).value)]: origin('bound') };
        }
        return;
      }
      if (typeof value !== 'object' || value === null) return;
      if (isNode(value)) {
        if (value.type === 'path' || value.type === 'variable') {
          const [first, ...rest] = value.type === 'path' ? (value.steps ?? []) : [value];
          if (first?.type === 'variable' && !first.predicate) {
            found.push(this.chain(first, rest, known));
            for (const step of rest) visit(step, known);
            return;
          }
          if (first?.type === 'variable') {
            found.push(this.variable(String(first.value), known));
            visit(first.predicate, known);
            visit(rest, known);
            return;
          }
        }
        if (value.type === 'bind') {
          visit(value.rhs, known);
          return;
        }
        if (value.type === 'lambda') {
          const own = (value.arguments ?? []).map(({ value: name }) => [String(name), origin('argument')]);
          visit((value as { body?: unknown }).body, { ...known, ...Object.fromEntries(own) });
          return;
        }
        if (value.type === 'function' || value.type === 'partial') {
          const name = value.procedure?.type === 'variable' ? String(value.procedure.value) : '';
          if (impure.has(name)) isPure = false;
          if (value.procedure?.type !== 'variable') visit(value.procedure, known);
          else if (Object.hasOwn(known, name)) found.push(known[name] ?? absent);
          visit(value.arguments, known);
          return;
        }
        if (value.type === 'apply') {
          visit(value.lhs, known);
          if (value.rhs?.type !== 'variable') visit(value.rhs, known);
          return;
        }
      }
      for (const one of Object.values(value)) visit(one, known);
    };
    visit(node, locals);
    const text = JSON.stringify(node, (key, value) => (key === 'position' ? undefined : value));
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
    return {
      kind: 'call',
      name: `expression-${digest}`,
      args: isPure ? found : [...found, origin('chance', this.scope.state)],
    };
  }

  private variable(name: string, locals: Locals): Term {
    if (Object.hasOwn(locals, name)) return locals[name] ?? absent;
    if (name === '' || name === '$') return origin('item', this.scope.state);
    const { variables, report } = this.scope;
    if (Object.hasOwn(variables, name)) return variables[name] ?? absent;
    report(
      `reads $${name}, which is not assigned on every path that leads there. Assign it before, e.g. in a Pass state at the beginning.`,
    );
    return origin('unassigned', this.scope.state);
  }

  /** `$states.…` */
  private states(rest: readonly Node[]): { term: Term; used: number } {
    const [what, ...deeper] = rest.map(({ value }) => String(value));
    if (what === 'input') return { term: this.scope.input, used: 1 };
    if (what === 'result' || what === 'errorOutput') {
      if (!this.scope.offered.includes(what))
        this.scope.report(
          `reads $states.${what}, which does not exist there. It exists only where ${what === 'result' ? 'its own task has succeeded' : 'an error was caught'}.`,
        );
      return { term: origin(what === 'result' ? 'result' : 'error', this.scope.state), used: 1 };
    }
    if (what === 'context' && deeper[0] === 'Execution')
      return deeper[1] === 'Input'
        ? { term: this.scope.executionInput, used: 3 }
        : { term: origin('execution'), used: 2 };
    return { term: origin('context', this.scope.state), used: 1 };
  }

  private chain(first: Node, rest: readonly Node[], locals: Locals): Term {
    const isStates = first.value === 'states' && !Object.hasOwn(locals, 'states');
    const { term, used } = isStates
      ? this.states(rest)
      : { term: this.variable(String(first.value), locals), used: 0 };
    let value = term;
    for (const step of rest.slice(used)) {
      if (step.type !== 'name') break;
      value = fieldOf(value, String(step.value));
      if (step.stages) break;
    }
    return value;
  }

  private path(node: Node, locals: Locals): Term {
    const [first, ...rest] = node.steps ?? [];
    const isPlain =
      first?.type === 'variable' &&
      !first.predicate &&
      !node.group &&
      rest.every(({ type, stages }) => type === 'name' && !stages);
    return isPlain && first ? this.chain(first, rest, locals) : this.opaque(node, locals);
  }

  private invoked(node: Node, locals: Locals): Term {
    const name = node.procedure?.type === 'variable' ? String(node.procedure.value) : '';
    const known =
      ['exists', 'not', 'boolean', 'count', 'merge'].includes(name) && !Object.hasOwn(locals, name);
    if (!known) return this.opaque(node, locals);
    const args = (node.arguments ?? []).map((arg) => this.read(arg, locals));
    if (name !== 'merge') return call(name, args);
    const [list] = args;
    return list?.kind === 'call' && list.name === 'list'
      ? call('merge', list.args)
      : this.opaque(node, locals);
  }

  private constructed(node: Node, locals: Locals): Term {
    if (node.value === '[') {
      const items = node.expressions ?? [];
      const isPlain = items.every(({ type, value }) => type !== 'path' && value !== '..');
      return isPlain && items.every((item) => ['unary', 'string', 'number', 'value'].includes(item.type))
        ? { kind: 'call', name: 'list', args: items.map((item) => this.read(item, locals)) }
        : this.opaque(node, locals);
    }
    if (node.value !== '{') return this.opaque(node, locals);
    const pairs = node.lhs as readonly (readonly [Node, Node])[];
    if (pairs.some(([name]) => name.type !== 'string')) return this.opaque(node, locals);
    return {
      kind: 'record',
      fields: Object.fromEntries(
        pairs.map(([name, value]) => [String(name.value), this.read(value, locals)]),
      ),
    };
  }

  private sequence(node: Node, locals: Locals): Term {
    let known = locals;
    let last: Term = absent;
    for (const expression of node.expressions ?? []) {
      const isBind = expression.type === 'bind';
      last = this.read(isBind ? (expression.rhs as Node) : expression, known);
      if (isBind) known = { ...known, [String((expression.lhs as Node).value)]: last };
    }
    return last;
  }

  read(node: Node, locals: Locals = {}): Term {
    if (node.predicate || node.group) return this.opaque(node, locals);
    switch (node.type) {
      case 'string':
        // What stands for a token is not known here.
        return String(node.value).includes('${')
          ? origin(`token:${node.value}`)
          : literal(String(node.value));
      case 'number':
      case 'value':
        return literal(node.value as number | boolean | null);
      case 'variable':
        return this.variable(String(node.value), locals);
      case 'path':
        return this.path(node, locals);
      case 'binary':
        return node.value === '..'
          ? this.opaque(node, locals)
          : call(String(node.value), [
              this.read(node.lhs as Node, locals),
              this.read(node.rhs as Node, locals),
            ]);
      case 'condition':
        return call('if', [
          this.read(node.condition as Node, locals),
          this.read(node.then as Node, locals),
          ...(node.else ? [this.read(node.else, locals)] : []),
        ]);
      case 'function':
        return this.invoked(node, locals);
      case 'unary':
        return this.constructed(node, locals);
      case 'block':
        return this.sequence(node, locals);
      default:
        return this.opaque(node, locals);
    }
  }
}

/** A value of a definition: JSONata in `{% … %}`, or JSON that may hold such. */
export const evaluate = (value: unknown, scope: Scope): Term => {
  if (value === '${CaughtError}') {
    if (!scope.offered.includes('errorOutput'))
      scope.report('uses ${CaughtError}, which belongs into the Assign of a Catch.');
    return call('caught', [origin('error', scope.state)]);
  }
  if (typeof value === 'string') {
    if (!value.startsWith('{%')) return value.includes('${') ? origin(`token:${value}`) : literal(value);
    const node = parse(value.replace(/^\{%/, '').replace(/%\}\s*$/, ''));
    if (node instanceof Error) {
      scope.report(`has an expression that is no JSONata: ${node.message}. Correct it.`);
      return origin('unreadable', scope.state);
    }
    return new Reader(scope).read(node);
  }
  if (Array.isArray(value))
    return { kind: 'call', name: 'list', args: value.map((item) => evaluate(item, scope)) };
  if (typeof value === 'object' && value !== null)
    return {
      kind: 'record',
      fields: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, evaluate(one, scope)])),
    };
  if (value === undefined) return absent;
  return literal(value as number | boolean | null);
};
