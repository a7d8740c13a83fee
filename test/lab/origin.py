"""The web beyond the gateway: origin.py ADDRESS FILE serves FILE under every path, and says how long it keeps."""

import http.server
import os
import sys

address, path = sys.argv[1:]


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        # Read each time: a fault may have put something else there.
        with open(path, "rb") as file:
            body = file.read()
            changed = os.fstat(file.fileno()).st_mtime
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string(changed))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer((address, 80), Origin).serve_forever()
