// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
//   node --require redirect.cjs …   beside the proxy, in its process: sends those who come by plain http to https, and
//                                   answers the questions by which an ACME server finds out whose the host is.
//
// REDIRECT_PORT        where it listens
// REDIRECT_IP          the address; empty: all of them
// REDIRECT_TO          the port of https
// REDIRECT_CHALLENGES  folder into which certbot --webroot puts the answers
//
// The proxy has a --redirect-port of its own, but that knows no answers, listens on all addresses whatever --ip says, and
// when the port is taken it is silent for ever.
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

// The whole address: nothing else of the folder can be asked for.
const CHALLENGE = /^\/\.well-known\/acme-challenge\/[A-Za-z0-9_-]+$/;
// A name or an address, then perhaps a port.
const HOST = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$/;
const AGAIN_MS = 5000;

const env = process.env;
const port = Number(env.REDIRECT_PORT);

function answer(response, status, headers, text = "") {
  response.writeHead(status, { "Content-Length": Buffer.byteLength(text), ...headers });
  response.end(text);
}

function prove(url, response) {
  fs.readFile(path.join(env.REDIRECT_CHALLENGES, url), "utf8", (error, text) =>
    error ? answer(response, 404, {}) : answer(response, 200, { "Content-Type": "text/plain" }, text),
  );
}

function redirect(request, response) {
  const host = HOST.exec(request.headers.host ?? "");
  if (!host || !request.url.startsWith("/")) return answer(response, 400, {});
  const place = env.REDIRECT_TO === "443" ? host[1] : `${host[1]}:${env.REDIRECT_TO}`;
  answer(response, 301, { Location: `https://${place}${request.url}` });
}

// Not by http.createServer: tls.cjs lets the proxy end when one of its own ports is taken. This one people can do without.
const server = new http.Server((request, response) =>
  CHALLENGE.test(request.url) ? prove(request.url, response) : redirect(request, response),
);
const listen = () => server.listen(port, env.REDIRECT_IP || undefined);

let told = false;
server.on("error", (error) => {
  if (!told) console.error(`Nobody is sent from port ${port} to https, it is tried again every ${AGAIN_MS / 1000} s: ${error.message}`);
  told = true;
  setTimeout(listen, AGAIN_MS);
});
server.on("listening", () => {
  told = false;
  console.error(`Port ${server.address().port} sends people to https`);
});
listen();
