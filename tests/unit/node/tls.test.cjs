// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Run by: node --test tests/unit/node/tls.test.cjs. Needs openssl.
"use strict";

const assert = require("node:assert");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const { test } = require("node:test");

const { program, folder, makePair, encrypt } = require("./listening.cjs");

const { file, read } = folder("tls-");
for (const name of ["a", "b"]) makePair(file, name);
encrypt(file("a.key"), file("encrypted.key"));

function publish(key, certificate) {
  fs.writeFileSync(file("listen.json"), JSON.stringify({ tls: certificate ? { key: file(key), certificate: file(certificate) } : null }));
  return spawnSync(process.execPath, [program("tls.cjs"), file("listen.json"), file("tls.pem")], { encoding: "utf8", env: {} });
}

const parts = () => fs.readdirSync(file("")).filter((name) => name.startsWith("tls.pem."));

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
    assert.deepEqual(parts(), []);
  });
}

test("what cannot be put in place leaves nothing behind", () => {
  fs.rmSync(file("tls.pem"), { force: true });
  fs.mkdirSync(file("tls.pem"));
  assert.equal(publish("a.key", "a.crt").status, 1);
  assert.deepEqual(parts(), []);
  fs.rmdirSync(file("tls.pem"));
});

test("without a certificate no copy of a key stays", () => {
  publish("a.key", "a.crt");
  assert.equal(publish().status, 0);
  assert.equal(fs.existsSync(file("tls.pem")), false);
});

test("settings that cannot be read are refused", () => {
  const done = spawnSync(process.execPath, [program("tls.cjs"), file("none.json"), file("tls.pem")], { encoding: "utf8", env: {} });
  assert.equal(done.status, 1);
  assert.match(done.stderr, /settings .*none.json cannot be read/);
});
