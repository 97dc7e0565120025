/** A sign-in that takes longer is begun anew. */
export const attemptSeconds = 600;
