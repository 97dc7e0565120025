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

/** Over TLS, no other host and no path may set or see a cookie of this name. */
export const hostCookieName = (publicUrl: string, name: string): string =>
  publicUrl.startsWith('https:') ? `__Host-${name}` : name;

/**
 * A cookie that scripts do not see and that comes along when somebody follows a link from another site, but not with
 * that site's forms.
 */
export const hostCookie = (publicUrl: string, name: string, value: string, maxAgeSeconds?: number): string =>
  `${hostCookieName(publicUrl, name)}=${value}; Path=/; HttpOnly; SameSite=Lax${
    publicUrl.startsWith('https:') ? '; Secure' : ''
  }${maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`}`;
