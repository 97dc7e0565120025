import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const source = join(__dirname, '../../local/example-release/server.py');

/** What a deployment of such a release says of it. */
export const deploymentOf = (version: string, sha256: string) => ({
  application: 'shop',
  version,
  sha256,
  command: ['/usr/bin/python3', 'server.py'],
  healthPath: '/healthz',
  healthText: `shop ${version}`,
});

/**
 * The example release under another version. `UNWELL_AT` in its environment is the address of a host where it answers
 * everything with an error.
 */
export const packRelease = async (version: string): Promise<Uint8Array> => {
  const folder = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    const text = (await readFile(source, 'utf8'))
      .replace('"shop 1.0.0"', `"shop ${version}"`)
      .replace(
        'self.send_response(200 if',
        'self.send_response(500 if os.environ.get("UNWELL_AT") == os.environ["ADDRESS"] else 200 if',
      );
    await writeFile(join(folder, 'server.py'), text);
    const { stdout } = await promisify(execFile)('tar', ['-czf', '-', '-C', folder, 'server.py'], {
      encoding: 'buffer',
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
