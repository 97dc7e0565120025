/** The first cookie of that name whose value has this form. */
export const cookieIn = (header: string | undefined, name: string, form: RegExp): string | undefined => {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    if (form.test(value)) return value;
  }
  return undefined;
};
