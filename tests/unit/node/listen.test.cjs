// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Run by: node --test tests/unit/node/listen.test.cjs. Needs openssl.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const net = require("node:net");
const { once } = require("node:events");
const { test } = require("node:test");
const tls = require("node:tls");

const { ask, folder, freePort, makePair, program, start } = require("./listening.cjs");

const { file, read } = folder("listen-");
for (const name of ["a", "b"]) makePair(file, name);

// In place of the proxy: a server on a socket that tells what it was asked, and echoes on upgraded connections.
const SERVER = `
  import http from "node:http";
  const server = http.createServer({ keepAliveTimeout: 4000 }, (asked, answer) => {
    answer.setHeader("content-type", "application/json").end(JSON.stringify(asked.headers));
  });
  server.on("upgrade", (asked, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: echo\\r\\nConnection: Upgrade\\r\\n\\r\\n");
    socket.pipe(socket);
  });
  server.listen(process.argv[3]);
  if (process.argv[4]) http.createServer().listen(Number(process.argv[4]), "127.0.0.1");
  process.on("uncaughtException", (error) => console.error("survived", error.message));`;
fs.writeFileSync(file("server.mjs"), SERVER);

let number = 0;

// The port is one that was free a moment ago, as a reload does not move a port 0.
function proxy(settings, ...more) {
  const [name, pem] = [`${++number}.json`, `${number}.pem`].map((given) => file(given));
  const env = { LISTEN_SETTINGS: name, LISTEN_PEM: pem };
  const write = ({ pair, ...rest }) => {
    fs.writeFileSync(name, JSON.stringify({ listen: { ip: "127.0.0.1", port: 0 }, tls: null, redirect: null, ...rest }));
    if (pair) fs.writeFileSync(pem, read(`${pair}.key`) + read(`${pair}.crt`));
  };
  write(settings);
  const child = start(["--require", program("listen.cjs"), file("server.mjs"), "--socket", file(`${number}.sock`), ...more], env);
  child.follow = (given) => {
    write(given);
    child.kill("SIGHUP");
  };
  child.pem = pem;
  child.port = async () => Number((await child.says(/served on port (\d+)/))[1]);
  return child;
}

const secure = (port, pair, headers = {}) => ({ listen: { ip: "127.0.0.1", port }, tls: { ciphers: "", headers }, pair });
const plain = (port) => ({ listen: { ip: "127.0.0.1", port } });

async function websocket(port, certified) {
  const socket = certified
    ? tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false })
    : net.connect({ port, host: "127.0.0.1" });
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  await once(socket, "data");
  socket.echoes = async () => {
    socket.write("still here");
    return String((await once(socket, "data"))[0]);
  };
  return socket;
}

async function served(port) {
  const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return name;
}

test("SIGHUP swaps the certificate, open connections stay, a broken file changes nothing", { timeout: 20000 }, async () => {
  const child = proxy(secure(0, "a"));
  const port = await child.port();
  const old = await websocket(port, true);
  assert.equal(await served(port), "a");

  child.follow(secure(0, "b"));
  await child.says(/new connections get the certificate CN=b/);
  assert.equal(await served(port), "b");

  fs.writeFileSync(child.pem, "rubbish");
  child.kill("SIGHUP");
  await child.says(/everything stays as it was/);
  assert.equal(await served(port), "b");
  assert.equal(await old.echoes(), "still here");
  old.destroy();
});

test("SIGHUP moves from TLS on one port to plain http on another and back, open connections stay", { timeout: 20000 }, async () => {
  const [public_, inner] = [await freePort(), await freePort()];
  const child = proxy(secure(public_, "a"));
  assert.equal(await child.port(), public_);
  const before = await websocket(public_, true);

  child.follow(plain(inner));
  assert.equal(await child.port(), inner);
  assert.equal((await ask(inner, "/")).status, 200);
  await assert.rejects(ask(public_, "/", { secure: true }), /ECONNREFUSED/);
  const between = await websocket(inner, false);

  child.follow(secure(public_, "b"));
  assert.equal(await child.port(), public_);
  assert.equal(await served(public_), "b");
  await assert.rejects(ask(inner, "/"), /ECONNREFUSED/);
  for (const socket of [before, between]) {
    assert.equal(await socket.echoes(), "still here");
    socket.destroy();
  }
});

test("a port that another program has is waited for after SIGHUP", { timeout: 20000 }, async () => {
  const child = proxy(plain(0));
  await child.port();
  const holder = net.createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  child.follow(plain(holder.address().port));
  await child.says(/Nobody is served yet, it is tried again: .*EADDRINUSE/);
  holder.close();
  assert.equal((await ask(await child.port(), "/")).status, 200);
});

for (const what of ["people's port", "a port of the proxy's own"]) {
  test(`${what} that is taken ends the process that starts`, { timeout: 20000 }, async () => {
    const port = await proxy(plain(0)).port();
    const child = what === "people's port" ? proxy(plain(port)) : proxy(plain(0), String(port));
    assert.deepEqual((await once(child, "exit"))[0], 1);
  });
}

test("the port that sends people to https comes and goes", { timeout: 20000 }, async () => {
  const child = proxy(secure(0, "a"));
  await child.port();
  const redirect = { port: await freePort(), challenges: "" };
  child.follow({ ...secure(0, "a"), redirect });
  await child.says(/sends people to https/);
  assert.equal((await ask(redirect.port, "/")).status, 301);
  child.follow(secure(0, "a"));
  await child.says(/new connections get/);
  await assert.rejects(ask(redirect.port, "/"), /ECONNREFUSED/);
});

test("nobody poses as another address, unless a web server stands before the proxy", { timeout: 20000 }, async () => {
  const headers = { Host: "x", "X-Real-IP": "203.0.113.9", "X-Other": "stays" };
  const heard = async (settings) => {
    const port = await proxy(settings).port();
    return JSON.parse((await ask(port, "/", { secure: Boolean(settings.tls), headers })).text);
  };
  const [public_, behind] = [await heard(secure(0, "a")), await heard(plain(0))];
  assert.equal(public_["x-other"], "stays");
  assert.equal(public_["x-real-ip"], undefined);
  assert.equal(behind["x-real-ip"], "203.0.113.9");
});

test("browsers are told headers, unless the answer itself has them, and others after SIGHUP", { timeout: 20000 }, async () => {
  const child = proxy(secure(0, "a", { "X-Told": "yes", "Content-Type": "text/odd" }));
  const port = await child.port();
  const { headers } = await ask(port, "/", { secure: true });
  assert.equal(headers["x-told"], "yes");
  assert.equal(headers["content-type"], "application/json");
  child.follow(secure(0, "a", { "X-Told": "other" }));
  await child.says(/new connections get/);
  assert.equal((await ask(port, "/", { secure: true })).headers["x-told"], "other");
});
