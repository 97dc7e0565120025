"""Runs the mended MiniStack in this process until it is told to stop."""

import asyncio
import ctypes
import os
import resource
import signal
import sys
import threading

import mending
import mends
from snapshots import Snapshots

EXIT_MENDS = 78
PR_SET_PDEATHSIG = 1
_READS = {"GET", "HEAD", "OPTIONS"}


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


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

    snapshots = Snapshots(state_dir)
    snapshots.unpack()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    from ministack import app
    from ministack.services import lambda_svc

    # The snapshot that is on disk may still name a blob which the state in memory no longer does.
    lambda_svc._prune_orphan_code_blobs = lambda referenced: None
    asyncio.run(_run(app.app, host, port, snapshots))


async def _run(app, host: str, port: int, snapshots: Snapshots) -> None:
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"{host}:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)

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

    def run() -> None:
        executions.publish_interrupted()
        snapshots.mark_changed()
        snapshots.run_forever(executions.any_running)

    threading.Thread(target=run, daemon=True, name="snapshots").start()


def _stop(snapshots: Snapshots) -> None:
    """Save and leave at once: waiting for requests and threads could take as long as a Lambda's timeout."""
    import worker_processes

    code = 0
    try:
        snapshots.save()
    except Exception as error:
        sys.stderr.write(f"The state could not be saved at shutdown: {error}\n")
        code = 1
    worker_processes.kill_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
