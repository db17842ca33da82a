# shellcheck shell=bash
# What the other parts use to speak: one sentence when something is wrong, one line for each long step.
set -euo pipefail
times=()
running=

die() { # die SENTENCE: says what to do, and ends
  echo "$*" >&2
  exit 1
}

step() { # step NAME COMMAND...: says what runs and how long it took
  local name=$1 start=$SECONDS
  shift
  running=$name
  echo "::: $name ..."
  "$@"
  running=
  times+=("$(printf '%6d s  %s' $((SECONDS - start)) "$name")")
  echo "::: $name took $((SECONDS - start)) s"
}

table() { # the times of the steps so far
  [[ ${#times[@]} -lt 2 ]] || printf '%s\n' "${times[@]}" >&2
  times=()
}

finish() { # on leaving: the times, and what failed
  table
  [[ -z $running ]] || echo "::: $running failed" >&2
  [[ -z ${work:-} ]] || rm -rf "$work"
}
trap finish EXIT

quiet() { # quiet COMMAND...: shows what the command prints only if it fails
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [[ $status = 0 ]] || cat "$log" >&2
  rm "$log"
  return "$status"
}

need_root() { # need_root WHAT: asks for sudo's password, if it wants one, before output is hidden
  [[ $(id -u) = 0 ]] || { command -v sudo >/dev/null && sudo -v; } ||
    die "$1 needs root: run this as root or as a user of sudo, or let an administrator do it."
}

as_root() { # as_root COMMAND...
  if [[ $(id -u) = 0 ]]; then "$@"; else sudo "$@"; fi
}

apt_install() { # apt_install WHAT PACKAGE...
  command -v apt-get >/dev/null || die "$1 is for Debian and Ubuntu only: install ${*:2} by this system's own means and run this again."
  need_root "$1"
  local why="$1 failed, as apt-get cannot fetch ${*:2} (see above): check this machine's network and run this again."
  quiet as_root apt-get update -qq || die "$why"
  quiet as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}" || die "$why"
}
