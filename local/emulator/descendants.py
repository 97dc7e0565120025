"""Adopts and ends the processes that a process has started, however deep and wherever they moved."""

import ctypes
import glob
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value)


def adopt_orphans() -> None:
    """From now on, descendants whose parents die become children of this process."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_with(parent: int, number: int) -> None:
    """Let the kernel send this process a signal when its parent is gone."""
    _prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


def end_all() -> None:
    """Kill every child, and the orphans that become children thereby, until there are none."""
    while children := _children():
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    """The children of every thread: a process belongs to the thread that forked it."""
    found = []
    for path in glob.glob("/proc/self/task/*/children"):
        try:
            with open(path, encoding="ascii") as file:
                found += [int(pid) for pid in file.read().split()]
        except OSError:
            pass  # the thread has ended
    return found
