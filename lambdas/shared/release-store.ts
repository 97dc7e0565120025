/** The largest archive that a release may be. */
export const releaseBytesAtMost = 128 * 1024 * 1024;

/** Below this prefix of the artifacts bucket lie releases, by what they are. */
export const releasePrefix = 'releases/';

/** Where the archive with this SHA-256 lies. */
export const releaseKey = (digest: string): string => `${releasePrefix}${digest}.tar.gz`;
