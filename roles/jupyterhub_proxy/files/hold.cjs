// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
//   hold(server, ip, port, trouble, tries)   has the server listen as soon as it can have the port, which it tries ten times a
//                                            second. `trouble` is called once, with the first error. Returns what ends it.
"use strict";

const AGAIN_MS = 100;

function hold(server, ip, port, trouble, tries = Infinity) {
  let ended = false;
  let failed = 0;
  const listen = () => ended || server.listen(port, ip || undefined);
  server.on("error", (error) => {
    // What befalls a single connection.
    if (server.listening) return console.error(`Port ${port}: ${error.message}`);
    failed += 1;
    if (failed === 1) trouble(error);
    if (failed < tries) setTimeout(listen, AGAIN_MS);
  });
  listen();
  return () => {
    ended = true;
    server.close();
  };
}

module.exports = { hold };
