#!/bin/sh
# Makes an authority with the server's certificate, and another with a certificate for the same name.
set -eu
mkdir -p /etc/ldap/tls
cd /etc/ldap/tls
for name in ca stranger-ca; do
  # Python 3.13 takes no authority that does not say what its key is for.
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$name" -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$name.key" -out "$name.pem"
done
openssl req -newkey rsa:2048 -nodes -subj /CN=directory.example.test -keyout server.key -out server.csr
printf 'subjectAltName = DNS:directory.example.test\nauthorityKeyIdentifier = keyid\n' > names
openssl x509 -req -days 30 -in server.csr -extfile names -CA ca.pem -CAkey ca.key -out good.pem
openssl x509 -req -days 30 -in server.csr -extfile names -CA stranger-ca.pem -CAkey stranger-ca.key -out stranger.pem
cp good.pem server.pem
chown -R openldap .
