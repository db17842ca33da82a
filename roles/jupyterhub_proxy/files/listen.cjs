// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
//   node --require listen.cjs …   inside configurable-http-proxy, which itself listens on a private socket only (--socket):
//                                 opens what people come to, and on SIGHUP changes it, certificate, port and all. Connections
//                                 that are open stay open.
//
// LISTEN_SETTINGS  file with {"listen": {"ip", "port"}, "tls": null or {"key", "certificate", "ciphers", "headers"},
//                  "redirect": null or {"port", "challenges"}}; an empty ip means all addresses, see redirect.cjs for the rest
// LISTEN_PEM       key and certificate as one file (see tls.cjs)
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const tls = require("node:tls");

const { hold } = require("./hold.cjs");
const redirect = require("./redirect.cjs");
const { explain } = require("./tls.cjs");

const { LISTEN_SETTINGS, LISTEN_PEM } = process.env;

// What is in force, and what serves it.
let settings;
let open;

const place = () => JSON.stringify([settings.listen, Boolean(settings.tls)]);

function read() {
  const found = JSON.parse(fs.readFileSync(LISTEN_SETTINGS, "utf8"));
  if (found.tls) {
    const pem = fs.readFileSync(LISTEN_PEM);
    found.tls.secure = { key: pem, cert: pem, ciphers: found.tls.ciphers, honorCipherOrder: true };
    tls.createSecureContext(found.tls.secure);
  }
  return found;
}

// The proxy tells the hub in X-Forwarded-For who has asked, but the hub believes X-Real-Ip more, which anybody can send.
// Without TLS another web server stands before the proxy, and says it.
function believeTheConnection(request) {
  if (settings.tls) delete request.headers["x-real-ip"];
}

// What browsers are told with every answer. What the hub or somebody's server says of it goes before.
function tell(response) {
  for (const [name, value] of Object.entries(settings.tls?.headers ?? {})) response.setHeader(name, value);
}

// Not by http.createServer, which is watched: see below.
function makeServer(proxy) {
  const options = { keepAlive: true, keepAliveTimeout: proxy.keepAliveTimeout };
  const server = settings.tls ? new https.Server({ ...options, ...settings.tls.secure }) : new http.Server(options);
  server.on("request", (request, response) => {
    believeTheConnection(request);
    tell(response);
    proxy.emit("request", request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    believeTheConnection(request);
    proxy.emit("upgrade", request, socket, head);
  });
  return server;
}

function certificateSaid() {
  if (!settings.tls) return "plain http";
  const { subject, validTo } = new crypto.X509Certificate(settings.tls.secure.cert);
  return `the certificate ${subject || "without a subject"}, valid to ${validTo}`;
}

// A port that another program has ends the proxy when it starts: systemd tries again, and knows. At a reload the program that
// has it may be about to give it up.
function serve(proxy, trouble) {
  const { ip, port } = settings.listen;
  const server = makeServer(proxy);
  server.on("listening", () => console.error(`People are served on port ${server.address().port} with ${certificateSaid()}`));
  open = { place: place(), server, close: hold(server, ip, port, trouble) };
}

function follow(proxy) {
  try {
    settings = read();
  } catch (error) {
    console.error(`SIGHUP: ${LISTEN_SETTINGS} or ${LISTEN_PEM} cannot be used, everything stays as it was: ${explain(error)}`);
    return;
  }
  redirect.follow(settings);
  if (place() === open.place) {
    if (settings.tls) open.server.setSecureContext(settings.tls.secure);
    console.error(`SIGHUP: new connections get ${certificateSaid()}`);
  } else {
    // First the old one: who sees the new one answer may take the old port.
    open.close();
    serve(proxy, (error) => console.error(`Nobody is served yet, it is tried again: ${error.message}`));
  }
}

function begin(proxy) {
  settings = read();
  serve(proxy, (error) => {
    console.error(`The proxy cannot serve: ${error.message}`);
    process.exit(1);
  });
  redirect.follow(settings);
  process.on("SIGHUP", () => follow(proxy));
}

// The proxy logs every uncaught error and lives on, even when it could not take a port: then nobody would know that its API is
// missing. Ending lets systemd try again.
function watch(server, socket) {
  server.on("error", (error) => {
    console.error(`The proxy cannot serve: ${error.message}`);
    if (!server.listening) process.exit(1);
  });
  server.on("listening", () => server.address() === socket && begin(server));
  return server;
}

const socket = process.argv[process.argv.indexOf("--socket") + 1];
for (const library of [http, https]) {
  const { createServer } = library;
  library.createServer = (...given) => watch(createServer(...given), socket);
}
