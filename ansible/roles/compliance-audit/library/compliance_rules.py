#!/usr/bin/python3
"""Checks a host against rules that are data. One round trip, read-only."""

import inspect

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.compliance_checks import FAIL, KINDS, Host

DOCUMENTATION = r"""
module: compliance_rules
short_description: Check a host against rules that are data
description:
  - Reads effective settings where there are any (C(sshd -T), C(apt-config), C(/proc/sys)), files elsewhere.
  - Never changes the host. Refuses a broken rule before it checks any.
author: process-orchestrator
options:
  rules:
    description: Lists of rules by the names of their files, each with id, title, severity, rationale and check.
    type: dict
    required: true
"""
EXAMPLES = """
- name: Check the rules
  compliance_rules:
    rules:
      ssh.yml:
        - id: ssh-root-login
          title: Root cannot sign in over SSH
          severity: high
          rationale: A shared account leaves no trace of the person behind it.
          check: { kind: sshd-values, settings: { permitrootlogin: ["no"] } }
  register: compliance_audit_result
"""
RETURN = "rules:\n  description: The rules, each with status and evidence.\n  returned: always\n  type: list\n"

NEEDED = ("id", "title", "severity", "rationale", "check")


def problem_of(rule, known):
    """Why a rule cannot be checked; nothing when it can."""
    if not isinstance(rule, dict):
        return "it is no rule but a bare value"
    missing = [field for field in NEEDED if not rule.get(field)]
    if missing:
        return f"it lacks {', '.join(missing)}"
    if rule["id"] in known:
        return "its id is taken"
    if rule["severity"] not in ("low", "medium", "high"):
        return f"its severity is {rule['severity']}, not low, medium or high"
    parameters = dict(rule["check"])
    check = KINDS.get(parameters.pop("kind", None))
    if check is None:
        return f"its kind is unknown; known are {', '.join(sorted(KINDS))}"
    try:
        inspect.signature(check).bind(None, **parameters)
    except TypeError as error:
        return f"its check does not fit: {error}"
    return None


def read_rules(files):
    """All rules in order, or the first problem with its file and rule."""
    rules = {}
    for name, listed in sorted(files.items()):
        if not isinstance(listed, list):
            return None, f"{name} is not a list of rules."
        for index, rule in enumerate(listed, 1):
            problem = problem_of(rule, rules)
            if problem:
                title = rule.get("id") if isinstance(rule, dict) else None
                return None, f"{name}, rule {title or index}: {problem}."
            rules[rule["id"]] = rule
    return list(rules.values()), None


def checked(rule, host):
    parameters = dict(rule["check"])
    try:
        status, evidence = KINDS[parameters.pop("kind")](host, **parameters)
    except Exception as error:  # One rule that cannot be read must not hide the others.
        status, evidence = FAIL, f"Could not be checked: {type(error).__name__}."
    told = {field: rule[field] for field in NEEDED if field != "check"}
    return {**told, "reference": rule.get("reference"), "status": status, "evidence": evidence[:1024]}


def main():
    module = AnsibleModule(argument_spec={"rules": {"type": "dict", "required": True}}, supports_check_mode=True)
    rules, problem = read_rules(module.params["rules"])
    if problem:
        module.fail_json(msg=f"A rule is broken, so nothing was checked. {problem}")
    host = Host()
    module.exit_json(changed=False, rules=[checked(rule, host) for rule in rules])


if __name__ == "__main__":
    main()
