import { z } from 'zod';

/** A name that this configuration gives to something. */
export const identifier = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'lower-case letters, digits and hyphens, starting with a letter or digit',
  );
