"""Keeps one consistent, recent snapshot of all services on disk, written whole and renamed into place.

MiniStack itself saves only on a clean shutdown, file by file. Here the state is saved seconds after it changed, so
that a killed emulator loses at most those; S3 object bodies are files of their own and always current.
"""

import hashlib
import json
import logging
import os
import threading
import time

logger = logging.getLogger("snapshots")

INTERVAL_SECONDS = 2.0
# Saving a large state keeps everything else waiting: it rests at least so many times as long.
RESTS = 2.0


class Snapshots:
    def __init__(self, state_dir: str):
        self._state_dir = state_dir
        self._path = os.path.join(state_dir, "snapshot.json")
        self._digest = ""
        self._changed = threading.Event()
        self._lock = threading.Lock()

    def unpack(self) -> None:
        """Put the snapshot where MiniStack looks for it at start, replacing what stands there."""
        os.makedirs(self._state_dir, exist_ok=True)
        for name in os.listdir(self._state_dir):
            if name.endswith((".json", ".tmp")) and name != "snapshot.json":
                os.remove(os.path.join(self._state_dir, name))
        if not os.path.exists(self._path):
            return
        with open(self._path, encoding="utf-8") as file:
            services = json.load(file)
        for service, text in services.items():
            with open(os.path.join(self._state_dir, f"{service}.json"), "w", encoding="utf-8") as file:
                file.write(text)

    def mark_changed(self) -> None:
        self._changed.set()

    def run_forever(self) -> None:
        """Save soon after changes, and rest while there are none."""
        took = 0.0
        while True:
            self._changed.wait()
            time.sleep(max(INTERVAL_SECONDS, RESTS * took))
            self._changed.clear()
            began = time.thread_time()
            try:
                self.save()
            except Exception:
                logger.exception("The snapshot could not be saved; the next one is tried after the next change")
                self._changed.set()
            took = time.thread_time() - began

    def save(self) -> None:
        with self._lock:
            services = {name: _dump(name, get_state) for name, get_state in _state_getters().items()}
            text = json.dumps({name: state for name, state in services.items() if state is not None})
            digest = hashlib.sha256(text.encode()).hexdigest()
            if digest == self._digest:
                return
            beside = f"{self._path}.tmp"
            with open(beside, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self._path)
            self._digest = digest


def _state_getters() -> dict:
    from ministack import app

    return app._build_persistence_save_dict()


def _dump(service: str, get_state) -> str | None:
    from ministack.core import persistence

    for attempt in range(20):
        try:
            state = get_state()
            break
        except RuntimeError:  # a dictionary changed while it was copied
            time.sleep(0.01 * (attempt + 1))
    else:
        state = get_state()
    if state is None:
        return None
    wrapped = {"__ministack_format__": persistence._state_format_version(service), "payload": state}
    return json.dumps(wrapped, default=persistence._json_default)
