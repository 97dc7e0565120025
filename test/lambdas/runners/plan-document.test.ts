import fc from 'fast-check';
import { makeMask } from '../../../lambdas/runners/masking';
import { makePlanDocument, sensitiveValues } from '../../../lambdas/runners/plan-document';
import { type PlanJson, planJson } from '../../../lambdas/runners/plan-json';
import { hostsOf, plannedHosts } from '../../../lambdas/runners/planned-hosts';
import { planDocument } from '../../../lambdas/shared/plan-document';

const none = makeMask([]);
const resource = (address: string, actions: string[], given: object = {}) => ({
  address,
  mode: 'managed',
  type: 'terraform_data',
  change: {
    actions,
    before: null,
    after: null,
    after_unknown: {},
    before_sensitive: false,
    after_sensitive: false,
    ...given,
  },
});
const aPlan = (given: object): PlanJson =>
  planJson.parse({ terraform_version: '1.12.6', configuration: { root_module: {} }, ...given });

test('shows the most dangerous first and counts everything', () => {
  const document = makePlanDocument(
    aPlan({
      resource_changes: [
        resource('a.create', ['create']),
        resource('b.update', ['update']),
        resource('c.delete', ['delete']),
        resource('d.replace', ['delete', 'create']),
        resource('e.same', ['no-op']),
        resource('f.replace', ['create', 'delete']),
      ],
    }),
    none,
  );
  expect(document.resources.map(({ action }) => action)).toEqual([
    'replace',
    'replace',
    'delete',
    'update',
    'create',
  ]);
  expect(document.counts).toEqual({ create: 1, update: 1, replace: 2, delete: 1 });
});

test('refuses an action that it cannot show', () => {
  const plan = aPlan({ resource_changes: [resource('a.b', ['forget'])] });
  expect(() => makePlanDocument(plan, none)).toThrow('The plan would "forget" a.b');
});

test('says unknown and sensitive in words, and what forces a replacement', () => {
  const [changed] = makePlanDocument(
    aPlan({
      resource_changes: [
        resource('a.b', ['delete', 'create'], {
          before: { id: '1', name: 'old', login: { user: 'jo', pin: '1234-secret' } },
          after: { name: 'new', login: { user: 'jo', pin: '5678-secret' } },
          after_unknown: { id: true, login: {} },
          before_sensitive: { login: { pin: true } },
          after_sensitive: { login: { pin: true } },
          replace_paths: [['name']],
        }),
      ],
    }),
    none,
  ).resources;
  expect(changed?.attributes).toEqual([
    { path: 'id', before: '1', after: '(known after apply)', sensitive: false, forcesReplacement: false },
    { path: 'name', before: 'old', after: 'new', sensitive: false, forcesReplacement: true },
    {
      path: 'login.pin',
      before: '(sensitive)',
      after: '(sensitive)',
      sensitive: true,
      forcesReplacement: false,
    },
  ]);
});

test('a value can draw nothing: line breaks, escapes and direction marks are gone', () => {
  const text = '\u001b[2J\nPlan: 0 to add, 0 to destroy.\u202e';
  const document = makePlanDocument(
    aPlan({ resource_changes: [resource('a.b', ['create'], { after: { note: text } })] }),
    none,
  );
  expect(document.resources[0]?.attributes[0]?.after).toBe(
    '\ufffd[2J\ufffdPlan: 0 to add, 0 to destroy.\ufffd',
  );
});

test('whatever a plan marks as sensitive is nowhere in the document', () => {
  const secret = 'S3CR3T-marker';
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), tie('value'), { maxKeys: 3 }),
  })).value;
  fc.assert(
    fc.property(tree, fc.string({ minLength: 1, maxLength: 8 }), fc.boolean(), (other, name, whole) => {
      fc.pre(name !== '__proto__');
      const after = { other, [name]: { inside: [secret, { deeper: secret }] } };
      const plan = aPlan({
        resource_changes: [
          resource('a.b', ['update'], {
            before: { other: secret, [name]: { inside: [1] } },
            after,
            before_sensitive: { other: true },
            after_sensitive: whole ? true : { [name]: true },
          }),
        ],
      });
      const document = makePlanDocument(plan, none);
      expect(JSON.stringify(document)).not.toContain(secret);
      expect(planDocument.safeParse(document).success).toBe(true);
      expect(sensitiveValues(plan)).toContain(secret);
    }),
  );
});

test('hides an output that is sensitive, by mark or by name', () => {
  const change = {
    actions: ['create'],
    before: null,
    after: 'zebra',
    after_unknown: false,
    before_sensitive: false,
  };
  const { outputs } = makePlanDocument(
    aPlan({
      output_changes: {
        marked: { ...change, after_sensitive: true },
        admin_password: { ...change, after_sensitive: false },
        plain: { ...change, after_sensitive: false },
      },
    }),
    none,
  );
  expect(outputs.map(({ path, after }) => [path, after])).toEqual([
    ['marked', '(sensitive)'],
    ['admin_password', '(sensitive)'],
    ['plain', 'zebra'],
  ]);
});

describe('hosts of a plan', () => {
  const item = { name: 'web-01', address: null, size: 'small', tags: {}, owner: 'jo', expires_at: null };
  const output = (before: unknown, after: unknown, unknown: unknown = false) =>
    aPlan({
      output_changes: {
        inventory: {
          actions: ['update'],
          before,
          after,
          after_unknown: unknown,
          before_sensitive: false,
          after_sensitive: false,
        },
      },
    });

  test('are new when the state did not know them, and unknown values are null', () => {
    const { expires_at: _, ...partly } = item;
    expect(plannedHosts(output([item], [item, { ...partly, name: 'web-02' }]))).toMatchObject([
      { name: 'web-01', isNew: false },
      { name: 'web-02', isNew: true, expiresAt: null },
    ]);
  });

  test('must be named before the apply', () => {
    expect(() => plannedHosts(output(null, null, true))).toThrow('must name its hosts before the apply');
  });

  test.each([
    'localhost ansible_connection=local,',
    '-oProxyCommand=id',
    '../../x',
    'a b',
    'web-01\nall',
    'Ω',
  ])('refuse the name %j', (name) => {
    expect(() => hostsOf([{ ...item, name }])).toThrow('is no list of hosts');
  });

  test.each(['127.0.0.1 ansible_connection=local', '-oProxyCommand=id', '{{ x }}'])(
    'refuse the address %j',
    (address) => {
      expect(() => hostsOf([{ ...item, address }])).toThrow('is no list of hosts');
    },
  );

  test('refuse a name that stands twice', () => {
    expect(() => hostsOf([item, item])).toThrow('names a host twice');
  });
});
