"""The kinds of checks on a host that is made up: each passes on what it wants, and fails on what it does not."""

import os
import pathlib
import sys
import tempfile
import types
import unittest
from unittest import mock

ROLE = pathlib.Path(__file__).parents[3] / "ansible/roles/compliance-audit"


def load(name, path):
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
    return module


for package in ("ansible", "ansible.module_utils", "ansible.module_utils.basic"):
    sys.modules[package] = types.ModuleType(package)
sys.modules["ansible.module_utils.basic"].AnsibleModule = object
checks = load("ansible.module_utils.compliance_checks", ROLE / "module_utils/compliance_checks.py")
rules = load("compliance_rules", ROLE / "library/compliance_rules.py")


def a_rule(**given):
    return {
        "id": "a-rule",
        "title": "A rule",
        "severity": "low",
        "rationale": "So that there is one.",
        "check": {"kind": "packages-absent", "packages": ["telnet"]},
        **given,
    }


class Kinds(unittest.TestCase):
    def stands(self, kind, outputs=None, sshd=None, **parameters):
        host = types.SimpleNamespace(sshd=sshd or {}, service=None)
        with mock.patch.object(checks, "output_of", lambda *command: (outputs or {}).get(" ".join(command), "")):
            return checks.KINDS[kind](host, **parameters)[0]

    def test_sshd(self):
        values = {"settings": {"permitrootlogin": ["no"]}}
        self.assertEqual(self.stands("sshd-values", sshd={"permitrootlogin": "no"}, **values), "pass")
        self.assertEqual(self.stands("sshd-values", sshd={"permitrootlogin": "yes"}, **values), "fail")
        self.assertEqual(self.stands("sshd-values", **values), "fail")
        ranges = {"settings": {"maxauthtries": [1, 4]}}
        for found, status in (("1", "pass"), ("4", "pass"), ("0", "fail"), ("5", "fail"), ("none", "fail")):
            self.assertEqual(self.stands("sshd-ranges", sshd={"maxauthtries": found}, **ranges), status)
        algorithms = {"settings": ["ciphers"], "weak": ["cbc"]}
        self.assertEqual(self.stands("sshd-algorithms", sshd={"ciphers": "aes256-gcm"}, **algorithms), "pass")
        self.assertEqual(self.stands("sshd-algorithms", sshd={"ciphers": "aes256-gcm,aes-cbc"}, **algorithms), "fail")

    def test_accounts(self):
        locked = {"account": "root"}
        self.assertEqual(self.stands("password-locked", {"getent shadow root": "root:!:1"}, **locked), "pass")
        self.assertEqual(self.stands("password-locked", {"getent shadow root": "root:$y$:1"}, **locked), "fail")
        self.assertEqual(self.stands("password-locked", **locked), "fail")
        self.assertEqual(self.stands("passwords-not-empty", {"getent shadow": "a:!:1\nb:x:1"}), "pass")
        self.assertEqual(self.stands("passwords-not-empty", {"getent shadow": "a:!:1\nb::1"}), "fail")
        self.assertEqual(self.stands("passwords-not-empty"), "fail")
        self.assertEqual(self.stands("passwords-shadowed", {"getent passwd": "a:x:1"}), "pass")
        self.assertEqual(self.stands("passwords-shadowed", {"getent passwd": "a:$y$:1"}), "fail")
        one = {"account": "root", "number": 0}
        self.assertEqual(self.stands("only-account-with-number", {"getent passwd": "root:x:0:0"}, **one), "pass")
        self.assertEqual(self.stands("only-account-with-number", {"getent passwd": "root:x:0\ntoor:x:0"}, **one), "fail")
        unique = {"database": "passwd", "field": "number"}
        self.assertEqual(self.stands("unique-entries", {"getent passwd": "a:x:1\nb:x:2"}, **unique), "pass")
        self.assertEqual(self.stands("unique-entries", {"getent passwd": "a:x:1\nb:x:1"}, **unique), "fail")

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "secret")
            pathlib.Path(path).touch()
            owned_by_root = os.stat(path).st_uid == 0
            for mode, status in ((0o600, "pass"), (0o640, "pass"), (0o644, "fail"), (0o660, "fail")):
                os.chmod(path, mode)
                wanted = status if owned_by_root else "fail"
                self.assertEqual(self.stands("file-access", paths=[folder + "/*"], mode="0640"), wanted)
            self.assertEqual(self.stands("file-access", paths=[folder + "/missing"], mode="0640"), "pass")
            for mode, status in ((0o1777, "pass"), (0o755, "pass"), (0o777, "fail")):
                os.chmod(folder, mode)
                self.assertEqual(self.stands("sticky-folders", paths=[folder]), status)

    def test_software(self):
        query = "dpkg-query -W -f ${db:Status-Status} telnet"
        for kind, there, missing in (("packages-absent", "fail", "pass"), ("packages-installed", "pass", "fail")):
            self.assertEqual(self.stands(kind, {query: "installed"}, packages=["telnet"]), there)
            self.assertEqual(self.stands(kind, packages=["telnet"]), missing)
        active = {"systemctl is-active a.timer": "active\n"}
        self.assertEqual(self.stands("unit-active", active, unit="a.timer"), "pass")
        self.assertEqual(self.stands("unit-active", unit="a.timer"), "fail")

    def test_kernel(self):
        for may_set, status in ((True, "fail"), (False, "not-applicable")):
            with mock.patch.object(checks, "may_set_kernel", lambda allowed=may_set: allowed):
                self.assertEqual(self.stands("sysctl", values={"kernel.ostype": "Other"}), status)
                self.assertEqual(self.stands("sysctl", values={"kernel.ostype": "Linux"}), "pass")
                self.assertEqual(self.stands("written-sysctl", path="/nowhere"), "fail")
        self.assertEqual(self.stands("mount-options", path="/proc", options=["no-such-option"]), "fail")
        self.assertEqual(self.stands("mount-options", path="/nowhere", options=["nodev"]), "not-applicable")

    def test_service(self):
        for kind in ("web-service-healthy", "web-service-confined", "web-service-release"):
            self.assertEqual(self.stands(kind), "not-applicable")


class Rules(unittest.TestCase):
    def test_reads_what_fits(self):
        self.assertEqual(rules.read_rules({"a.yml": [a_rule()]}), ([a_rule()], None))

    def test_refuses_the_rest_with_file_rule_and_reason(self):
        for broken, reason in (
            (a_rule(check={"kind": "guess"}), "kind is unknown"),
            (a_rule(rationale=""), "lacks rationale"),
            (a_rule(severity="critical"), "severity is critical"),
            (a_rule(check={"kind": "packages-absent"}), "does not fit"),
            (a_rule(check={"kind": "passwords-shadowed", "packages": []}), "does not fit"),
        ):
            found, problem = rules.read_rules({"a.yml": [broken]})
            self.assertIsNone(found)
            self.assertRegex(problem, f"^a.yml, rule a-rule: .*{reason}")
        self.assertIn("id is taken", rules.read_rules({"a.yml": [a_rule()], "b.yml": [a_rule()]})[1])
        self.assertIn("not a list", rules.read_rules({"a.yml": {}})[1])
        self.assertIn("bare value", rules.read_rules({"a.yml": ["x"]})[1])

    def test_one_that_breaks_hides_no_other(self):
        with mock.patch.dict(checks.KINDS, {"packages-absent": mock.Mock(side_effect=ValueError)}):
            told = rules.checked(a_rule(), None)
        self.assertEqual((told["status"], told["evidence"]), ("fail", "Could not be checked: ValueError."))


if __name__ == "__main__":
    unittest.main()
