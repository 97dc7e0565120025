import { resolve } from 'node:path';
import { typedPath } from '../../cli/typed-path';

test('under an npm script, a path starts where the person typed it', () => {
  expect(typedPath('in.json', { npm_lifecycle_event: 'start', INIT_CWD: '/home/a' })).toBe('/home/a/in.json');
});

test('otherwise a path starts in the current folder, and an absolute one stays', () => {
  expect(typedPath('in.json', { INIT_CWD: '/home/a' })).toBe(resolve('in.json'));
  expect(typedPath('/x/in.json', { npm_lifecycle_event: 'start', INIT_CWD: '/home/a' })).toBe('/x/in.json');
});

test('standard input stays standard input', () => {
  expect(typedPath('-', { npm_lifecycle_event: 'start', INIT_CWD: '/home/a' })).toBe('-');
});
