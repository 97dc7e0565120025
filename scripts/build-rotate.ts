/** Makes the rotation without AWS one file for whoever has Node and not this repository: `npm run build:rotate`. */
import { bundleCommand, bundleInto } from './bundle-command';

export const buildRotate = (outfile: string): Promise<void> =>
  bundleCommand('rotate', ['pg-native'], outfile);

if (require.main === module) bundleInto('orchestrator-rotate.cjs', buildRotate);
