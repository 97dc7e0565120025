import fc from 'fast-check';
import { type ProxyEvent, readRequest, toProxyResult } from '../../lambdas/shared/http';
import { securityHeaders } from '../../lambdas/shared/security-headers';

const event = (given: Partial<ProxyEvent> = {}): ProxyEvent => ({
  resource: '/approvals/{approvalId}',
  httpMethod: 'POST',
  headers: { 'Content-Type': 'text/plain', 'X-Forwarded-Proto': 'https' },
  queryStringParameters: { key: 'k' },
  pathParameters: { approvalId: 'run-1-1a2b3c4d' },
  body: 'decision=approve',
  isBase64Encoded: false,
  ...given,
});

test('reads method, path, query, headers by lower-case name, and body', () => {
  expect(readRequest(event())).toEqual({
    method: 'POST',
    pathId: 'run-1-1a2b3c4d',
    query: { key: 'k' },
    headers: { 'content-type': 'text/plain', 'x-forwarded-proto': 'https' },
    body: Buffer.from('decision=approve'),
  });
});

test('what API Gateway leaves out is empty', () => {
  const bare = { ...event(), queryStringParameters: null, pathParameters: null, body: null };
  expect(readRequest({ ...bare, headers: null as never })).toEqual({
    method: 'POST',
    pathId: '',
    query: {},
    headers: {},
    body: Buffer.alloc(0),
  });
});

test('a body is the same bytes whether API Gateway encoded it or not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = Buffer.from(text).toString('base64');
      const plain = readRequest(event({ body: text }));
      const decoded = readRequest(event({ body: encoded, isBase64Encoded: true }));
      expect(decoded.body).toEqual(plain.body);
      expect(Buffer.from(decoded.body).toString('utf8')).toBe(Buffer.from(text).toString('utf8'));
    }),
  );
});

test('an encoded body may hold any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const body = Buffer.from(bytes).toString('base64');
      expect([...readRequest(event({ body, isBase64Encoded: true })).body]).toEqual([...bytes]);
    }),
  );
});

test('HEAD is answered as GET, without the body', () => {
  const response = { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<p>' };
  expect(toProxyResult(response, 'GET')).toEqual({
    statusCode: 200,
    headers: { ...securityHeaders, 'Content-Type': 'text/html' },
    body: '<p>',
  });
  expect(toProxyResult(response, 'HEAD')).toEqual({ ...toProxyResult(response, 'GET'), body: '' });
});
