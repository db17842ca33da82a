// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sends those who come by plain http to https, and answers the questions by which an ACME server finds out whose the host is.
//
//   follow({listen, redirect})   opens, changes or closes it, as the settings say (see listen.cjs). "redirect" is null or
//                                {"port", "challenges"}: the folder into which certbot --webroot puts the answers, or "".
//
// The proxy has a --redirect-port of its own, but that knows no answers, listens on all addresses whatever --ip says, and
// when the port is taken it is silent for ever.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const { hold } = require("./hold.cjs");

// The whole address: nothing else of the folder can be asked for.
const CHALLENGE = /^\/\.well-known\/acme-challenge\/[A-Za-z0-9_-]+$/;
// A name or an address, then perhaps a port.
const HOST = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$/;
// Who gives the port up does so within seconds. A web server of the site's that is away for longer shall have it back, unless
// certificates depend on it.
const TRIES = 100;

let settings = {};
let open = { place: "", close() {} };

function answer(response, status, headers, text = "") {
  response.writeHead(status, { "Content-Length": Buffer.byteLength(text), ...headers });
  response.end(text);
}

function prove(url, response) {
  fs.readFile(path.join(settings.redirect.challenges, url), "utf8", (error, text) =>
    error ? answer(response, 404, {}) : answer(response, 200, { "Content-Type": "text/plain" }, text),
  );
}

function redirect(request, response) {
  const host = HOST.exec(request.headers.host ?? "");
  if (!host || !request.url.startsWith("/")) return answer(response, 400, {});
  const { port } = settings.listen;
  answer(response, 301, { Location: `https://${port === 443 ? host[1] : `${host[1]}:${port}`}${request.url}` });
}

function serve({ ip }, { port, challenges }) {
  const server = new http.Server((request, response) =>
    settings.redirect?.challenges && CHALLENGE.test(request.url) ? prove(request.url, response) : redirect(request, response),
  );
  server.on("listening", () => console.error(`Port ${server.address().port} sends people to https`));
  const trouble = (error) => console.error(`Nobody is sent from port ${port} to https, as long as another program has it: ${error.message}`);
  return hold(server, ip, port, trouble, challenges ? Infinity : TRIES);
}

function follow(found) {
  settings = found;
  const place = found.redirect ? JSON.stringify([found.listen.ip, found.redirect]) : "";
  if (place === open.place) return;
  open.close();
  open = { place, close: place ? serve(found.listen, found.redirect) : () => {} };
}

module.exports = { follow };
