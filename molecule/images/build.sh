#!/bin/sh
# build.sh bookworm|trixie|browser: makes the image hubsmith-test:<name>, unless the one that is there has the same recipe.
set -eu
name=$1
here=$(cd "$(dirname "$0")" && pwd)
tag=hubsmith-test:$name
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo

# Two machines of one kind are created at the same time: the second waits for the image of the first.
exec 9>"${TMPDIR:-/tmp}/hubsmith-image-$name.$(id -u).lock"
flock 9

debian() { # the base: a registry's image where one answers, else Debian's packages
  base=debian:$1-slim
  docker image inspect "$base" >/dev/null 2>&1 && return
  timeout 120 docker pull -q "$base" >/dev/null 2>&1 && return
  base=hubsmith-base:$1
  docker image inspect "$base" >/dev/null 2>&1 && return
  # A folder of its own: mmdebstrap unpacks below TMPDIR, and apt's own user must be able to enter that.
  $sudo mmdebstrap --quiet --variant=minbase --aptopt='APT::Sandbox::User "root"' "$1" - >"$context/base.tar"
  docker import "$context/base.tar" "$base" >/dev/null
  rm "$context/base.tar"
}

authorities() { # the host's own (a TLS-intercepting proxy's, say): those in its bundle that Debian does not ship
  python3 - "$1" <<'PY'
import glob, os, re, sys
pem = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)
bundle = os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
known = {c for name in glob.glob("/usr/share/ca-certificates/**/*.crt", recursive=True) for c in pem.findall(open(name).read())}
extra = [c for c in pem.findall(open(bundle).read()) if c not in known] if known and os.path.exists(bundle) else []
for number, cert in enumerate(extra):
    with open(os.path.join(sys.argv[1], f"host-{number}.crt"), "w") as file:
        file.write(cert + "\n")
PY
}

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
case $name in
  browser)
    sh "$0" trixie >/dev/null
    cp -p "$here"/browser/* "$context/"
    base=hubsmith-test:trixie
    state=$(docker image inspect -f '{{ .Id }}' "$base")
    ;;
  *)
    cp -p "$here"/machine/* "$context/"
    mkdir "$context/ca"
    authorities "$context/ca"
    state=$name
    ;;
esac

# The image is labelled by its recipe, so that a changed recipe makes a new one.
want=$({ echo "$state"; cd "$context"; find . -type f | sort | xargs cat; } | sha256sum | cut -c1-16)
have=$(docker image inspect -f '{{ index .Config.Labels "recipe" }}' "$tag" 2>/dev/null || true)
if [ "$have" = "$want" ]; then echo present; exit 0; fi

[ "$name" = browser ] || debian "$name"
DOCKER_BUILDKIT=0 docker build -q --build-arg "BASE=$base" --label "recipe=$want" -t "$tag" "$context" >/dev/null 2>&1
echo "built from $base"
