// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the tests of the proxy's listeners share.
"use strict";

const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");
const { after } = require("node:test");

// Here and not where they start: within a test they would end with it.
const children = [];
after(() => children.forEach((child) => child.kill("SIGKILL")));

const program = (name) => path.join(__dirname, "../../../roles/jupyterhub_proxy/files", name);

// A folder that is there until the tests are through.
function folder(prefix) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
  after(() => fs.rmSync(made, { recursive: true }));
  const file = (name) => path.join(made, name);
  return { file, read: (name) => fs.readFileSync(file(name), "utf8") };
}

function makePair(file, name) {
  const subject = ["-subj", `/CN=${name}`, "-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject], { stdio: "ignore" });
}

const encrypt = (key, encrypted) =>
  execFileSync("openssl", ["pkey", "-in", key, "-aes256", "-passout", "pass:word", "-out", encrypted]);

// A process that ends with the tests; says() waits for what it writes, which is forgotten then.
function start(arguments_, env) {
  const child = spawn(process.execPath, arguments_, { env: { ...process.env, ...env } });
  children.push(child);
  let text = "";
  let look = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      text += data;
      look();
    });
  }
  child.says = (pattern) =>
    new Promise((resolve) => {
      look = () => {
        const found = pattern.exec(text);
        if (found) text = text.slice(found.index + found[0].length);
        if (found) resolve(found);
      };
      look();
    });
  return child;
}

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

// The answer of a server on this host, as {status, headers, text}.
function ask(port, url, { secure = false, headers = { Host: "hub.example.org" } } = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: url, headers, setHost: false, agent: false, rejectUnauthorized: false };
    const request = (secure ? https : http).request(options, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end();
  });
}

module.exports = { ask, encrypt, folder, freePort, makePair, program, start };
