// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
//   node tls.cjs SETTINGS PEM   run by root before the proxy starts and at each reload: checks the site's key and certificate,
//                               which SETTINGS names, and publishes them as one file, which the proxy's account can read.
//                               Then sends SIGHUP to $MAINPID, if set, which takes up SETTINGS and PEM (see listen.cjs).
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
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

function command(settingsFile, pemFile) {
  const kept = process.env.MAINPID ? " The proxy goes on with what it has." : "";
  const end = (sentence) => {
    console.error(`${sentence}.${kept}`);
    process.exit(1);
  };
  let settings;
  try {
    settings = JSON.parse(fs.readFileSync(settingsFile, "utf8"));
  } catch (error) {
    end(`The settings ${settingsFile} cannot be read: ${error.message}`);
  }
  const { key, certificate } = settings.tls ?? {};
  try {
    if (certificate) publish(key, certificate, pemFile);
    // No copy of a key outlives its use.
    else fs.rmSync(pemFile, { force: true });
  } catch (error) {
    end(`The certificate ${certificate} with the key ${key} cannot be used: ${explain(error)}`);
  }
  if (process.env.MAINPID) process.kill(Number(process.env.MAINPID), "SIGHUP");
}

module.exports = { explain };
if (require.main === module) command(...process.argv.slice(2));
