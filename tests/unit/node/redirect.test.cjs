// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Run by: node --test tests/unit/node/redirect.test.cjs.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const net = require("node:net");
const { before, test } = require("node:test");

const { ask: get, folder, program, start: run } = require("./listening.cjs");

const { file } = folder("redirect-");
const challenges = file(".well-known/acme-challenge");
fs.mkdirSync(challenges, { recursive: true });
fs.writeFileSync(`${challenges}/asked_For-1`, "the answer");
fs.writeFileSync(file("secret"), "nobody's business");

function start(port, to, folder_ = file("")) {
  const settings = { listen: { ip: "127.0.0.1", port: to }, redirect: { port, challenges: folder_ } };
  return run(["-e", `require(${JSON.stringify(program("redirect.cjs"))}).follow(${JSON.stringify(settings)})`]);
}

async function ask(port, url, headers = { Host: "hub.example.org" }) {
  const { status, headers: told, text } = await get(port, url, { headers });
  return { status, place: told.location, text };
}

let plain, other;
before(async () => {
  [plain, other] = await Promise.all(
    [443, 8443].map(async (to) => (await start(0, to).says(/Port (\d+) sends/))[1]),
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

async function taken() {
  const holder = net.createServer();
  const port = await new Promise((resolve) => holder.listen(0, "127.0.0.1", () => resolve(holder.address().port)));
  return { holder, port };
}

test("a taken port is told, and taken when it is free", { timeout: 20000 }, async () => {
  const { holder, port } = await taken();
  const child = start(port, 443);
  await child.says(/Nobody is sent from port \d+ to https, .*EADDRINUSE/);
  holder.close();
  await child.says(/Port \d+ sends people to https/);
  assert.equal((await ask(port, "/")).status, 301);
});

test("a port on which no certificate depends is left to who has had it for long", { timeout: 30000 }, async () => {
  const { holder, port } = await taken();
  const child = start(port, 443, "");
  // With nothing left to try it ends.
  await new Promise((resolve) => child.on("exit", resolve));
  holder.close();
});

test("without a folder challenges are as any other address", async () => {
  const [, port] = await start(0, 443, "").says(/Port (\d+) sends/);
  assert.equal((await ask(port, "/.well-known/acme-challenge/asked_For-1")).status, 301);
});
