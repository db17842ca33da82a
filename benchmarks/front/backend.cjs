// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is asked for through proxy and fronts: answers that cost next to nothing to make. node backend.cjs PORT BYTES
"use strict";

const fs = require("node:fs");
const http = require("node:http");

const [port, bytes] = process.argv.slice(2).map(Number);

http
  .createServer((request, response) => {
    const long = request.url.endsWith("/long");
    response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": long ? bytes : 3 });
    if (long) fs.createReadStream("/dev/zero", { end: bytes - 1, highWaterMark: 2 ** 20 }).pipe(response);
    else response.end("ok\n");
  })
  .listen(port, "127.0.0.1");
