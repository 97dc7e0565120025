#!/usr/bin/python3
"""Checks what the roles baseline and web-service promise. One round trip, read-only."""

import configparser
import glob
import json
import os
import pathlib
import shutil
import stat
import subprocess
import urllib.request

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: compliance_rules
short_description: Check the rules that the roles baseline and web-service promise
description:
  - Reads effective settings where there are any (C(sshd -T), C(apt-config), C(/proc/sys)), files elsewhere.
  - Never changes the host.
author: process-orchestrator
options: {}
"""
EXAMPLES = "- name: Check the rules\n  compliance_rules:\n  register: compliance_audit_result\n"
RETURN = "rules:\n  description: Rules with id, title, severity, status and evidence.\n  returned: always\n  type: list\n"

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not-applicable"
RULES = []


def rule(identifier, title, severity):
    """Registers a check: it returns a status and a sentence of evidence."""

    def register(check):
        RULES.append((identifier, title, severity, check))
        return check

    return register


def output_of(*command):
    """What a program prints; empty when it is missing, fails or hangs."""
    program = shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        return ""
    try:
        run = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout if run.returncode == 0 else ""


def expect(good, evidence):
    return (PASS if good else FAIL), evidence


class Host:
    """What several rules read, read once."""

    def __init__(self):
        self.sshd = {}
        for line in output_of("sshd", "-T").splitlines():
            key, _, value = line.partition(" ")
            self.sshd.setdefault(key, value)
        self.service = self.find_service()

    @staticmethod
    def find_service():
        for path in sorted(glob.glob("/etc/systemd/system/*.service")):
            unit = configparser.RawConfigParser(strict=False, allow_no_value=True)
            unit.optionxform = str
            try:
                unit.read(path, encoding="utf-8")
            except (OSError, configparser.Error, UnicodeDecodeError):
                continue
            if unit.has_section("X-Web-Service"):
                return {"name": pathlib.Path(path).stem, **dict(unit.items("X-Web-Service"))}
        return None


def sshd_says(host, key, wanted):
    found = host.sshd.get(key)
    return expect(found in wanted, f"sshd's effective {key} is {found or 'unknown'}.")


@rule("ssh-root-login", "Root cannot sign in over SSH", "high")
def ssh_root_login(host):
    return sshd_says(host, "permitrootlogin", ["no"])


@rule("ssh-passwords", "SSH takes keys only, no passwords", "high")
def ssh_passwords(host):
    for key in ("passwordauthentication", "kbdinteractiveauthentication", "permitemptypasswords"):
        status, evidence = sshd_says(host, key, ["no"])
        if status == FAIL:
            return status, evidence
    return PASS, "Password and keyboard-interactive authentication are off."


@rule("ssh-algorithms", "SSH offers modern algorithms only", "medium")
def ssh_algorithms(host):
    offered = ",".join(host.sshd.get(key, "unknown") for key in ("ciphers", "macs", "kexalgorithms")).split(",")
    weak = [name for name in offered if name == "unknown" or "cbc" in name or "sha1" in name or "md5" in name or "-ctr" in name]
    return expect(not weak, f"Weak or unknown: {', '.join(weak)}." if weak else f"{len(offered)} algorithms, none weak.")


@rule("ssh-attempts", "SSH limits attempts to authenticate", "low")
def ssh_attempts(host):
    found = host.sshd.get("maxauthtries", "")
    return expect(found.isdigit() and int(found) <= 4, f"sshd's effective maxauthtries is {found or 'unknown'}.")


@rule("accounts-root-locked", "Root has no usable password", "medium")
def accounts_root_locked(_host):
    fields = output_of("getent", "shadow", "root").split(":")
    return expect(len(fields) > 1 and fields[1][:1] in ("!", "*"), "The password field of root was read.")


@rule("accounts-empty-passwords", "No account has an empty password", "high")
def accounts_empty_passwords(_host):
    lines = output_of("getent", "shadow").splitlines()
    empty = [line.split(":")[0] for line in lines if line.split(":")[1:2] == [""]]
    return expect(lines and not empty, f"Empty: {', '.join(empty)}." if empty else f"{len(lines)} accounts, none empty.")


@rule("upgrades-configured", "Security upgrades are installed unattended", "high")
def upgrades_configured(_host):
    installed = output_of("dpkg-query", "-W", "-f", "${db:Status-Status}", "unattended-upgrades") == "installed"
    enabled = '"1"' in output_of("apt-config", "dump", "APT::Periodic::Unattended-Upgrade")
    return expect(
        installed and enabled,
        f"unattended-upgrades is {'installed' if installed else 'not installed'} and {'on' if enabled else 'off'}.",
    )


@rule("upgrades-timer", "The upgrade timer is active", "medium")
def upgrades_timer(_host):
    state = output_of("systemctl", "is-active", "apt-daily-upgrade.timer").strip() or "inactive"
    return expect(state == "active", f"apt-daily-upgrade.timer is {state}.")


@rule("kernel-settings", "Kernel settings of the baseline are in effect", "medium")
def kernel_settings(_host):
    written = pathlib.Path("/etc/sysctl.d/60-baseline.conf")
    if not written.is_file():
        return FAIL, f"{written} is missing."
    if not os.access("/proc/sys/kernel/kptr_restrict", os.W_OK):
        return NOT_APPLICABLE, "Written; this host may not set the kernel it shares."
    differing = []
    for line in written.read_text(encoding="utf-8").splitlines():
        key, equals, value = line.lstrip("-").partition("=")
        path = pathlib.Path("/proc/sys", key.strip().replace(".", "/"))
        if equals and path.is_file() and path.read_text(encoding="utf-8").split() != value.split():
            differing.append(key.strip())
    return expect(not differing, f"Different: {', '.join(differing)}." if differing else "All have the written values.")


@rule("audit-rules", "Audit rules of the baseline are loaded", "medium")
def audit_rules(_host):
    written = pathlib.Path("/etc/audit/rules.d/60-baseline.rules")
    if not written.is_file():
        return FAIL, f"{written} is missing."
    if not output_of("auditctl", "-s"):
        return NOT_APPLICABLE, "Written; the kernel gives this host no access to its audit system."
    wanted = sum(1 for line in written.read_text(encoding="utf-8").splitlines() if line.startswith("-"))
    loaded = sum(1 for line in output_of("auditctl", "-l").splitlines() if line.startswith("-"))
    return expect(loaded >= wanted, f"{loaded} rules are loaded, {wanted} are written.")


@rule("files-protected", "Only root can change what guards the host", "high")
def files_protected(_host):
    paths = ["/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d"]
    open_paths = []
    for path in paths + glob.glob("/etc/sudoers.d/*") + glob.glob("/etc/ssh/sshd_config.d/*"):
        try:
            found = os.stat(path)
        except FileNotFoundError:
            continue
        if found.st_uid != 0 or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            open_paths.append(path)
    return expect(not open_paths, f"Open: {', '.join(open_paths)}." if open_paths else "All belong to root and to no other writer.")


def of_service(check):
    """A rule about the service: not applicable on a host that runs none."""
    return lambda host: check(host.service) if host.service else (NOT_APPLICABLE, "No web service on this host.")


@rule("service-healthy", "The web service answers with its release", "high")
@of_service
def service_healthy(service):
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(service["Url"] + "/healthz", timeout=5) as answer:
            version = json.load(answer).get("version")
    except (OSError, ValueError) as error:
        return FAIL, f"{service['Url']} does not answer: {error}."
    return expect(version == service["Release"], f"Release {version} answers, {service['Release']} is installed.")


@rule("service-confined", "The web service runs confined and not as root", "medium")
@of_service
def service_confined(service):
    wanted = {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ActiveState": "active"}
    shown = output_of("systemctl", "show", service["name"] + ".service", "--property", ",".join(wanted))
    found = dict(line.partition("=")[::2] for line in shown.splitlines())
    wrong = [key for key, value in wanted.items() if found.get(key) != value]
    return expect(not wrong, f"Not as promised: {', '.join(wrong)}." if wrong else "The unit is active and confined.")


@rule("service-release", "The web service's release can be changed by root alone", "medium")
@of_service
def service_release(service):
    current = os.path.realpath(f"/opt/{service['name']}/current")
    if os.path.basename(current) != service["Release"] or not os.path.isdir(current):
        return FAIL, f"The current release is {os.path.basename(current)}, the unit names {service['Release']}."
    found = [os.stat(path) for path in [current, *glob.glob(current + "/*")]]
    good = all(item.st_uid == 0 and not item.st_mode & (stat.S_IWGRP | stat.S_IWOTH) for item in found)
    return expect(good, f"{len(found)} files and folders of release {service['Release']} were looked at.")


def main():
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    host = Host()
    rules = []
    for identifier, title, severity, check in RULES:
        try:
            status, evidence = check(host)
        except Exception as error:  # One rule that cannot be read must not hide the others.
            status, evidence = FAIL, f"Could not be checked: {type(error).__name__}."
        rules.append(
            {"id": identifier, "title": title, "severity": severity, "status": status, "evidence": evidence[:1024]}
        )
    module.exit_json(changed=False, rules=rules)


if __name__ == "__main__":
    main()
