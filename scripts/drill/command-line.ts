import { spawn } from 'node:child_process';

/** A command as an administrator types it, from the root of the repository, against one emulated AWS. */
export const makeCommandLine =
  ({
    repository,
    gatewayUrl,
    tell,
  }: {
    repository: string;
    gatewayUrl: string;
    tell: (text: string) => void;
  }) =>
  /** @throws Error when it does not exit with 0; what it said is told by then. */
  async (command: string, ...args: string[]): Promise<void> => {
    tell(`$ ${[command, ...args].join(' ')}`);
    const child = spawn(command, args, {
      cwd: repository,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        AWS_ENDPOINT_URL: gatewayUrl,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        NO_UPDATE_NOTIFIER: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    const code = await new Promise<number | null>((done, fail) => {
      child.once('error', fail);
      child.once('close', done);
    });
    tell(said.trimEnd());
    if (code !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` ended with ${code}.`);
  };
