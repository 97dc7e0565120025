"""The example release: a page, and a health path that names the release. It answers until it is told to stop."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RELEASE = "shop 1.0.0"


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{RELEASE}\n".encode()
        self.send_response(200 if self.path in ("/", "/healthz") else 404)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer((os.environ["ADDRESS"], int(os.environ["PORT"])), Page).serve_forever()
