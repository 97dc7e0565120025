import { moduleScans } from './module-scan';
import generated from './module-scans.generated.json';

/** What Checkov says of the catalogue's modules, written by `npm run generate`. */
export const scansOfThisRelease = moduleScans.parse(generated);
