/** Where in the artifacts bucket a state lies that could not be stored at its place, encrypted by OpenTofu. */
export const rescuePrefix = 'rescue/';
export const rescueKey = (workspace: string): string => `${rescuePrefix}${workspace}.tfstate`;
