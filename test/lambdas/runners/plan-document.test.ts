import fc from 'fast-check';
import { plannedItems, sensitiveValues } from '../../../lambdas/runners/plan-document';
import type { PlanJson } from '../../../lambdas/runners/plan-json';
import { hostsOf, plannedHosts } from '../../../lambdas/runners/planned-hosts';
import type { AttributeChange } from '../../../lambdas/shared/plan-document';
import { anAttribute } from '../../support/plan-fixtures';
import { secretLooks } from '../../support/planted-secrets';
import { aLargePlan, aPlanJson, aResourceChange, pagesIn, writtenPlan } from '../../support/written-plan';

const anOutput = {
  actions: ['create'],
  before: null,
  after: null,
  after_unknown: false,
  before_sensitive: false,
  after_sensitive: false,
};
const written = async (plan: PlanJson) => {
  const result = await writtenPlan(plan);
  return { ...result, toJSON: () => [result.document, ...result.pages.values()] };
};
const attributesIn = async (plan: PlanJson): Promise<AttributeChange[]> => {
  const result = await writtenPlan(plan);
  return result.document.groups.flatMap(({ group }) =>
    pagesIn(result, group).flatMap(({ rows }) =>
      rows.flatMap(({ shared, members }) => [...shared, ...members.flatMap(({ attributes }) => attributes)]),
    ),
  );
};

test('of a plan that only looks, it shows what differs from the state, and nothing that an apply would do', () => {
  const plan = aPlanJson({
    resource_changes: [aResourceChange('a.planned', ['create'])],
    resource_drift: [aResourceChange('b.drifted', ['update']), aResourceChange('c.gone', ['delete'])],
  });
  const items = [...plannedItems(plan, 'refresh-only').values()].flat();
  expect(items.map(({ address, action }) => [address, action])).toEqual([
    ['c.gone', 'delete'],
    ['b.drifted', 'update'],
  ]);
});

test('shows the most dangerous first and counts everything', async () => {
  const { document } = await written(
    aPlanJson({
      resource_changes: [
        aResourceChange('a.create', ['create']),
        aResourceChange('b.update', ['update']),
        aResourceChange('c.delete', ['delete']),
        aResourceChange('d.replace', ['delete', 'create']),
        aResourceChange('e.same', ['no-op']),
        aResourceChange('f.replace', ['create', 'delete']),
        aResourceChange('g.role', ['create'], { after: { name: 'x' } }, 'aws_iam_role'),
        aResourceChange(
          'h.rule',
          ['create'],
          { after: { cidr_ipv4: '0.0.0.0/0' } },
          'aws_vpc_security_group_ingress_rule',
        ),
        aResourceChange('i.net', ['update'], {}, 'aws_subnet'),
        aResourceChange('j.db', ['update'], {}, 'aws_db_instance'),
        aResourceChange('k.net', ['create'], {}, 'aws_subnet'),
        aResourceChange(
          'l.rule',
          ['create'],
          { after: { cidr_ipv4: '0.0.0.0/0' } },
          'aws_vpc_security_group_egress_rule',
        ),
      ],
      output_changes: { url: { ...anOutput, after: 'x' } },
    }),
  );
  expect(document.groups.map(({ group, total }) => [group, total])).toEqual([
    ['replace', 2],
    ['destroy', 1],
    ['access', 1],
    ['exposure', 1],
    ['network', 1],
    ['data', 1],
    ['update', 1],
    ['create', 3],
    ['outputs', 1],
  ]);
  expect(document.counts).toEqual({ create: 5, update: 3, replace: 2, delete: 1 });
});

test.each([
  ['aws_db_instance', { publicly_accessible: true }],
  ['aws_lb', { internal: false }],
  ['aws_instance', { associate_public_ip_address: true }],
  ['aws_security_group', { ingress: [{ cidr_blocks: ['10.0.0.0/8', '0.0.0.0/0'] }] }],
  ['aws_security_group', { ingress: [{ ipv6_cidr_blocks: ['::/0'] }] }],
  ['aws_s3_bucket_public_access_block', { block_public_acls: true }],
])('%s with %j is open to everybody', async (type, after) => {
  const { document } = await written(
    aPlanJson({ resource_changes: [aResourceChange('a.b', ['update'], { after }, type)] }),
  );
  expect(document.groups.map(({ group }) => group)).toEqual(['exposure']);
});

test('what may only go out is not', async () => {
  const after = { egress: [{ cidr_blocks: ['0.0.0.0/0'] }] };
  const { document } = await written(
    aPlanJson({ resource_changes: [aResourceChange('a.b', ['update'], { after }, 'aws_security_group')] }),
  );
  expect(document.groups.map(({ group }) => group)).toEqual(['network']);
});

test('refuses an action that it cannot show', async () => {
  const plan = aPlanJson({ resource_changes: [aResourceChange('a.b', ['forget'])] });
  await expect(written(plan)).rejects.toThrow('The plan would "forget" a.b');
});

test('says unknown and sensitive in words, and what forces a replacement', async () => {
  const attributes = await attributesIn(
    aPlanJson({
      resource_changes: [
        aResourceChange('a.b', ['delete', 'create'], {
          before: { id: '1', name: 'old', login: { user: 'jo', pin: '1234-secret' } },
          after: { name: 'new', login: { user: 'jo', pin: '5678-secret' } },
          after_unknown: { id: true, login: {} },
          before_sensitive: { login: { pin: true } },
          after_sensitive: { login: { pin: true } },
          replace_paths: [['name']],
        }),
      ],
    }),
  );
  expect(attributes).toEqual([
    anAttribute({ path: 'id', before: '1', after: '(known after apply)' }),
    anAttribute({ path: 'name', before: 'old', after: 'new', forcesReplacement: true }),
    anAttribute({ path: 'login.pin', before: '(sensitive)', after: '(sensitive)', sensitive: true }),
  ]);
});

test('a value can draw nothing: escapes and direction marks are gone, line breaks make lines', async () => {
  const text = '\u001b[2J\nPlan: 0 to add, 0 to destroy.\u202e';
  const [attribute] = await attributesIn(
    aPlanJson({ resource_changes: [aResourceChange('a.b', ['create'], { after: { note: text } })] }),
  );
  expect(attribute?.lines).toEqual(['+\ufffd[2J', '+Plan: 0 to add, 0 to destroy.\ufffd']);
});

test('JSON in a text is shown with its structure, and only what differs', async () => {
  const policy = (action: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: [action, 's3:ListBucket'], Resource: '*', Sid: 'Read' }],
    });
  const [attribute] = await attributesIn(
    aPlanJson({
      resource_changes: [
        aResourceChange('a.b', ['update'], {
          before: { policy: policy('s3:GetObject') },
          after: { policy: policy('s3:*') },
        }),
      ],
    }),
  );
  expect(attribute?.lines).toEqual([
    '… 3 lines are the same',
    '     {',
    '       "Effect": "Allow",',
    '       "Action": [',
    '-        "s3:GetObject",',
    '+        "s3:*",',
    '         "s3:ListBucket"',
    '       ],',
    '       "Resource": "*",',
    '… 4 lines are the same',
  ]);
});

test('a value that was only written differently, or differs only where it is hidden, says so', async () => {
  const attributes = await attributesIn(
    aPlanJson({
      resource_changes: [
        aResourceChange('a.b', ['update'], {
          before: { policy: '{"a":1}', settings: '{"password":"one-one-one"}' },
          after: { policy: '{ "a": 1 }', settings: '{"password":"two-two-two"}' },
        }),
      ],
    }),
  );
  expect(attributes.map(({ after }) => after)).toEqual([
    '(the same JSON, written differently)',
    '(differs only in what is hidden)',
  ]);
});

test('the password of a container or parameter, which is named beside its value, is hidden', async () => {
  const environment = [
    { name: 'DB_PASSWORD', value: 'plain-word' },
    { name: 'LEVEL', value: 'debug' },
  ];
  const shown = JSON.stringify(
    await attributesIn(
      aPlanJson({
        resource_changes: [
          aResourceChange('a.b', ['create'], {
            after: { containers: JSON.stringify([{ environment }]), parameter: environment },
          }),
        ],
      }),
    ),
  );
  expect(shown).not.toContain('plain-word');
  expect(shown).toContain('debug');
});

test('marks inside a value that will become unknown still hide', async () => {
  const shown = await attributesIn(
    aPlanJson({
      resource_changes: [
        aResourceChange('a.b', ['update'], {
          before: { login: { user: 'jo', pin: '42a' } },
          after: {},
          after_unknown: { login: true },
          before_sensitive: { login: { pin: true } },
        }),
      ],
    }),
  );
  expect(JSON.stringify(shown)).toContain('jo');
  expect(JSON.stringify(shown)).not.toContain('42a');
});

test('whatever a plan marks as sensitive is nowhere in the document', async () => {
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
  await fc.assert(
    fc.asyncProperty(
      tree,
      fc.string({ minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (other, name, whole) => {
        fc.pre(name !== '__proto__');
        const after = { other, [name]: { inside: [secret, { deeper: secret }] } };
        const plan = aPlanJson({
          resource_changes: [
            aResourceChange('a.b', ['update'], {
              before: { other: secret, [name]: { inside: [1] } },
              after,
              before_sensitive: { other: true },
              after_sensitive: whole ? true : { [name]: true },
            }),
          ],
        });
        expect(JSON.stringify(await written(plan))).not.toContain(secret);
        expect(sensitiveValues(plan)).toContain(secret);
      },
    ),
  );
});

test.each(Object.entries(secretLooks))(
  '%s, wherever a plan has it, is nowhere in document and pages',
  async (_, secret) => {
    const places: Record<string, (text: string) => object> = {
      attribute: (text) => ({
        resource_changes: [aResourceChange('a.b', ['create'], { after: { note: text } })],
      }),
      'old value': (text) => ({
        resource_changes: [aResourceChange('a.b', ['delete'], { before: { notes: [{ x: text }] } })],
      }),
      'value that becomes unknown': (text) => ({
        resource_changes: [
          aResourceChange('a.b', ['update'], {
            before: { note: [text] },
            after: {},
            after_unknown: { note: true },
          }),
        ],
      }),
      'map key': (text) => ({
        resource_changes: [aResourceChange('a.b', ['create'], { after: { map: { [text]: 'x' } } })],
      }),
      'emptied map': (text) => ({
        resource_changes: [aResourceChange('a.b', ['update'], { before: { m: { [text]: [] } } })],
      }),
      'resource key': (text) => ({
        resource_changes: [
          aResourceChange(`a.b[${JSON.stringify(text)}]`, ['create'], { after: { note: 'x' } }),
        ],
      }),
      output: (text) => ({ output_changes: { out: { ...anOutput, after: { deep: [text] } } } }),
    };
    const forms: readonly ((text: string) => string)[] = [
      (text) => text,
      (text) => `before ${text} after`,
      (text) => JSON.stringify({ inside: { list: [text] } }),
      (text) => JSON.stringify({ [text]: 1 }),
      (text) => JSON.stringify({ inside: JSON.stringify([text]) }),
      (text) => Buffer.from(`x ${text} y`).toString('base64'),
      (text) => `line\n  ${text}\nline`,
      (text) => `${'x '.repeat(495)}${text}`,
    ];
    for (const [place, plant] of Object.entries(places))
      for (const [index, form] of forms.entries()) {
        const shown = JSON.stringify(await written(aPlanJson(plant(form(secret)))));
        for (const piece of secret.split('\n').filter((line) => line.length >= 16))
          for (const hidden of [piece, Buffer.from(`x ${secret} y`).toString('base64')])
            expect([place, index, shown.includes(hidden)]).toEqual([place, index, false]);
      }
  },
);

test('hides an output that is sensitive, by mark or by name', async () => {
  const change = { ...anOutput, after: 'zebra' };
  const attributes = await attributesIn(
    aPlanJson({
      output_changes: {
        marked: { ...change, after_sensitive: true },
        admin_password: change,
        plain: { ...change, after: 'giraffe' },
      },
    }),
  );
  expect(attributes.map(({ path, after }) => [path, after])).toEqual([
    ['admin_password', '(sensitive)'],
    ['marked', '(sensitive)'],
    ['plain', 'giraffe'],
  ]);
});

describe('a plan of 5,000 resources', () => {
  test('is a small document whose pages hold every resource once, in order', async () => {
    const { document, pages } = await written(aLargePlan());
    expect(JSON.stringify(document).length).toBeLessThan(40_000);
    expect(document.groups.map(({ group, total, rows }) => [group, total, rows.length])).toEqual([
      ['destroy', 10, 1],
      ['create', 4990, 1],
    ]);
    const addresses = pagesIn({ document, pages }, 'create').flatMap(({ rows }) =>
      rows.flatMap(({ members }) => members.map(({ address }) => address)),
    );
    expect(addresses).toEqual(Array.from({ length: 4990 }, (_, index) => `terraform_data.host[${index}]`));
    for (const page of pages.values()) expect(JSON.stringify(page).length).toBeLessThan(60_000);
    const [first, second] = pagesIn({ document, pages }, 'create');
    expect(first?.rows[0]?.shared.map(({ path }) => path)).toEqual(['input.size', 'id']);
    expect(second?.rows[0]).toMatchObject({ total: 4990, beginsOn: 1, shared: [] });
    expect(first?.rows[0]?.members[7]).toEqual({
      address: 'terraform_data.host[7]',
      attributes: [anAttribute({ path: 'input.name', after: 'host-7' })],
    });
  });

  test('that are all alike is one row', async () => {
    const plan = aPlanJson({
      resource_changes: Array.from({ length: 5000 }, (_, index) =>
        aResourceChange(`terraform_data.host[${index}]`, ['create'], { after: { input: 'the same' } }),
      ),
    });
    const { document } = await written(plan);
    expect(document.groups[0]?.rows).toEqual([
      { action: 'create', type: 'terraform_data', total: 5000, beginsOn: 1 },
    ]);
  });
});

test('a value of a megabyte is whole, over as many pages as it takes', async () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, index) => `line ${index} of a very long file ....................`,
  );
  const after = { content: lines.join('\n'), one_line: 'x y '.repeat(50_000) };
  const { document, pages } = await written(
    aPlanJson({ resource_changes: [aResourceChange('a.b', ['create'], { after })] }),
  );
  const all = pagesIn({ document, pages }, 'create').flatMap(({ rows }) =>
    rows.flatMap(({ members }) => members.flatMap(({ attributes }) => attributes)),
  );
  const text = (name: string) =>
    all
      .filter(({ path }) => path.startsWith(name))
      .flatMap((one) => one.lines ?? [])
      .map((line) => line.slice(1));
  expect(text('content')).toEqual(lines);
  expect(text('one_line').join('')).toBe(after.one_line);
  for (const page of pages.values()) expect(JSON.stringify(page).length).toBeLessThan(80_000);
});

test('however resources change, each stands in exactly one place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          actions: fc.constantFrom<string[]>(['create'], ['update'], ['delete'], ['delete', 'create']),
          type: fc.constantFrom('terraform_data', 'aws_iam_role', 'aws_subnet', 'aws_db_instance'),
          size: fc.integer({ min: 0, max: 9000 }),
          name: fc.string({ maxLength: 5 }),
        }),
        { maxLength: 40 },
      ),
      async (given) => {
        const { document, pages } = await written(
          aPlanJson({
            resource_changes: given.map(({ actions, type, size, name }, index) =>
              aResourceChange(
                `a.r${index}`,
                actions,
                { after: { name, text: 'a b '.repeat(size / 4) } },
                type,
              ),
            ),
          }),
        );
        const seen = document.groups.flatMap(({ group }) => [
          ...new Set(
            pagesIn({ document, pages }, group).flatMap(({ rows }) =>
              rows.flatMap(({ members }) => members.map(({ address }) => address)),
            ),
          ),
        ]);
        expect(seen.sort()).toEqual(given.map((_, index) => `a.r${index}`).sort());
        expect(document.groups.reduce((sum, { total }) => sum + total, 0)).toBe(given.length);
      },
    ),
    { numRuns: 50 },
  );
});

describe('hosts of a plan', () => {
  const item = { name: 'web-01', address: null, size: 'small', tags: {}, owner: 'jo', expires_at: null };
  const output = (before: unknown, after: unknown, unknown: unknown = false) =>
    aPlanJson({
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
