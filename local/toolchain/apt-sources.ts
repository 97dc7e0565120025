/** Where a Debian suite comes from, in one entry of apt's configuration. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

const fieldsOf = (stanza: string): Map<string, string> => {
  const fields = new Map<string, string>();
  for (const line of stanza.split('\n')) {
    const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (match) fields.set((match[1] ?? '').toLowerCase(), (match[2] ?? '').trim());
  }
  return fields;
};

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean);

const fromDeb822 = (text: string): AptSource[] =>
  text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = fieldsOf(stanza.replace(/^#.*$/gm, ''));
    if (!words(fields.get('types')).includes('deb') || fields.get('enabled') === 'no') return [];
    const components = words(fields.get('components'));
    return words(fields.get('uris')).flatMap((uri) =>
      words(fields.get('suites')).map((suite) => ({ uri, suite, components })),
    );
  });

const fromLines = (text: string): AptSource[] =>
  text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (!match) return [];
    return [{ uri: match[1] ?? '', suite: match[2] ?? '', components: words(match[3]) }];
  });

/** Reads the content of a `.sources` or `.list` file. */
export const parseAptSources = (text: string): AptSource[] =>
  /^\s*Types\s*:/im.test(text) ? fromDeb822(text) : fromLines(text);

/**
 * The machine's own sources of a Debian release (its mirror, updates and security), or Debian's public ones where it
 * has none: on Ubuntu, say.
 */
export const sourcesFor = (release: string, machineSources: readonly AptSource[]): AptSource[] => {
  const suites = [release, `${release}-updates`, `${release}-security`];
  const own = machineSources.filter(
    ({ suite, components, uri }) =>
      suites.includes(suite) && components.includes('main') && /^https?:\/\//.test(uri),
  );
  if (own.some(({ suite }) => suite === release)) return own;
  return [
    { uri: 'http://deb.debian.org/debian', suite: release, components: ['main'] },
    { uri: 'http://deb.debian.org/debian', suite: `${release}-updates`, components: ['main'] },
    { uri: 'http://deb.debian.org/debian-security', suite: `${release}-security`, components: ['main'] },
  ];
};

/** The text of a `sources.list`. */
export const renderAptSources = (sources: readonly AptSource[]): string =>
  sources.map(({ uri, suite }) => `deb ${uri} ${suite} main\n`).join('');
