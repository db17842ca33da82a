// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Gives configurable-http-proxy a certificate that can be renewed while it runs. Two halves, one file, as they share
// the check: what the first half lets pass is loaded by the same TLS library in the second.
//
//   node tls.cjs KEY CERTIFICATE PEM   run by root: checks the site's key and certificate and publishes them as one
//                                      file, which the proxy's account can read. Then sends SIGHUP to $MAINPID, if set.
//   node --require tls.cjs …           inside the proxy: on SIGHUP its server goes over to what --ssl-cert holds now.
//                                      Connections that are open stay open. Nobody can pose as another address.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const path = require("node:path");
const tls = require("node:tls");

// Why OpenSSL refuses a pair, for people. Its own words follow in brackets.
const REASONS = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "the key does not belong to the certificate",
  ERR_OSSL_PEM_NO_START_LINE: "there is no PEM block where a key or a certificate is expected",
  ERR_SSL_EE_KEY_TOO_SMALL: "the certificate's key is too small",
};

function explain(error) {
  return error.code in REASONS ? `${REASONS[error.code]} (${error.message})` : error.message;
}

// One file with key and chain: were they two, a reader could see one new and one old. (A site may keep both in one, too.)
function combine(...files) {
  return [...new Set(files)].map((file) => fs.readFileSync(file, "utf8").trimEnd() + "\n").join("");
}

function check(pem) {
  if (pem.includes("ENCRYPTED")) throw new Error("the key is encrypted; store it without a passphrase, readable by root only");
  tls.createSecureContext({ key: pem, cert: pem });
}

function publish(keyFile, certificateFile, pemFile) {
  const pem = combine(keyFile, certificateFile);
  check(pem);
  // The folder belongs to the unprivileged account: never follow or reuse what lies in it (flag "wx"), never name a
  // path twice between making the file and giving it away.
  const fresh = `${pemFile}.${crypto.randomUUID()}`;
  const handle = fs.openSync(fresh, "wx", 0o400);
  try {
    fs.writeSync(handle, pem);
    const owner = fs.statSync(path.dirname(pemFile));
    fs.fchownSync(handle, owner.uid, owner.gid);
    fs.renameSync(fresh, pemFile);
  } catch (error) {
    fs.unlinkSync(fresh);
    throw error;
  } finally {
    fs.closeSync(handle);
  }
}

function command(keyFile, certificateFile, pemFile) {
  try {
    publish(keyFile, certificateFile, pemFile);
  } catch (error) {
    const kept = process.env.MAINPID ? " The proxy goes on with the certificate that it has." : "";
    console.error(`The certificate ${certificateFile} with the key ${keyFile} cannot be used: ${explain(error)}.${kept}`);
    process.exit(1);
  }
  if (process.env.MAINPID) process.kill(Number(process.env.MAINPID), "SIGHUP");
}

// --- inside the proxy ---

const followers = [];

function reload(pemFile) {
  if (!followers.length) {
    console.error("SIGHUP: there is no certificate to reload, as the proxy serves without TLS");
    return;
  }
  try {
    const pem = fs.readFileSync(pemFile);
    for (const { server, options } of followers) server.setSecureContext({ ...options, key: pem, cert: pem });
    const { subject, validTo } = new crypto.X509Certificate(pem);
    console.error(`SIGHUP: new connections get the certificate in ${pemFile} (${subject || "no subject"}, valid to ${validTo})`);
  } catch (error) {
    console.error(`SIGHUP: ${pemFile} cannot be used, the certificate stays as it was: ${explain(error)}`);
  }
}

// The proxy logs every uncaught error and lives on, even when it could not take its port: then nothing would serve
// and systemd would not know. Ending lets systemd try again.
function endUnlessListening(server) {
  server.on("error", (error) => {
    console.error(`The proxy cannot serve: ${error.message}`);
    if (!server.listening) process.exit(1);
  });
  return server;
}

// The proxy tells the hub in X-Forwarded-For who has asked, but the hub believes X-Real-Ip more, which anybody can send.
function believeTheConnection(server) {
  for (const event of ["request", "upgrade"]) server.prependListener(event, (request) => delete request.headers["x-real-ip"]);
}

// What browsers are told with every answer. What the hub or somebody's server says of it goes before.
function tell(server, headers) {
  server.prependListener("request", (_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  });
}

function hook(pemFile, headers) {
  const { createServer } = http;
  const { createServer: createSecureServer } = https;
  http.createServer = (...given) => endUnlessListening(createServer(...given));
  https.createServer = (options, ...rest) => {
    const server = endUnlessListening(createSecureServer(options, ...rest));
    // The REST API may have a certificate of its own (--api-ssl-cert); only servers with the public one follow it.
    if (pemFile && options.cert && fs.readFileSync(pemFile).equals(options.cert)) {
      followers.push({ server, options });
      believeTheConnection(server);
      tell(server, headers);
    }
    return server;
  };
  process.on("SIGHUP", () => reload(pemFile));
}

function argument(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? "" : process.argv[at + 1];
}

if (require.main === module) command(...process.argv.slice(2));
else hook(argument("--ssl-cert"), JSON.parse(process.env.HUBSMITH_PROXY_HEADERS ?? "{}"));
