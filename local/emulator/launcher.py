"""Starts the mended MiniStack and answers for everything that it starts.

Two processes: this one only keeps watch, its child serves. The keeper is the reaper of all descendants, so that when
it is told to stop (SIGTERM, or the end of its standard input, which means that its owner is gone) or when the server
dies, every process that a Lambda started dies too. When the keeper is killed, the server ends them and itself.

    python launcher.py --host 127.0.0.1 --port 4566 --state-dir DIR
    python launcher.py --check      print, as JSON, which mends still apply to the installed MiniStack
"""

import argparse
import json
import os
import select
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import descendants  # noqa: E402

GRACE_SECONDS = 8.0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--state-dir")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        return check()
    if options.port is None or options.state_dir is None:
        parser.error("--port and --state-dir are required")

    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    stop = []
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.append(True))
    # A Ctrl-C in the terminal is for the owner, which may need the emulator until it has finished. It is handled, not
    # ignored: the tools that Lambdas start would inherit the ignorance, and are interrupted by this very signal.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    descendants.adopt_orphans()

    keeper = os.getpid()
    server = os.fork()
    if server == 0:
        run_server(keeper, options, (wake_read, wake_write))
    status = watch(server, wake_read, stop)
    descendants.end_all()
    return status


def run_server(keeper: int, options, pipe) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, lambda *_: None)
    for descriptor in pipe:
        os.close(descriptor)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)

    import server

    try:
        descendants.end_with(keeper, signal.SIGTERM)
        server.serve(options.host, options.port, options.state_dir)
    except BaseException as error:
        sys.stderr.write(f"The emulator stopped: {error!r}\n")
    os._exit(1)


def watch(server: int, wake: int, stop: list) -> int:
    """Return the server's exit status, having stopped it when asked to or when standard input ended."""
    deadline = None
    inputs = [0, wake]
    while True:
        status = reap(server)
        if status is not None:
            return status if deadline is None else max(status, 0)
        if stop and deadline is None:
            os.kill(server, signal.SIGTERM)
            deadline = time.monotonic() + GRACE_SECONDS
        if deadline is not None and time.monotonic() > deadline:
            os.kill(server, signal.SIGKILL)
        readable, _, _ = select.select(inputs, [], [], None if deadline is None else 0.1)
        if wake in readable:
            os.read(wake, 1024)
        if 0 in readable and not os.read(0, 1024):
            inputs.remove(0)
            stop.append(True)


def reap(server: int) -> int | None:
    """Collect dead children, adopted ones included; return the server's exit status once it is dead."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == server:
            found = os.waitstatus_to_exitcode(status)


def check() -> int:
    import mending
    import mends

    report = {}
    for module, group in mending.by_module(mends.MENDS).items():
        source = mending.source_of(module)
        for mend in group:
            report[mend.id] = source.count(mend.old) == 1
    mending.install(mends.MENDS)
    print(json.dumps(report))
    return 0 if all(report.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
