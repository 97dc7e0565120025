import { parseAptSources, renderAptSources, sourcesFor } from '../../../local/toolchain/apt-sources';

describe('apt sources', () => {
  const deb822 = `Types: deb\n# a comment\nURIs: https://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n\nTypes: deb\nURIs: https://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n`;

  test('of the machine are used, and those of others are not', () => {
    const others =
      'deb [signed-by=/x.gpg] https://packages.example/apt cloud-sdk-bookworm main\n# deb http://x y z\n';
    const sources = sourcesFor('bookworm', [...parseAptSources(deb822), ...parseAptSources(others)]);
    expect(renderAptSources(sources)).toBe(
      'deb https://mirror.example/debian bookworm main\ndeb https://mirror.example/debian bookworm-updates main\ndeb https://mirror.example/debian-security bookworm-security main\n',
    );
  });

  test('of one-line files are understood', () => {
    expect(parseAptSources('deb [arch=amd64] http://deb.debian.org/debian bookworm main contrib')).toEqual([
      { uri: 'http://deb.debian.org/debian', suite: 'bookworm', components: ['main', 'contrib'] },
    ]);
  });

  test('are Debian’s own on a machine of another kind', () => {
    const ubuntu = parseAptSources('deb http://archive.ubuntu.com/ubuntu noble main universe');
    expect(sourcesFor('bookworm', ubuntu).map(({ suite }) => suite)).toEqual([
      'bookworm',
      'bookworm-updates',
      'bookworm-security',
    ]);
  });
});
