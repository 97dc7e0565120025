"""A small HTTP service of the Python standard library: `/` greets, `/healthz` tells health and version."""

import http.server
import json
import os
import pathlib
import signal
import socket
import sys
import threading

# The release's folder is named for its version, so the program cannot disagree with what was installed.
VERSION = pathlib.Path(__file__).resolve().parent.name


def make_handler(settings):
    """The request handler of a service with these settings."""

    class Handler(http.server.BaseHTTPRequestHandler):
        server_version = settings["service"]
        sys_version = ""
        timeout = 10

        def do_GET(self):
            if self.path == "/healthz":
                body = {"service": settings["service"], "status": "ok", "version": VERSION}
                self.answer(200, "application/json", json.dumps(body) + "\n")
            elif self.path == "/":
                self.answer(200, "text/plain; charset=utf-8", settings["greeting"] + "\n")
            else:
                self.answer(404, "text/plain; charset=utf-8", "There is nothing here.\n")

        do_HEAD = do_GET

        def answer(self, status, content_type, text):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


def tell_systemd_ready():
    """Ends `systemctl start` only now that connections are accepted (sd_notify, Type=notify)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)


def main(settings_file):
    settings = json.loads(pathlib.Path(settings_file).read_text(encoding="utf-8"))
    family = socket.getaddrinfo(settings["address"], settings["port"], type=socket.SOCK_STREAM)[0][0]

    class Server(http.server.ThreadingHTTPServer):
        address_family = family
        daemon_threads = True

    server = Server((settings["address"], settings["port"]), make_handler(settings))
    # shutdown() waits for serve_forever() to end, which this thread is in.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    tell_systemd_ready()
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
