/** The form of an approval page as a browser has it after opening the link. */
export interface OpenedForm {
  readonly action: string;
  readonly cookie: string;
  readonly fields: Readonly<Record<string, string>>;
}

const find = (page: string, pattern: RegExp): string => pattern.exec(page)?.[1] ?? '';

export const openForm = async (link: string): Promise<OpenedForm> => {
  const response = await fetch(link);
  const page = await response.text();
  return {
    action: new URL(find(page, /<form method="post" action="([^"]*)"/), link).href,
    cookie: response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
    fields: {
      key: find(page, /name="key" value="([^"]*)"/),
      csrf: find(page, /name="csrf" value="([^"]*)"/),
      confirmation: find(page, /<code id="workspace">([^<]*)</),
      comment: '',
    },
  };
};

/** Sends the form with changes; a field or header given as undefined is left out. */
export const sendForm = (
  form: OpenedForm,
  changes: {
    fields?: Readonly<Record<string, string | undefined>>;
    headers?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<Response> => {
  const given = (values: Readonly<Record<string, string | undefined>>) =>
    Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return fetch(form.action, {
    method: 'POST',
    redirect: 'manual',
    headers: given({
      'content-type': 'application/x-www-form-urlencoded',
      cookie: form.cookie,
      ...changes.headers,
    }),
    body: new URLSearchParams(given({ ...form.fields, ...changes.fields })).toString(),
  });
};
