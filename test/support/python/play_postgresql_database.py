"""Plays the module postgresql_database on a server of this machine: parameters on standard input, its answer on standard output."""

import json
import pathlib
import sys
import types

MODULE = pathlib.Path(__file__).parents[3] / "ansible/roles/postgresql-database/library/postgresql_database.py"


class AnsibleModule:
    def __init__(self, **_):
        self.params = json.load(sys.stdin)
        self.check_mode = self.params.pop("check_mode", False)

    def exit_json(self, **answer):
        print(json.dumps(answer))
        sys.exit(0)

    def fail_json(self, **answer):
        print(json.dumps({"failed": True, **answer}))
        sys.exit(0)


for package in ("ansible", "ansible.module_utils", "ansible.module_utils.basic"):
    sys.modules[package] = types.ModuleType(package)
sys.modules["ansible.module_utils.basic"].AnsibleModule = AnsibleModule
exec(compile(MODULE.read_text(encoding="utf-8"), str(MODULE), "exec"), {"__name__": "__main__"})
