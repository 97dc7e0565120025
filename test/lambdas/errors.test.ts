import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as rotation from '../../lambdas/rotation/errors';
import * as errors from '../../lambdas/shared/errors';

const docs = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');
const classes = [...Object.values(errors), ...Object.values(rotation)].filter(
  (one) => one !== errors.StepError,
);

test.each(classes.map((one) => [one.name, one]))(
  '%s is documented, and its name is its code',
  (name, Class) => {
    expect(docs).toContain(`| \`${name}\` |`);
    expect(new Class('why').name).toBe(name);
  },
);
