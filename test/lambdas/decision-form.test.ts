import { readDecisionForm } from '../../lambdas/decide-approval/decision-form';

const fields = 'key=k&csrf=c&decision=approve&confirmation=demo%2Fweb-01&comment=ok';
const read = (body: string, type = 'application/x-www-form-urlencoded') =>
  readDecisionForm({
    method: 'POST',
    pathId: 'run-1-aaaaaaaa',
    query: {},
    headers: { 'content-type': type },
    body: Buffer.from(body),
  });

test('reads each known field once', () => {
  expect(read(fields)).toMatchObject({ form: { decision: 'approve', confirmation: 'demo/web-01' } });
});

test.each([
  ['a field sent twice', `${fields}&decision=reject`, 400],
  ['a field sent twice, once escaped', `${fields}&%64ecision=reject`, 400],
  ['__proto__', `${fields}&__proto__=x`, 400],
  ['constructor', `${fields}&constructor=x`, 400],
  ['a task token', `${fields}&taskToken=x`, 400],
  ['an unknown decision', fields.replace('approve', 'APPROVE'), 400],
  ['nothing', '', 400],
  ['two megabytes', `${fields}${'x'.repeat(2_000_000)}`, 413],
])('refuses %s', (_, body, refused) => {
  expect(read(body)).toMatchObject({ refused });
});

test.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain', ''])(
  'refuses the content type %j',
  (type) => {
    expect(read(fields, type)).toMatchObject({ refused: 415 });
  },
);
