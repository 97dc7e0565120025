/**
 * One secret of every class that is known by its look. Joined from parts, so that no scanner takes this file for a
 * leak; none of them was ever valid.
 */
const join = (...parts: string[]): string => parts.join('');
const letters = 'aZ3kQ9xW1mN7rT5yB2vL8pD4sF6hJ0cG';

export const secretLooks: Readonly<Record<string, string>> = {
  'a private key': join(
    '-----BEGIN ',
    'RSA PRIVATE KEY-----\nMIIEow',
    letters,
    '\n',
    '-----END ',
    'RSA PRIVATE KEY-----',
  ),
  'an OpenSSH key': join(
    '-----BEGIN ',
    'OPENSSH PRIVATE KEY-----\nb3Blbn',
    letters,
    '\n-----END ',
    'OPENSSH PRIVATE KEY-----',
  ),
  'an AWS key id': join('AK', 'IA', 'QWERTYUIOPASDFGH'),
  'an AWS secret key': join('wJalrXUtnFEMI', 'K7MDENGbPxRfiCYz2Qq9sT4vK8'),
  'a Google API key': join('AI', 'za', letters, 'abc'),
  'a GitHub token': join('gh', 'p_', letters, 'abcd'),
  'a fine-grained GitHub token': join('github', '_pat_', letters, letters, letters.slice(0, 18)),
  'a GitLab token': join('gl', 'pat-', letters.slice(0, 20)),
  'an npm token': join('np', 'm_', letters, 'abcd'),
  'a Slack token': join('xo', 'xb-123456789012-123456789012-', letters.slice(0, 24)),
  'a Stripe key': join('sk', '_live_', letters.slice(0, 24)),
  'a Vault token': join('hv', 's.', letters, letters, letters),
  'a JSON web token': join('ey', 'JhbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiJqbyJ9', '.', letters),
  'a bearer token': join('Bear', 'er abcdef-ghijkl-mnopqr'),
  'a bcrypt hash': join('$2', 'b$12$', letters, 'abcdefghijklmnopqrstu'),
  'an argon2 hash': join('$argon', '2id$v=19$m=65536,t=3,p=4$', letters, '$', letters),
  'a crypt hash': join('$6', '$salt$', letters, letters),
  'a database address': join('postgres://app:', 'hunter2hunter2', '@db.internal:5432/app'),
  'a connection string': join('Server=db;User Id=app;Pass', 'word=hunter2-hunter2;'),
  'a storage connection string': join('AccountName=demo;Account', 'Key=', letters, letters, '=='),
  'a random key': join(letters.slice(0, 20), letters.slice(4, 24)),
};
