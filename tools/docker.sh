# shellcheck shell=bash
# Docker Engine: the one that answers, else the distribution's.
set -euo pipefail
: "${path:?}" "${call?}"

docker_state() { # answers, denied or absent
  local said
  if said=$(timeout 30 docker info 2>&1); then
    echo answers
  elif grep -qi 'permission denied' <<<"$said"; then
    echo denied
  else
    echo absent
  fi
}

engine() {
  [[ $(docker_state) = answers ]] || step "Docker Engine" make_engine
}

make_engine() {
  [[ $(docker_state) != absent || $(PATH=$PATH:/usr/sbin type -P dockerd) ]] || apt_install "Installing Docker Engine" docker.io iptables
  [[ $(type -P docker) ]] || apt_install "Installing Docker's client" docker-cli # a package of its own since Debian 13
  [[ $(docker_state) != absent ]] || start_engine
  [[ $(docker_state) = answers ]] || with_docker_group
}

images() { # images NAME...: at the same time; here, as Molecule could not ask for sudo's password
  local name builds=() build
  for name in "$@"; do
    molecule/images/build.sh "$name" &
    builds+=($!)
  done
  for build in "${builds[@]}"; do
    wait "$build" || die "A test machine's image could not be built (see above): check that this machine reaches Debian's packages or a registry."
  done
}

start_engine() {
  need_root "Starting Docker Engine"
  if [[ -d /run/systemd/system ]]; then
    as_root systemctl start docker
  else
    as_root sh -c 'setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &'
  fi
  for _ in {1..60}; do
    [[ $(docker_state) = absent ]] || return 0
    sleep 1
  done
  die "Docker Engine was started, but does not answer: its log (/var/log/dockerd.log, or journalctl -u docker) says why."
}

with_docker_group() { # runs this command again as a member of the group that owns the socket; nothing of that lasts
  local socket=/var/run/docker.sock
  [[ ! ${HUBSMITH_DEV_AGAIN:-} && -S $socket ]] || die "Docker Engine runs here but you may not use it: have yourself added to the group docker."
  need_root "Using this machine's Docker Engine"
  exec sudo env HUBSMITH_DEV_AGAIN=1 HOME="$HOME" PATH="$path" setpriv --reuid "$(id -u)" --regid "$(id -g)" \
    --groups "$(id -G | tr ' ' ,),$(stat -c %g $socket)" "${call[@]}"
}
