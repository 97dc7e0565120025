/** What a browser does with addresses, cookies and redirects, and no more. Cookies know no ports, as in browsers. */
export const makeVisitorOfPages = () => {
  /** By name; those of one path alone by name and path. */
  const cookies = new Map<string, string>();

  const keep = (response: Response): void => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((one) => /^path=/i.test(one))?.slice('path='.length) ?? '/';
      const own = path === '/' ? name : `${name} ${path}`;
      if (attributes.includes('Max-Age=0')) cookies.delete(own);
      else cookies.set(own, pair.slice(name.length + 1));
    }
  };

  const cookiesFor = (pathname: string): string =>
    [...cookies]
      .map(([own, value]) => ({ pair: `${own.split(' ')[0]}=${value}`, path: own.split(' ')[1] ?? '/' }))
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ pair }) => pair)
      .join('; ');

  const request = async (url: string, form?: Readonly<Record<string, string>>): Promise<Response> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: {
        cookie: cookiesFor(new URL(url).pathname),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { method: 'POST', body: new URLSearchParams(form).toString() }),
    });
    keep(response);
    return response;
  };

  /** Follows redirects until a page comes. `passed` holds the addresses on the way, the last one included. */
  const visit = async (url: string, form?: Readonly<Record<string, string>>) => {
    const passed = [url];
    let response = await request(url, form);
    while (response.status >= 300 && response.status < 400 && passed.length < 20) {
      const next = new URL(response.headers.get('location') ?? '', passed.at(-1)).href;
      passed.push(next);
      response = await request(next);
    }
    return { status: response.status, url: passed.at(-1) ?? url, passed, body: await response.text() };
  };

  return { cookies, request, visit };
};
