import { html as escaped } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** HTML in which every value was escaped. */
export type Html = HtmlEscapedString;

/** Hono's template tag, which escapes each value that is not HTML already; ours never await inside one. */
export const html = (strings: TemplateStringsArray, ...values: unknown[]): Html =>
  escaped(strings, ...values) as Html;
