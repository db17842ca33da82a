#!/bin/sh
# build.sh bookworm|trixie|browser|hub: makes the image hubsmith-test:<name>, unless the one that is there has the same recipe.
set -eu
name=$1
here=$(cd "$(dirname "$0")" && pwd)
tag=hubsmith-test:$name
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo

wait_for() { # wait_for NAME: machines are created at the same time; what they share is made once
  exec 9>"${TMPDIR:-/tmp}/hubsmith-image-$1.$(id -u).lock"
  flock 9
}

base_of() { # base_of SUITE: a registry's image where one answers, else one made of Debian's packages
  base=debian:$1-slim
  docker image inspect "$base" >/dev/null 2>&1 && return
  timeout 120 docker pull -q "$base" >/dev/null 2>&1 && return
  base=hubsmith-base:$1
  docker image inspect "$base" >/dev/null 2>&1 && return
  (wait_for apt; command -v mmdebstrap >/dev/null || install_mmdebstrap)
  # Without that option apt's own user would have to be able to enter the folder.
  $sudo mmdebstrap --quiet --variant=minbase --aptopt='APT::Sandbox::User "root"' "$1" - >"$context/base.tar"
  docker import "$context/base.tar" "$base" >/dev/null
  rm "$context/base.tar"
}

install_mmdebstrap() {
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap debian-archive-keyring >/dev/null 2>&1
}

authorities() { # authorities FOLDER: the host's own (a TLS-intercepting proxy's, say), which Debian does not ship
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

make_hub() { # a machine on which the roles have installed a hub
  export MOLECULE_SCENARIO_NAME=image-hub
  play="ansible-playbook --inventory $here/hub/inventory"
  trap '$play "$here/../shared/destroy.yml" >/dev/null; rm -rf "$context"' EXIT
  $play "$here/../shared/destroy.yml" "$here/../shared/create.yml" "$here/hub/install.yml" >"$context/log" 2>&1 ||
    { cat "$context/log" >&2; exit 1; }
  docker commit --change "LABEL recipe=$want" image-hub "$tag" >/dev/null
  echo "$tag built from $base"
}

wait_for "$name"
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
case $name in
  browser)
    sh "$0" trixie
    base=hubsmith-test:trixie
    cp -p "$here"/browser/* "$context/"
    below=$(docker image inspect -f '{{ .Id }}' "$base")
    ;;
  hub)
    sh "$0" trixie
    base=hubsmith-test:trixie
    # What is installed has its versions from these; everything else a scenario's own converge brings up to date.
    roles=$(cd "$here/../../roles" && pwd)
    (cd "$roles" && cp --parents -- */files/requirements.txt */files/package-lock.json "$context/")
    cp -p "$here"/hub/install.yml "$context/"
    below=$(docker image inspect -f '{{ .Id }}' "$base")
    ;;
  *)
    cp -p "$here"/machine/* "$context/"
    mkdir "$context/ca"
    authorities "$context/ca"
    below=$name
    ;;
esac

# The image is labelled by its recipe, so that a changed recipe makes a new one.
want=$({ echo "$below"; cd "$context"; find . -type f | sort | xargs cat; } | sha256sum | cut -c1-16)
have=$(docker image inspect -f '{{ index .Config.Labels "recipe" }}' "$tag" 2>/dev/null || true)
[ "$have" != "$want" ] || exit 0

if [ "$name" = hub ]; then
  make_hub
  exit
fi
[ "$name" = browser ] || base_of "$name"
DOCKER_BUILDKIT=0 docker build -q --build-arg "BASE=$base" --label "recipe=$want" -t "$tag" "$context" >"$context.log" 2>&1 ||
  { cat "$context.log" >&2; rm "$context.log"; exit 1; }
rm "$context.log"
echo "$tag built from $base"
