// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Run by: node --test tests/unit/node/tls.test.cjs. Needs openssl.
"use strict";

const assert = require("node:assert");
const { execFileSync, spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const https = require("node:https");
const os = require("node:os");
const path = require("node:path");
const { after, test } = require("node:test");
const tls = require("node:tls");

const HOOK = path.join(__dirname, "../../../roles/jupyterhub_proxy/files/tls.cjs");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tls-"));
const file = (name) => path.join(folder, name);
const read = (name) => fs.readFileSync(file(name), "utf8");
const children = [];
after(() => {
  children.forEach((child) => child.kill("SIGKILL"));
  fs.rmSync(folder, { recursive: true });
});

for (const name of ["a", "b"]) {
  const subject = ["-subj", `/CN=${name}`, "-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject], { stdio: "ignore" });
}
execFileSync("openssl", ["pkey", "-in", file("a.key"), "-aes256", "-passout", "pass:word", "-out", file("encrypted.key")]);

const publish = (key, certificate) =>
  spawnSync(process.execPath, [HOOK, file(key), file(certificate), file("tls.pem")], { encoding: "utf8", env: {} });

// A server under the hook, in place of the proxy: what --ssl-cert names is its key and certificate.
const SERVER = `
  import https from "node:https";
  import http from "node:http";
  import fs from "node:fs";
  const pem = process.argv[3] && fs.readFileSync(process.argv[3]);
  const server = pem ? https.createServer({ key: pem, cert: pem }) : http.createServer();
  server.on("request", (asked, answer) => answer.setHeader("content-type", "application/json").end(JSON.stringify(asked.headers)));
  server.listen(Number(process.argv[5] ?? 0), "127.0.0.1", () => console.log(server.address().port));
  process.on("uncaughtException", (error) => console.error("survived", error.message));`;
fs.writeFileSync(path.join(folder, "server.mjs"), SERVER);

function start(...given) {
  const child = spawn(process.execPath, ["--require", HOOK, file("server.mjs"), ...given]);
  children.push(child);
  child.lines = (pattern) =>
    new Promise((resolve) => {
      let text = "";
      const look = (data) => (text += data).match(pattern) && resolve(text);
      child.stdout.on("data", look);
      child.stderr.on("data", look);
    });
  return child;
}

const connect = (port) =>
  new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => resolve(socket));
    socket.on("error", reject);
  });

const served = async (port) => {
  const socket = await connect(port);
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return name;
};

test("key and certificate are published as one private file", () => {
  assert.equal(publish("a.key", "a.crt").status, 0);
  assert.equal(read("tls.pem"), read("a.key") + read("a.crt"));
  assert.equal(fs.statSync(file("tls.pem")).mode & 0o777, 0o400);
});

for (const [key, certificate, reason] of [
  ["b.key", "a.crt", /does not belong to the certificate/],
  ["a.key", "a.key", /no PEM block/],
  ["encrypted.key", "a.crt", /is encrypted/],
  ["none.key", "a.crt", /no such file/],
]) {
  test(`${key} with ${certificate} is refused and the published file stays`, () => {
    publish("a.key", "a.crt");
    const done = publish(key, certificate);
    assert.equal(done.status, 1);
    assert.match(done.stderr, reason);
    assert.equal(read("tls.pem"), read("a.key") + read("a.crt"));
    assert.deepEqual(fs.readdirSync(folder).filter((name) => name.startsWith("tls.pem.")), []);
  });
}

test("what cannot be put in place leaves nothing behind", () => {
  fs.rmSync(file("tls.pem"), { force: true });
  fs.mkdirSync(file("tls.pem"));
  assert.equal(publish("a.key", "a.crt").status, 1);
  assert.deepEqual(fs.readdirSync(folder).filter((name) => name.startsWith("tls.pem.")), []);
  fs.rmdirSync(file("tls.pem"));
});

test("SIGHUP swaps the certificate, open connections stay, a broken file changes nothing", { timeout: 20000 }, async () => {
  publish("a.key", "a.crt");
  const child = start("--ssl-cert", file("tls.pem"));
  const port = Number(await child.lines(/\d+\n/));
  const old = await connect(port);
  let closed = false;
  old.on("close", () => (closed = true));
  assert.equal(await served(port), "a");

  publish("b.key", "b.crt");
  child.kill("SIGHUP");
  await child.lines(/new connections get the certificate .*CN=b/);
  assert.equal(await served(port), "b");

  fs.rmSync(file("tls.pem"));
  fs.writeFileSync(file("tls.pem"), "rubbish");
  child.kill("SIGHUP");
  await child.lines(/stays as it was/);
  assert.equal(await served(port), "b");
  assert.equal(closed, false);
  old.destroy();
  fs.rmSync(file("tls.pem"));
});

test("nobody poses as another address", { timeout: 20000 }, async () => {
  publish("a.key", "a.crt");
  const port = Number(await start("--ssl-cert", file("tls.pem")).lines(/\d+\n/));
  const headers = { "X-Real-IP": "203.0.113.9", "X-Other": "stays" };
  const text = await new Promise((resolve) =>
    https.get({ port, host: "127.0.0.1", rejectUnauthorized: false, headers, agent: false }, (answer) => answer.on("data", (data) => resolve(String(data)))),
  );
  assert.equal(JSON.parse(text)["x-other"], "stays");
  assert.equal(JSON.parse(text)["x-real-ip"], undefined);
});

test("browsers are told headers, unless the answer itself has them", { timeout: 20000 }, async () => {
  publish("a.key", "a.crt");
  process.env.HUBSMITH_PROXY_HEADERS = JSON.stringify({ "X-Told": "yes", "Content-Type": "text/odd" });
  const port = Number(await start("--ssl-cert", file("tls.pem")).lines(/\d+\n/));
  delete process.env.HUBSMITH_PROXY_HEADERS;
  const headers = await new Promise((resolve) =>
    https.get({ port, host: "127.0.0.1", rejectUnauthorized: false, agent: false }, (answer) => resolve(answer.resume().headers)),
  );
  assert.equal(headers["x-told"], "yes");
  assert.equal(headers["content-type"], "application/json");
});

test("SIGHUP without TLS does not end the process", { timeout: 20000 }, async () => {
  const child = start();
  await child.lines(/\d+\n/);
  child.kill("SIGHUP");
  await child.lines(/without TLS/);
  assert.equal(child.exitCode, null);
});

test("a port that is taken ends the process", { timeout: 20000 }, async () => {
  const port = (await start().lines(/\d+\n/)).trim();
  const second = start("", "", "", port);
  assert.equal(await new Promise((resolve) => second.on("exit", resolve)), 1);
});
