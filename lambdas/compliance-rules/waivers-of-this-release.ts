import given from '../../policies/compliance/waivers.json';
import { type Waiver, waivers } from './waiver';

/** The waivers in `policies/compliance/waivers.json`, as they were when this was built. */
export const waiversOfThisRelease: readonly Waiver[] = waivers.parse(given).waivers;
