import fc from 'fast-check';
import { personOf } from '../../../lambdas/sign-in/person-of';

const settings = {
  personClaim: 'email',
  groupsClaim: 'groups',
  groups: { approver: ['app-approvers', 'leads'], admin: ['app-admins'] },
};
const kim = { sub: '1', email: 'Kim@Example.com', email_verified: true, groups: ['app-approvers'] };

test('the groups of the provider become ours, and what nobody mapped gives nothing', () => {
  expect(personOf({ ...kim, groups: ['staff', 'leads', 'app-admins', 'approver'] }, settings)).toEqual({
    person: { id: 'kim@example.com', groups: ['approver', 'admin'] },
  });
  expect(personOf({ ...kim, groups: 'app-admins' }, settings)).toEqual({
    person: { id: 'kim@example.com', groups: ['admin'] },
  });
});

test.each<[string, Record<string, unknown>, string]>([
  ['an address that nobody verified', { email_verified: false }, 'unverified-email'],
  ['an address of which nothing is said', { email_verified: undefined }, 'unverified-email'],
  ['an address that is verified in words', { email_verified: 'true' }, 'unverified-email'],
  ['no address', { email: undefined }, 'no-name'],
  ['an empty one', { email: '' }, 'no-name'],
  ['a number', { email: 7 }, 'no-name'],
  ['letters that look like others', { email: 'k\u0456m@example.com' }, 'no-name'],
  ['a line break', { email: 'kim@example.com\nadmin' }, 'no-name'],
  ['text that turns around', { email: '\u202emoc.elpmaxe@mik' }, 'no-name'],
  ['a name without end', { email: 'k'.repeat(129) }, 'no-name'],
  ['no groups', { groups: undefined }, 'no-role'],
  ['our name of a group, which the provider does not use', { groups: ['approver'] }, 'no-role'],
  ['groups of another form', { groups: { 'app-approvers': true } }, 'no-role'],
  ['more groups than fit', { groups: undefined, _claim_names: { groups: 'src1' } }, 'too-many-groups'],
])('%s lets nobody in, and says why', (_, change, code) => {
  const who = personOf({ ...kim, ...change }, settings);
  expect(who).toMatchObject({ refused: { code, sentences: [expect.any(String), expect.any(String)] } });
});

test('another claim is taken as it is', () => {
  expect(personOf({ ...kim, upn: 'Kim.L' }, { ...settings, personClaim: 'upn' })).toMatchObject({
    person: { id: 'Kim.L' },
  });
});

test('whatever a provider says, nobody gets a group that is not mapped to one of theirs', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('email', 'email_verified', 'groups', '_claim_names'), fc.anything()),
      fc.array(fc.string()),
      (claims, groups) => {
        for (const said of [claims, { ...kim, groups }, { ...kim, ...claims }]) {
          const who = personOf(said, settings);
          if ('refused' in who) continue;
          expect(who.person.id).toMatch(/^[\x21-\x7e]+$/);
          const given = [said.groups].flat();
          for (const group of who.person.groups)
            expect(settings.groups[group as 'admin'].some((name) => given.includes(name))).toBe(true);
        }
      },
    ),
  );
});
