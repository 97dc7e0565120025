/**
 * An address below our own: plain segments, and a query of plain characters. There is no scheme, host, `//`, `\` or
 * `..` in it, so that joined to our address it cannot lead elsewhere.
 */
const plain =
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){0,5}(\?[A-Za-z0-9._~%=&+-]{0,500})?$/;

/** The page that was asked for if it is one of ours, and the list of approvals otherwise. */
export const ownPage = (to: string | undefined): string =>
  to !== undefined && plain.test(to) ? to : 'approvals';
