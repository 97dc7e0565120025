"""Starts Lambda workers so that none outlives the emulator, and stops them with everything they started.

The kernel sends a parent-death signal when the *thread* that forked ends, so one thread that never ends forks them all.
"""

import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

_forker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker-forker")
_setpriv = shutil.which("setpriv")


def spawn(command, **options) -> subprocess.Popen:
    """Like Popen, in a process group of its own and with the emulator's death as its own."""
    if _setpriv:
        command = [_setpriv, "--pdeathsig", "KILL", "--", *command]
    return _forker.submit(subprocess.Popen, command, start_new_session=True, **options).result()


def _signal_group(process, number) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def terminate(process) -> None:
    _signal_group(process, signal.SIGTERM)


def kill(process) -> None:
    """Kill what is left of the worker's group."""
    _signal_group(process, signal.SIGKILL)
