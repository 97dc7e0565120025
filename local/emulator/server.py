"""Runs the mended MiniStack in this process until it is told to stop."""

import asyncio
import fcntl
import os
import resource
import signal
import sys
import threading
import time

import descendants
import mending
import mends
from snapshots import Snapshots

EXIT_MENDS = 78
EXIT_STATE_IN_USE = 75
CLAIM_SECONDS = 8.0
STOP_SECONDS = 6
_READS = {"GET", "HEAD", "OPTIONS"}


def serve(host: str, port: int, state_dir: str) -> None:
    """Serve until SIGTERM; then save, stop the workers and exit."""
    try:
        mending.install(mends.MENDS)
    except mending.MendError as error:
        sys.stderr.write(
            "The installed MiniStack is not the one that the local platform corrects. Install the pinned version, or "
            f"revise local/emulator/mends:\n{error}\n"
        )
        os._exit(EXIT_MENDS)

    held = claim(state_dir)
    snapshots = Snapshots(state_dir)
    snapshots.unpack()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    from ministack import app
    from ministack.services import lambda_svc

    # The snapshot that is on disk may still name a blob which the state in memory no longer does.
    lambda_svc._prune_orphan_code_blobs = lambda referenced: None
    asyncio.run(_run(app.app, host, port, snapshots))
    held.close()


def claim(state_dir: str):
    """Hold the state for this process; an emulator that is just ending gets the time to do so."""
    os.makedirs(state_dir, exist_ok=True)
    file = open(os.path.join(state_dir, "lock"), "w", encoding="ascii")
    deadline = time.monotonic() + CLAIM_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except OSError:
            if time.monotonic() > deadline:
                sys.stderr.write(f"Another emulator uses the state in {state_dir}. Stop it first.\n")
                os._exit(EXIT_STATE_IN_USE)
            time.sleep(0.1)


async def _run(app, host: str, port: int, snapshots: Snapshots) -> None:
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"{host}:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"

    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)

    server = asyncio.create_task(hypercorn_serve(_watched(app, snapshots), config, shutdown_trigger=asyncio.Event().wait))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({server, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if server.done() and server.exception() is not None:
        sys.stderr.write(f"The emulator could not serve on {host}:{port}: {server.exception()}\n")
        os._exit(1)
    _stop(snapshots)


def _watched(app, snapshots: Snapshots):
    """The application, marking changes for the snapshots and publishing what a restart interrupted once it serves."""

    async def watched(scope, receive, send):
        async def send_lifespan(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                _start_background(snapshots)

        if scope["type"] == "lifespan":
            await app(scope, receive, send_lifespan)
            return
        try:
            await app(scope, receive, send)
        finally:
            if scope["type"] != "http" or scope["method"] not in _READS:
                snapshots.mark_changed()

    return watched


def _start_background(snapshots: Snapshots) -> None:
    import executions

    executions.on_change(snapshots.mark_changed)

    def run() -> None:
        executions.publish_interrupted()
        snapshots.mark_changed()
        snapshots.run_forever()

    threading.Thread(target=run, daemon=True, name="snapshots").start()


def _stop(snapshots: Snapshots) -> None:
    """Save and leave at once: waiting for requests and threads could take as long as a Lambda's timeout."""
    code = 0
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(STOP_SECONDS)
    try:
        snapshots.save()
    except Exception as error:
        sys.stderr.write(f"The state could not be saved at shutdown: {error}\n")
        code = 1
    descendants.adopt_orphans()
    descendants.end_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
