import { html } from '../approval-pages/html';
import { page } from '../approval-pages/page';
import { type FindSessionDeps, makeFindSession } from './find-session';
import { addressFor, type Identify } from './visitor';

/**
 * Who is looking is who signed in. A link only leads to the page: whoever forwards it gives nothing away. Somebody who
 * is not signed in is sent to sign in; with a form, they get back what they typed.
 */
export const makeIdentifyBySession = (deps: FindSessionDeps): Identify => {
  const findSession = makeFindSession(deps);
  return async (request, { to, comment = '' }) => {
    const found = await findSession(request);
    if (found) {
      const { session, cookie } = found;
      return {
        visitor: {
          person: session.person,
          binding: session.sessionHash,
          query: {},
          headers: { 'Set-Cookie': cookie },
        },
      };
    }
    const address = addressFor({ query: {} }, `${deps.publicUrl}/sign-in`, { to });
    if (request.method === 'GET' || request.method === 'HEAD')
      return { turnedAway: { status: 303, headers: { Location: address }, body: '' } };
    const title = 'You are not signed in any more';
    return {
      turnedAway: page(
        403,
        title,
        html`<h1>${title}</h1><p class="lead">Nothing was decided. <a href="${address}">Sign in</a> and answer again.</p>${
          comment === ''
            ? ''
            : html`<label for="comment">Your comment, to take along</label><textarea readonly id="comment">${comment}</textarea>`
        }`,
      ),
    };
  };
};
