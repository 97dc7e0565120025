import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  makeValidators,
  validateModuleVariables,
  validateRoleVariables,
  validateScriptParameters,
} from '../../lambdas/shared/catalogue';
import generated from '../../lambdas/shared/catalogue.generated.json';
import type { CatalogueVariable, VariableType } from '../../lambdas/shared/catalogue-schema';
import type { Variables } from '../../lambdas/shared/contract';
import { InvalidInputError } from '../../lambdas/shared/errors';

const root = join(__dirname, '..', '..');
const host = { name: 'web-1', owner: 'platform@example.com' };

const variable = (type: VariableType, rest: Partial<CatalogueVariable> = {}): CatalogueVariable => ({
  type,
  required: false,
  nullable: false,
  sensitive: false,
  description: '',
  ...rest,
});
const sample = makeValidators({
  modules: {
    sample: {
      variables: {
        anything: variable({ kind: 'any' }),
        text: variable({ kind: 'string' }),
        secret: variable({ kind: 'string' }, { sensitive: true }),
        names: variable({ kind: 'list', of: { kind: 'string' } }),
        ports: variable({ kind: 'set', of: { kind: 'integer' } }),
        pair: variable({ kind: 'tuple', of: [{ kind: 'string' }, { kind: 'boolean' }] }),
        disk: variable({
          kind: 'object',
          attributes: { gib: { kind: 'number' }, label: { kind: 'string' } },
          optional: ['label'],
        }),
      },
    },
  },
  roles: {},
  scripts: {},
}).validateModuleVariables;

/** JSON.parse makes an own key of `__proto__`, as a request body would. */
const fromJson = (text: string): Variables => JSON.parse(text) as Variables;
const refuses = (run: () => unknown, message: string | RegExp): void => {
  expect(run).toThrow(InvalidInputError);
  expect(run).toThrow(message);
};

describe('modules', () => {
  test('takes the variables of local-host as they are', () => {
    const given = { ...host, size: 'large', address: null, tags: { tier: 'web' }, time_to_live_hours: 24 };
    expect(validateModuleVariables('local-host', given)).toEqual(given);
  });

  test('lists the known modules when one is unknown', () => {
    refuses(
      () => validateModuleVariables('localhost', host),
      /no module "localhost".*Known: database, local-fleet, local-host, network, object-store, vm\./,
    );
  });

  test.each(['__proto__', 'constructor', 'toString'])('knows no module %s', (name) => {
    refuses(() => validateModuleVariables(name, {}), 'There is no module');
  });

  test('lists the known variables when one is unknown', () => {
    refuses(
      () => validateModuleVariables('local-host', { ...host, sise: 'small' }),
      'The module local-host has no variable "sise". Known: address, name, owner, size, tags, time_to_live_hours.',
    );
  });

  test('names every required variable that is missing', () => {
    refuses(() => validateModuleVariables('local-host', {}), 'The module local-host needs name, owner.');
  });

  test('refuses null where the variable has a value of its own', () => {
    refuses(
      () => validateModuleVariables('local-host', { ...host, size: null }),
      'must be text; found null.',
    );
  });

  test('keeps a template in a text as plain text', () => {
    const given = { ...host, owner: '$' + '{file("/etc/passwd")}' };
    expect(validateModuleVariables('local-host', given)).toEqual(given);
  });

  test('refuses an expression where a list is expected', () => {
    refuses(
      () => sample('sample', { names: '$' + '{tolist(["a"])}' }),
      'The variable names of the module sample must be a list, each item text; found text (expressions are not evaluated: give the value itself).',
    );
  });

  test('refuses a number written as text', () => {
    refuses(
      () => validateModuleVariables('local-host', { ...host, time_to_live_hours: '24' }),
      'must be a number; found text.',
    );
  });

  test.each<[string, Variables, string]>([
    [
      'an item of another type',
      { names: ['a', 1] },
      'names of the module sample[1] must be text; found a number.',
    ],
    ['a set with duplicates', { ports: [80, 80] }, 'names an item twice'],
    ['a fraction for a whole number', { ports: [80.5] }, 'must be a whole number'],
    ['a tuple that is too short', { pair: ['a'] }, 'must be a list of exactly 2 items'],
    ['an object without a required field', { disk: { label: 'x' } }, 'lacks the field "gib"'],
    [
      'an unknown field of an object',
      { disk: { gib: 1, size: 2 } },
      'has no field "size". It knows gib, label.',
    ],
    ['a list for an object', { disk: [] }, 'must be an object with gib, label; found a list.'],
  ])('refuses %s', (_, given, message) => {
    refuses(() => sample('sample', given), message);
  });

  test('refuses a secret and does not repeat it', () => {
    const run = () => sample('sample', { secret: 'hunter2' });
    refuses(run, 'The variable secret of the module sample is a secret and cannot be given in an input');
    expect(run).not.toThrow(/hunter2/);
  });
});

describe('roles', () => {
  test('takes variables of the role and of the roles that it depends on', () => {
    const given = { web_service_port: 8080, baseline_accounts: [{ name: 'jane', sudo: true }] };
    expect(validateRoleVariables('web-service', given)).toEqual(given);
  });

  test('lists the known roles when one is unknown', () => {
    refuses(
      () => validateRoleVariables('nginx', {}),
      'There is no role "nginx" in the catalogue. Known: app-release, baseline, compliance-audit, postgresql-database, web-service.',
    );
  });

  test('refuses names that steer Ansible', () => {
    refuses(
      () => validateRoleVariables('web-service', { ansible_connection: 'local' }),
      'names that begin with ansible_ steer Ansible itself',
    );
  });

  test('names the choices', () => {
    refuses(
      () => validateRoleVariables('baseline', { baseline_accounts: [{ name: 'jane', state: 'gone' }] }),
      'baseline_accounts of the role baseline[0].state must be one of present, absent; found another value.',
    );
  });

  test('refuses a truth value written as text', () => {
    refuses(
      () => validateRoleVariables('baseline', { baseline_ssh_allow_tcp_forwarding: 'yes' }),
      'must be true or false; found text.',
    );
  });
});

describe('whatever the type', () => {
  test.each([
    ['an escape sequence', '\u001b[2K'],
    ['a line break', 'one\ntwo'],
    ['a bidirectional override', '\u202e0 to destroy'],
    ['a zero-width space', 'we\u200bb'],
    ['a lone surrogate', '\ud800'],
  ])('refuses %s in a text', (_, text) => {
    refuses(() => sample('sample', { text }), 'holds control or invisible characters');
    refuses(() => sample('sample', { anything: { [text]: 1 } }), 'cannot be a name');
  });

  test('refuses texts over 4096 characters and inputs over 16 KiB', () => {
    expect(sample('sample', { text: 'x'.repeat(4096) })).toBeDefined();
    refuses(() => sample('sample', { text: 'x'.repeat(4097) }), 'is longer than 4096 characters');
    refuses(
      () => sample('sample', { names: Array.from({ length: 5 }, () => 'x'.repeat(4000)) }),
      'The variables are larger than 16 KiB together.',
    );
  });

  test('refuses nesting beyond six levels, ten thousand among them', () => {
    const nested = (levels: number) => fromJson(`{"anything":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect(sample('sample', nested(6))).toBeDefined();
    for (const levels of [7, 10_000])
      refuses(() => sample('sample', nested(levels)), 'is nested deeper than 6 levels');
  });

  test.each(['__proto__', 'constructor', 'prototype'])('refuses the key %s at any depth', (key) => {
    refuses(() => sample('sample', fromJson(`{"${key}":1}`)), 'cannot be a name');
    refuses(() => sample('sample', fromJson(`{"anything":[{"${key}":{}}]}`)), 'cannot be a name');
  });

  test('returns the very variables or throws InvalidInputError, whatever is given', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(fc.constantFrom('anything', 'text', 'names', 'ports', 'disk', 'secret'), fc.string()),
          fc.jsonValue({ maxDepth: 8 }),
        ),
        (given) => {
          const before = JSON.stringify(given);
          try {
            expect(sample('sample', given as Variables)).toBe(given);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInputError);
          }
          expect(JSON.stringify(given)).toBe(before);
        },
      ),
    );
  });

  test('takes every list of plain texts and no list with another item among them', () => {
    const plain = fc.string({ unit: fc.constantFrom(...'abc ${}"-'), maxLength: 20 });
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 20 }), fc.nat(20), (names, at) => {
        expect(sample('sample', { names })).toEqual({ names });
        refuses(() => sample('sample', { names: names.toSpliced(at, 0, 7 as never) }), 'must be text');
      }),
    );
  });

  test('draws no hidden character in a message', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        try {
          sample('sample', Object.fromEntries([[name, 'x']]));
        } catch (error) {
          expect((error as Error).message).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });
});

describe('the generated file', () => {
  const folders = (...path: string[]) => readdirSync(join(root, ...path)).sort();

  test('has every module and role of the repository', () => {
    expect(Object.keys(generated.modules)).toEqual(folders('terraform', 'modules'));
    expect(Object.keys(generated.roles)).toEqual(folders('ansible', 'roles'));
  });

  test.each(Object.entries(generated.modules))(
    'names the variables of the module %s',
    (name, { variables }) => {
      const source = readFileSync(join(root, 'terraform', 'modules', name, 'variables.tf'), 'utf8');
      const declared = [...source.matchAll(/^variable "(\w+)"/gm)].map(([, variableName]) => variableName);
      expect(Object.keys(variables)).toEqual(declared.sort());
    },
  );
});

describe('scripts', () => {
  test('takes the parameters of a script as they are', () => {
    const given = { addresses: ['example.com:443'], minimum_days: 7 };
    expect(validateScriptParameters('certificate-expiry', given)).toEqual(given);
  });

  test.each<[string, string, Variables, string]>([
    [
      'a script that is none',
      'rm',
      {},
      'There is no script "rm" in the catalogue. Known: certificate-expiry, http-probe.',
    ],
    [
      'a parameter that is missing',
      'http-probe',
      {},
      'The script http-probe needs url. Add it to the parameters.',
    ],
    [
      'one that it has not',
      'http-probe',
      { url: 'x', user: 'y' },
      'The script http-probe has no parameter "user".',
    ],
    [
      'one of another type',
      'http-probe',
      { url: 1 },
      'The parameter url of the script http-probe must be text',
    ],
  ])('refuses %s', (_, name, given, message) => {
    refuses(() => validateScriptParameters(name, given), message);
  });
});
