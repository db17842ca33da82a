#!/bin/sh
# Makes an authority, and with it the certificate of the ACME server's own address, which is the machine's name.
set -eu
mkdir -p /etc/pebble
cd /etc/pebble
name=$(hostname)
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
# Python 3.13 takes no authority that does not say what its key is for.
# shellcheck disable=SC2086 # several words
openssl req -x509 $key -days 30 -subj '/CN=ca' -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem
# shellcheck disable=SC2086 # several words
openssl req $key -subj "/CN=$name" -keyout server.key -out server.csr
printf 'subjectAltName = DNS:%s, DNS:localhost\nauthorityKeyIdentifier = keyid\n' "$name" > names
openssl x509 -req -days 30 -in server.csr -extfile names -CA ca.pem -CAkey ca.key -out server.pem
