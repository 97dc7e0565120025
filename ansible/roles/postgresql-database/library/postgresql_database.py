#!/usr/bin/python3
"""A database, the role that owns it and a pair of logins that act as that role; then a sign-in as one of them, over TLS."""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: postgresql_database
short_description: Make a PostgreSQL database with its owner and a pair of logins
description:
  - Compares before it changes. A password is compared and set by its SCRAM verifier, so that the server never sees it.
  - Signs in as the login in use in the end, and makes, fills and drops a table.
  - The other login is made locked. Where it is there it stays as it is, since a rotation may be under way.
author: process-orchestrator
options:
  name: {type: str, required: true, description: Name of the database.}
  owner: {type: str, required: true, description: Role that owns the database; nobody signs in as it.}
  host: {type: str, required: true, description: Address on which the server listens.}
  port: {type: int, required: true, description: Port on which the server listens.}
  username: {type: str, required: true, description: Login in use; it acts as the owner.}
  password: {type: str, required: true, description: Its password.}
  other: {type: str, required: true, description: Login that takes its place in a rotation.}
  rotation: {type: str, required: true, description: SQL of the functions with which one login opens and locks the other.}
"""
EXAMPLES = "- name: Make the database\n  postgresql_database:\n    name: orders\n"
RETURN = "steps:\n  description: What was made or changed.\n  returned: always\n  type: list\n"

ITERATIONS = 4096
SOCKETS = "/var/run/postgresql"
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
VERIFIER = re.compile(r"SCRAM-SHA-256\$([0-9]+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)\Z")

STATE = """
SELECT json_build_object(
  'database', (SELECT json_build_object(
      'owner', pg_get_userbyid(datdba),
      'open', EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE grantee = 0))
    FROM pg_database WHERE datname = '{name}'),
  'owner', (SELECT json_build_object('login', rolcanlogin, 'powerful', rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls)
    FROM pg_roles WHERE rolname = '{owner}'),
  'logins', (SELECT json_object_agg(rolname, json_build_object(
      'login', rolcanlogin, 'powerful', rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls,
      'password', rolpassword,
      'acts', EXISTS (SELECT FROM pg_db_role_setting WHERE setrole = oid AND setdatabase = 0 AND 'role={owner}' = ANY (setconfig)),
      'member', EXISTS (SELECT FROM pg_auth_members m JOIN pg_authid o ON o.oid = m.roleid
        WHERE m.member = pg_authid.oid AND o.rolname = '{owner}')))
    FROM pg_authid WHERE rolname IN ('{username}', '{other}')))
"""
FUNCTIONS = """
SELECT json_build_object(
  'schema', (SELECT json_build_array(nspowner, nspacl::text) FROM pg_namespace WHERE nspname = 'orchestrator_rotation'),
  'functions', (SELECT json_agg(json_build_array(proname, proowner, prosecdef, proconfig, prosrc, proacl::text) ORDER BY proname)
    FROM pg_proc WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'orchestrator_rotation')));
"""
# What the owner of a database may set for all who connect to it must not reach what the server's superuser does there.
OWN_SETTINGS = {
    "PGOPTIONS": "-c role=none -c search_path=pg_catalog,pg_temp -c default_transaction_read_only=off"
    " -c standard_conforming_strings=on -c statement_timeout=60s -c lock_timeout=30s"
}
TRIAL = """
BEGIN;
CREATE TABLE "{owner}_trial" (made_by text);
INSERT INTO "{owner}_trial" VALUES (current_user);
SELECT json_build_object('user', session_user, 'made_by', made_by) FROM "{owner}_trial";
DROP TABLE "{owner}_trial";
COMMIT;
"""


class Refused(Exception):
    """What is there is not what this module may change."""


def scram(password, salt, iterations):
    """The verifier that PostgreSQL keeps of a password (RFC 5803). It is plain ASCII, so that SASLprep leaves it alone."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    text = [base64.b64encode(part).decode("ascii") for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${iterations}:{text[0]}${text[1]}:{text[2]}"


def is_of(password, verifier):
    found = VERIFIER.match(verifier or "")
    if not found:
        return False
    salt = base64.b64decode(found.group(2))
    return hmac.compare_digest(scram(password, salt, int(found.group(1))), verifier)


def steps_towards(state, given):
    """Pairs of what is done, for people, and its SQL; nothing when all is as it should be."""
    name, owner, username = given["name"], given["owner"], given["username"]
    database, group, logins = state["database"], state["owner"], state["logins"] or {}
    if database and database["owner"] != owner:
        raise Refused(
            f"The database {name} exists and belongs to {database['owner']}, not to {owner}. Nothing was changed. "
            "Choose another name, or hand it over by hand first."
        )
    if group and (group["login"] or group["powerful"]):
        raise Refused(f"The role {owner} exists and may sign in or has power over others. Nothing was changed. Choose another name.")
    for one, login in logins.items():
        if login["powerful"] or not (login["login"] or login["member"]):
            raise Refused(f"The role {one} exists and is no plain login. Nothing was changed. Choose another name.")
    if not group:
        yield f"role {owner}", f'CREATE ROLE "{owner}" NOLOGIN'
    for one in (username, given["other"]):
        login = logins.get(one)
        if not login:
            yield f"login {one}", f'CREATE ROLE "{one}" {"LOGIN" if one == username else "NOLOGIN"} IN ROLE "{owner}"'
        elif not login["member"]:
            yield f"membership of {one} in {owner}", f'GRANT "{owner}" TO "{one}"'
        if not (login and login["acts"]):
            yield f"{one} acts as {owner}", f"ALTER ROLE \"{one}\" SET role = '{owner}'"
    login = logins.get(username)
    if login and not login["login"]:
        yield f"{username} may sign in", f'ALTER ROLE "{username}" LOGIN'
    if not (login and is_of(given["password"], login["password"])):
        verifier = scram(given["password"], os.urandom(16), ITERATIONS)
        yield f"password of {username}", f"ALTER ROLE \"{username}\" PASSWORD '{verifier}'"
    if not database:
        yield f"database {name}", f"CREATE DATABASE \"{name}\" OWNER \"{owner}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
    if not database or database["open"]:
        yield f"database {name} closed to others", f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC'


def psql(sql, connection, environment=None, **identity):
    """What psql prints. Neither SQL nor a password ever stands among its arguments."""
    run = subprocess.run(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", connection],
        input=sql,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10", **(environment or {})},
        **identity,
    )
    if run.returncode != 0:
        raise Refused(f"PostgreSQL refused: {run.stderr.strip()[:600]}")
    return run.stdout


def brings_functions(given, server, as_server, keep):
    """Whether the functions of the rotation were not as they should be; they are changed only to be kept."""
    told = psql(
        f"BEGIN;{FUNCTIONS}{given['rotation']}{FUNCTIONS}{'COMMIT' if keep else 'ROLLBACK'};",
        f"{server} dbname={given['name']}",
        OWN_SETTINGS,
        **as_server,
    )
    before, after = told.splitlines()
    return before != after


def sign_in(given):
    """As a consumer would, with the rights that it needs: over TCP and TLS."""
    connection = f"host={given['host']} port={given['port']} dbname={given['name']} user={given['username']} sslmode=require"
    told = json.loads(psql(TRIAL.format(**given), connection, {"PGPASSWORD": given["password"]}))
    if told != {"user": given["username"], "made_by": given["owner"]}:
        raise Refused(f"Signed in as {told['user']}, but what was made belongs to {told['made_by']} and not to {given['owner']}.")


def main():
    text = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "name": text,
            "owner": text,
            "host": text,
            "port": {"type": "int", "required": True},
            "username": text,
            "password": {**text, "no_log": True},
            "other": text,
            "rotation": text,
        },
        supports_check_mode=True,
    )
    given = module.params
    for key in ("name", "owner", "username", "other"):
        if not IDENTIFIER.match(given[key]):
            module.fail_json(msg=f"The {key} must be lower-case letters, digits and _, 63 at most, a letter first.")
    if not given["password"].isascii() or not given["password"].isprintable():
        module.fail_json(msg="The password must be printable ASCII.")
    server = f"host={SOCKETS} port={given['port']}"
    if module.check_mode and (not shutil.which("psql") or not os.path.exists(f"{SOCKETS}/.s.PGSQL.{given['port']}")):
        module.exit_json(changed=True, steps=["all of it, once there is a server"])
    try:
        as_server = {"user": "postgres", "group": "postgres", "extra_groups": []}
        state = json.loads(psql(STATE.format(**given), f"{server} dbname=postgres", **as_server))
        steps = list(steps_towards(state, given))
        if not module.check_mode:
            # CREATE DATABASE takes no transaction; whatever is done is not done again the next time.
            for _, sql in steps:
                psql(sql + ";", f"{server} dbname=postgres", **as_server)
        there = bool(state["database"] and state["owner"]) or not module.check_mode
        if not there or brings_functions(given, server, as_server, keep=not module.check_mode):
            steps.append(("functions with which a rotation opens and locks logins", ""))
        if not module.check_mode:
            sign_in(given)
    except (Refused, OSError, ValueError, subprocess.TimeoutExpired) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(steps), steps=[what for what, _ in steps])


if __name__ == "__main__":
    main()
