import { MissingRightsError } from '../errors';
import { type PairLogin, placeOf } from './pair-login';
import type { ServerSession } from './server-session';

/**
 * What two logins have of their own: attributes, memberships, settings, grants, default privileges, objects, policies.
 * `what` is for people; `detail` is compared and never shown, since a setting may hold anything.
 */
const rightsOfBoth = `
WITH pair AS (SELECT * FROM pg_roles WHERE rolname IN ($1, $2)),
acls (object, acl) AS (
  SELECT 'table ' || oid::regclass, relacl FROM pg_class WHERE relacl IS NOT NULL
  UNION ALL SELECT 'column ' || attrelid::regclass || '.' || attname, attacl FROM pg_attribute WHERE attacl IS NOT NULL
  UNION ALL SELECT 'function ' || oid::regprocedure, proacl FROM pg_proc WHERE proacl IS NOT NULL
  UNION ALL SELECT 'type ' || oid::regtype, typacl FROM pg_type WHERE typacl IS NOT NULL
  UNION ALL SELECT 'schema ' || nspname, nspacl FROM pg_namespace
  UNION ALL SELECT 'language ' || lanname, lanacl FROM pg_language
  UNION ALL SELECT 'database ' || datname, datacl FROM pg_database
  UNION ALL SELECT 'tablespace ' || spcname, spcacl FROM pg_tablespace
  UNION ALL SELECT 'foreign-data wrapper ' || fdwname, fdwacl FROM pg_foreign_data_wrapper
  UNION ALL SELECT 'foreign server ' || srvname, srvacl FROM pg_foreign_server
  UNION ALL SELECT 'large object ' || oid, lomacl FROM pg_largeobject_metadata
  UNION ALL SELECT 'parameter ' || parname, paracl FROM pg_parameter_acl
  UNION ALL SELECT 'new objects (' || defaclobjtype::text || ') of ' || defaclrole::regrole, defaclacl FROM pg_default_acl
    WHERE defaclrole NOT IN (SELECT oid FROM pair))
SELECT rolname AS login, 'attribute ' || each.key AS what, each.value AS detail
  FROM pair, jsonb_each_text(to_jsonb(pair) - '{oid,rolname,rolpassword,rolconfig,rolcanlogin}'::text[]) AS each
UNION ALL SELECT rolname, 'membership in ' || roleid::regrole, (to_jsonb(m) - '{oid,roleid,member,grantor}'::text[])::text
  FROM pair JOIN pg_auth_members AS m ON m.member = pair.oid
UNION ALL SELECT rolname, 'setting ' || split_part(setting, '=', 1), setdatabase::text || setting
  FROM pair JOIN pg_db_role_setting ON setrole = pair.oid, unnest(setconfig) AS setting
  WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
UNION ALL SELECT rolname, privilege_type || ' on ' || object, is_grantable::text
  FROM acls, aclexplode(acl) AS granted JOIN pair ON pair.oid = granted.grantee
UNION ALL SELECT rolname, 'default privileges of its own', defaclnamespace::text || defaclobjtype::text || replace(defaclacl::text, rolname, '')
  FROM pair JOIN pg_default_acl ON defaclrole = pair.oid
UNION ALL SELECT rolname, CASE deptype WHEN 'o' THEN 'ownership of ' ELSE 'part in ' END || CASE
    WHEN dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    THEN replace(pg_describe_object(classid, objid, objsubid), rolname, 'it') ELSE 'something in another database' END, ''
  FROM pair JOIN pg_shdepend ON refclassid = 'pg_authid'::regclass AND refobjid = pair.oid
  WHERE deptype IN ('o', 'r') AND classid <> 'pg_default_acl'::regclass`;

interface Right {
  readonly login: string;
  readonly what: string;
  readonly detail: string | null;
}

const shown = 10;

/**
 * Holds that two logins of a database have the same rights of their own: what one has and the other lacks would be lost
 * in this rotation or in the next one.
 * @throws MissingRightsError naming what differs
 */
export const checkSameRights = async (
  session: ServerSession,
  current: PairLogin,
  pending: PairLogin,
): Promise<void> => {
  // What the database's owner put in the way of the server's catalogs is passed by.
  await session.query('SET search_path = pg_catalog, pg_temp');
  const rights = await session.query<Right>(rightsOfBoth, [current.username, pending.username]);
  const having = (login: string, without: string): string[] => {
    const keys = new Set(
      rights.filter((right) => right.login === without).map(({ what, detail }) => `${what}\0${detail}`),
    );
    return rights
      .filter((right) => right.login === login && !keys.has(`${right.what}\0${right.detail}`))
      .map(({ what }) => what);
  };
  const differences = [
    ...having(current.username, pending.username).map((what) => `${pending.username} lacks: ${what}`),
    ...having(pending.username, current.username).map((what) => `${current.username} lacks: ${what}`),
  ];
  if (differences.length === 0) return;
  const rest = differences.length - shown;
  throw new MissingRightsError(
    `${pending.username} cannot take the place of ${current.username} in ${placeOf(pending)}, since they have not the same ` +
      `rights. ${differences.slice(0, shown).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}. Grant to the role that owns ` +
      'the database, and revoke from the logins; then rotate again.',
  );
};
