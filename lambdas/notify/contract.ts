import * as z from 'zod';
import { endRunOutput } from '../end-run/contract';

/** Tells the notification topic how a run ended. */
export const notifyInput = endRunOutput;
/** `null`: the run that it is part of tells it. */
export const notifyOutput = z.strictObject({ messageId: z.string().nullable() });
