# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OAuth provider on this machine, which believes everybody who says who they are."""

from __future__ import annotations

import http.server
import json
import threading
from urllib.parse import parse_qs, urlencode, urlparse


class Provider:
    """``groups`` are those of its users by their outside names; whoever is not in ``valid`` has no valid token any more."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}
        self.invalid: set[str] = set()
        provider = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place = urlparse(self.path)
                if place.path == "/authorize":
                    asked = {key: values[0] for key, values in parse_qs(place.query).items()}
                    # The test puts the name where a browser would have a session of this provider.
                    answer = urlencode({"code": self.headers["Provider-User"], "state": asked["state"]})
                    self.send_response(302)
                    self.send_header("Location", f"{asked['redirect_uri']}?{answer}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                user = self.headers["Authorization"].split()[1]
                if user in provider.invalid:
                    self.send_error(401)
                else:
                    self._say({"username": user, "login": user, "email": "", "groups": provider.groups.get(user, [])})

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._say({"access_token": form["code"][0], "token_type": "bearer"})

            def _say(self, content: dict[str, object]) -> None:
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
