// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Run by: node --test tests/unit/node/redirect.test.cjs.
"use strict";

const assert = require("node:assert");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const { after, before, test } = require("node:test");

const LISTENER = path.join(__dirname, "../../../roles/jupyterhub_proxy/files/redirect.cjs");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "redirect-"));
const children = [];
after(() => {
  children.forEach((child) => child.kill("SIGKILL"));
  fs.rmSync(folder, { recursive: true });
});

const challenges = path.join(folder, ".well-known/acme-challenge");
fs.mkdirSync(challenges, { recursive: true });
fs.writeFileSync(path.join(challenges, "asked_For-1"), "the answer");
fs.writeFileSync(path.join(folder, "secret"), "nobody's business");

function start(port, to) {
  const env = { ...process.env, REDIRECT_PORT: port, REDIRECT_IP: "127.0.0.1", REDIRECT_TO: to, REDIRECT_CHALLENGES: folder };
  const child = spawn(process.execPath, ["--require", LISTENER, "-e", "setInterval(() => {}, 1000)"], { env });
  children.push(child);
  let text = "";
  const waiting = [];
  child.stderr.on("data", (data) => {
    text += data;
    waiting.forEach((look) => look());
  });
  child.says = (pattern) =>
    new Promise((resolve) => {
      const look = () => pattern.test(text) && resolve(pattern.exec(text));
      waiting.push(look);
      look();
    });
  return child;
}

function ask(port, url, headers = { Host: "hub.example.org" }) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path: url, headers, setHost: false }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode, place: response.headers.location, text }));
    });
    request.on("error", reject);
    request.end();
  });
}

let plain, other;
before(async () => {
  [plain, other] = await Promise.all(
    ["443", "8443"].map(async (to) => (await start("0", to).says(/Port (\d+) sends/))[1]),
  );
});

test("people are sent to https, to the same page", async () => {
  const { status, place } = await ask(plain, "/hub/login?next=%2Fuser");
  assert.equal(status, 301);
  assert.equal(place, "https://hub.example.org/hub/login?next=%2Fuser");
});

test("the port they came by is replaced by that of https", async () => {
  assert.equal((await ask(plain, "/", { Host: "hub.example.org:80" })).place, "https://hub.example.org/");
  assert.equal((await ask(other, "/", { Host: "[::1]:80" })).place, "https://[::1]:8443/");
});

for (const host of [undefined, "", "a b", "evil.example/", "user@evil.example", "hub.example.org:x"]) {
  test(`a host like ${host} is refused`, async () => {
    assert.equal((await ask(plain, "/", host === undefined ? {} : { Host: host })).status, 400);
  });
}

test("the answer to a challenge is given", async () => {
  const { status, text } = await ask(plain, "/.well-known/acme-challenge/asked_For-1");
  assert.deepEqual([status, text], [200, "the answer"]);
});

test("a challenge that nobody set is unknown", async () => {
  assert.equal((await ask(plain, "/.well-known/acme-challenge/other")).status, 404);
});

for (const escape of ["../../secret", "..%2f..%2fsecret", "asked_For-1/", "asked_For-1?x", ""]) {
  test(`nothing else can be asked for: ${escape}`, async () => {
    const { status, text } = await ask(plain, `/.well-known/acme-challenge/${escape}`);
    assert.equal(status, 301);
    assert.equal(text, "");
  });
}

test("a taken port is told, and taken when it is free", async () => {
  const holder = net.createServer();
  const port = await new Promise((resolve) => holder.listen(0, "127.0.0.1", () => resolve(holder.address().port)));
  const child = start(String(port), "443");
  await child.says(/Nobody is sent from port \d+ to https, .*EADDRINUSE/);
  holder.close();
  await child.says(/Port \d+ sends people to https/);
  assert.equal((await ask(port, "/")).status, 301);
});
