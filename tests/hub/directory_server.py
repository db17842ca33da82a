# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real directory on this machine: OpenLDAP's slapd in a folder of its own, on free ports, with a certificate of its own."""

from __future__ import annotations

import datetime
import os
import shutil
import socket
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from running import free_ports, until

BASE = "dc=example,dc=org"
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
security simple_bind={strength}

database mdb
suffix {base}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to dn.base="cn=secret,{base}" by * none
access to * by users read by * none
"""
PEOPLE = {"ada": "ada's", "bob": "bob's", "search": "look(up)*"}
ENTRIES = """
dn: {base}
objectClass: dcObject
objectClass: organization
dc: example
o: example

dn: cn=staff,{base}
objectClass: groupOfNames
cn: staff
member: uid=ada,{base}

dn: cn=everybody,{base}
objectClass: groupOfNames
cn: everybody
member: cn=staff,{base}

dn: cn=secret,{base}
objectClass: groupOfNames
cn: secret
member: uid=ada,{base}
"""
PERSON = """
dn: uid={name},{base}
objectClass: inetOrgPerson
uid: {name}
cn: {name}
sn: {name}
userPassword: {password}
"""


def make_certificate(folder: Path, name: str = "localhost") -> Path:
    """Of no authority but itself, for the name and this machine's own address."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    no_password = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem"


class Directory:
    """``strength`` is the encryption, in bits, without which no password is taken."""

    def __init__(self, folder: Path, strength: int = 1) -> None:
        self.folder = folder
        self.certificate = make_certificate(folder)
        self.port, self.tls_port = free_ports(2)
        (folder / "data").mkdir()
        (folder / "slapd.conf").write_text(CONFIG.format(folder=folder, base=BASE, strength=strength))
        people = (PERSON.format(name=name, password=password, base=BASE) for name, password in PEOPLE.items())
        (folder / "entries.ldif").write_text(ENTRIES.format(base=BASE) + "".join(people))
        found = shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin")
        assert found, "there is no slapd here: ./dev unit installs it"
        # By their name they are what they do; and Ubuntu confines the one of the package to its own folders.
        self.program, tool = (Path(shutil.copy(found, folder / name)) for name in ("slapd", "slapadd"))
        subprocess.run([tool, "-f", folder / "slapd.conf", "-l", folder / "entries.ldif"], check=True, timeout=60, capture_output=True)
        self.start()

    def start(self) -> None:
        urls = f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.tls_port}"
        with (self.folder / "log").open("ab") as log:
            command = [self.program, "-f", self.folder / "slapd.conf", "-h", urls, "-d", "stats"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, 20, "slapd does not answer")

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
