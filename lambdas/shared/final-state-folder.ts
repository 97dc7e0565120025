/** No tenant is called that: what lies below it is no workspace's own. */
export const finalStates = '_final/';

/** Where in the state bucket the states of a workspace lie that were about to be destroyed, encrypted by OpenTofu. */
export const finalStateFolder = (workspace: string): string => `${finalStates}${workspace}/`;
