# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands where a user's server would: answers everything, as late as it is told to, and belongs to nobody's cookies."""

from __future__ import annotations

import http.server
import os
import time
from pathlib import Path
from urllib.parse import urlparse


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"{os.getpid()}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


place = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
if (slow := Path("slow")).exists():
    time.sleep(float(slow.read_text()))
http.server.ThreadingHTTPServer((place.hostname or "", place.port or 0), Answer).serve_forever()
