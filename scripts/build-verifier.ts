/** Makes the verifier one file for whoever has Node and not this repository: `npm run build:verifier`. */
import { bundleCommand, bundleInto } from './bundle-command';

/** `verify`, `checkpoint` and `prove`; what exports needs the clients of AWS beside it. */
export const buildVerifier = (outfile: string): Promise<void> =>
  bundleCommand('ledger', ['@aws-sdk/*'], outfile);

if (require.main === module) bundleInto('orchestrator-ledger.cjs', buildVerifier);
