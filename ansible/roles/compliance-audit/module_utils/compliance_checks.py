"""The kinds of checks that rules are made of. Each takes the host and its own parameters, and says how it stands."""

import configparser
import glob
import json
import os
import pathlib
import shutil
import stat
import subprocess
import urllib.request

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not-applicable"
KINDS = {}


def kind(name):
    """Registers a kind of check: it returns a status and a sentence of evidence."""

    def register(check):
        KINDS[name] = check
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


def none_of(found, what, otherwise):
    """Fails on whatever was found."""
    return expect(not found, f"{what}: {', '.join(found)}." if found else otherwise)


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


@kind("sshd-values")
def sshd_values(host, settings):
    wrong = [f"{key} is {host.sshd.get(key, 'unknown')}" for key, wanted in settings.items() if host.sshd.get(key) not in wanted]
    return none_of(wrong, "Effective in sshd", f"Effective in sshd as wanted: {', '.join(settings)}.")


@kind("sshd-ranges")
def sshd_ranges(host, settings):
    wrong = []
    for key, (least, most) in settings.items():
        found = host.sshd.get(key, "unknown")
        if not found.isdigit() or not least <= int(found) <= most:
            wrong.append(f"{key} is {found}, wanted {least} to {most}")
    return none_of(wrong, "Effective in sshd", f"Effective in sshd within bounds: {', '.join(settings)}.")


@kind("sshd-algorithms")
def sshd_algorithms(host, settings, weak):
    offered = ",".join(host.sshd.get(key, "unknown") for key in settings).split(",")
    found = [name for name in offered if name == "unknown" or any(part in name for part in weak)]
    return none_of(found, "Weak or unknown", f"{len(offered)} algorithms, none weak.")


@kind("password-locked")
def password_locked(_host, account):
    fields = output_of("getent", "shadow", account).split(":")
    return expect(len(fields) > 1 and fields[1][:1] in ("!", "*"), f"The password field of {account} was read.")


def entries_of(database):
    return [line.split(":") for line in output_of("getent", database).splitlines()]


@kind("passwords-not-empty")
def passwords_not_empty(_host):
    entries = entries_of("shadow")
    if not entries:
        return FAIL, "The shadow file cannot be read."
    return none_of([entry[0] for entry in entries if entry[1:2] == [""]], "Empty", f"{len(entries)} accounts, none empty.")


@kind("passwords-shadowed")
def passwords_shadowed(_host):
    entries = entries_of("passwd")
    return none_of([entry[0] for entry in entries if entry[1:2] != ["x"]], "Not shadowed", f"{len(entries)} accounts, all shadowed.")


@kind("only-account-with-number")
def only_account_with_number(_host, account, number):
    found = [entry[0] for entry in entries_of("passwd") if entry[2:3] == [str(number)]]
    return expect(found == [account], f"Accounts with number {number}: {', '.join(found) or 'none'}.")


@kind("unique-entries")
def unique_entries(_host, database, field):
    values = [entry[2 if field == "number" else 0] for entry in entries_of(database)]
    twice = sorted({value for value in values if values.count(value) > 1})
    return none_of(twice, "More than once", f"{len(values)} entries, each once.")


@kind("file-access")
def file_access(_host, paths, mode):
    """Nothing but root owns them, and nobody has more rights than the mode; what is missing cannot be misused."""
    most, wrong, seen = int(mode, 8), [], 0
    for path in sorted({found for pattern in paths for found in glob.glob(pattern)}):
        try:
            found = os.stat(path)
        except FileNotFoundError:
            continue
        seen += 1
        if found.st_uid != 0 or stat.S_IMODE(found.st_mode) & ~most & 0o777:
            wrong.append(f"{path} ({stat.S_IMODE(found.st_mode):04o}, owner {found.st_uid})")
    return none_of(wrong, f"More open than root and {mode}", f"{seen} looked at, none more open than {mode}.")


@kind("sticky-folders")
def sticky_folders(_host, paths):
    wrong = []
    for path in filter(os.path.isdir, paths):
        found = os.stat(path).st_mode
        if found & stat.S_IWOTH and not found & stat.S_ISVTX:
            wrong.append(path)
    return none_of(wrong, "Without the sticky bit", f"As wanted: {', '.join(paths)}.")


@kind("mount-options")
def mount_options(_host, path, options):
    mounted = [line.split() for line in pathlib.Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    found = [fields[3].split(",") for fields in mounted if fields[1] == path]
    if not found:
        return NOT_APPLICABLE, f"{path} is no file system of its own."
    return none_of([option for option in options if option not in found[-1]], f"{path} lacks", f"{path} has {', '.join(options)}.")


def may_set_kernel():
    return os.access("/proc/sys/kernel/kptr_restrict", os.W_OK)


def differing_settings(wanted):
    """Of what this kernel has, what is not as wanted."""
    for key, value in wanted.items():
        path = pathlib.Path("/proc/sys", key.replace(".", "/"))
        if path.is_file() and path.read_text(encoding="utf-8").split() != value.split():
            yield key


@kind("sysctl")
def sysctl(_host, values):
    differing = list(differing_settings(values))
    if differing and not may_set_kernel():
        return NOT_APPLICABLE, f"This host may not set the kernel it shares; different: {', '.join(differing)}."
    return none_of(differing, "Different", "All have the wanted values.")


@kind("written-sysctl")
def written_sysctl(_host, path):
    written = pathlib.Path(path)
    if not written.is_file():
        return FAIL, f"{written} is missing."
    if not may_set_kernel():
        return NOT_APPLICABLE, "Written; this host may not set the kernel it shares."
    lines = [line.lstrip("-").partition("=") for line in written.read_text(encoding="utf-8").splitlines()]
    differing = list(differing_settings({key.strip(): value for key, equals, value in lines if equals}))
    return none_of(differing, "Different", "All have the written values.")


@kind("written-audit-rules")
def written_audit_rules(_host, path):
    written = pathlib.Path(path)
    if not written.is_file():
        return FAIL, f"{written} is missing."
    if not output_of("auditctl", "-s"):
        return NOT_APPLICABLE, "Written; the kernel gives this host no access to its audit system."
    wanted = sum(1 for line in written.read_text(encoding="utf-8").splitlines() if line.startswith("-"))
    loaded = sum(1 for line in output_of("auditctl", "-l").splitlines() if line.startswith("-"))
    return expect(loaded >= wanted, f"{loaded} rules are loaded, {wanted} are written.")


def is_installed(package):
    return output_of("dpkg-query", "-W", "-f", "${db:Status-Status}", package) == "installed"


@kind("packages-installed")
def packages_installed(_host, packages):
    return none_of([name for name in packages if not is_installed(name)], "Missing", f"Installed: {', '.join(packages)}.")


@kind("packages-absent")
def packages_absent(_host, packages):
    return none_of([name for name in packages if is_installed(name)], "Installed", f"Not installed: {', '.join(packages)}.")


@kind("unattended-upgrades")
def unattended_upgrades(_host):
    installed = is_installed("unattended-upgrades")
    enabled = '"1"' in output_of("apt-config", "dump", "APT::Periodic::Unattended-Upgrade")
    return expect(
        installed and enabled,
        f"unattended-upgrades is {'installed' if installed else 'not installed'} and {'on' if enabled else 'off'}.",
    )


@kind("unit-active")
def unit_active(_host, unit):
    state = output_of("systemctl", "is-active", unit).strip() or "inactive"
    return expect(state == "active", f"{unit} is {state}.")


def of_service(check):
    """About the service: not applicable on a host that runs none."""

    def asked(host):
        return check(host.service) if host.service else (NOT_APPLICABLE, "No web service on this host.")

    return asked


@kind("web-service-healthy")
@of_service
def web_service_healthy(service):
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(service["Url"] + "/healthz", timeout=5) as answer:
            version = json.load(answer).get("version")
    except (OSError, ValueError) as error:
        return FAIL, f"{service['Url']} does not answer: {error}."
    return expect(version == service["Release"], f"Release {version} answers, {service['Release']} is installed.")


@kind("web-service-confined")
@of_service
def web_service_confined(service):
    wanted = {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ActiveState": "active"}
    shown = output_of("systemctl", "show", service["name"] + ".service", "--property", ",".join(wanted))
    found = dict(line.partition("=")[::2] for line in shown.splitlines())
    wrong = [key for key, value in wanted.items() if found.get(key) != value]
    return none_of(wrong, "Not as promised", "The unit is active and confined.")


@kind("web-service-release")
@of_service
def web_service_release(service):
    current = os.path.realpath(f"/opt/{service['name']}/current")
    if os.path.basename(current) != service["Release"] or not os.path.isdir(current):
        return FAIL, f"The current release is {os.path.basename(current)}, the unit names {service['Release']}."
    found = [os.stat(path) for path in [current, *glob.glob(current + "/*")]]
    good = all(item.st_uid == 0 and not item.st_mode & (stat.S_IWGRP | stat.S_IWOTH) for item in found)
    return expect(good, f"{len(found)} files and folders of release {service['Release']} were looked at.")
