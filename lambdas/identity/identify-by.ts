import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { person } from '../approval-rules/people';
import type { SigningKeys } from '../credential-client/credential-client';
import { jsonText } from '../shared/env';
import { makeIdentifyByLink } from './by-link';
import { makeIdentifyBySession } from './by-session';
import { makeSessionStore } from './session-store';
import type { Identify } from './visitor';

/** A variable with JSON: how people are known here. `people` are those who have personal links, as they are now. */
export const identifyBy = jsonText.pipe(
  z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('link'), people: z.array(person) }),
    z.strictObject({
      by: z.literal('session'),
      sessionsTable: z.string(),
      publicUrl: z.url({ protocol: /^https?$/ }),
      idleMinutes: z.int().positive(),
    }),
  ]),
);

export const makeIdentify = (
  settings: z.infer<typeof identifyBy>,
  deps: {
    client: Pick<DynamoDBDocumentClient, 'send'>;
    signingKeys: SigningKeys;
    now: () => Date;
  },
): Identify => {
  if (settings.by === 'link')
    return makeIdentifyByLink({ findPerson: (id) => settings.people.find((one) => one.id === id) });
  const { sessionsTable, ...session } = settings;
  const sessions = makeSessionStore({ client: deps.client, table: sessionsTable });
  return makeIdentifyBySession({ ...deps, ...session, sessions });
};
