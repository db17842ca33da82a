# shellcheck shell=bash
# A throwaway machine with a hub on it.
set -euo pipefail
demo=hubsmith-demo
demo_files=.cache/demo

cmd_demo() {
  local port=8443
  while [[ $# -gt 0 ]]; do
    case $1 in
      --stop) stop_demo; return ;;
      --port) port=${2:-}; shift ;;
      *) die "./dev demo knows --port N and --stop, not '$1'." ;;
    esac
    [[ $port =~ ^[1-9][0-9]*$ && $port -lt 65536 ]] || die "--port wants a number from 1 to 65535, not '$port'."
    shift
  done
  use_python highest
  engine
  check_demo "$port"
  write_inventory "$port"
  step "image of Debian 13" images trixie
  step "demo machine" demo_play molecule/shared/create.yml
  # The machine makes the hash: Python 3.13 can't, and openssl need not be here. Nothing keeps the password itself.
  local password
  password=$(python -c 'import secrets; print("-".join(secrets.token_hex(2) for _ in range(3)))')
  write_inventory "$port" "$(docker exec -i $demo openssl passwd -6 -stdin <<<"$password")"
  step "demo hub" demo_play playbooks/site.yml
  python - "https://localhost:$port/" <<'PY'
import ssl, sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=30, context=ssl._create_unverified_context()).read()
PY
  table
  cat <<END

  The hub is ready:  https://localhost:$port   (the browser warns, as the certificate is the hub's own)
  Login:             ada
  Password:          $password
  Remove it with:    ./dev demo --stop
END
}

check_demo() { # check_demo PORT
  ! docker container inspect $demo >/dev/null 2>&1 ||
    die "The demo's machine is there already, at port $(docker port $demo | cut -d: -f2): ./dev demo --stop removes it."
  ! (: <>/dev/tcp/127.0.0.1/"$1") 2>/dev/null || die "Port $1 of this machine is in use: choose another one with ./dev demo --port N."
}

write_inventory() { # write_inventory PORT [HASH]
  (umask 077 && mkdir -p $demo_files && cat >$demo_files/hosts.yml) <<END
---
jupyterhub:
  hosts:
    $demo:
      ansible_connection: community.docker.docker
      ansible_python_interpreter: /usr/bin/python3
      # The same port inside and outside: the hub sends browsers to the address that it is told it has.
      ports: ["127.0.0.1:$1:$1"]
      jupyterhub_domain: localhost
      jupyterhub_port: $1
      jupyterhub_users:
        - {name: ada, password: "${2:-}", admin: true}
END
}

demo_play() { # demo_play PLAYBOOK; create.yml names the network after the scenario
  MOLECULE_SCENARIO_NAME=demo ANSIBLE_PIPELINING=true ansible-playbook --inventory $demo_files/hosts.yml "$1"
}

stop_demo() {
  case $(docker_state) in
    absent) die "No Docker Engine answers here: there is no demo to remove." ;;
    denied) with_docker_group ;;
  esac
  docker ps --all --quiet --filter name=^$demo\$ | xargs -r docker rm --force --volumes >/dev/null
  docker network ls --quiet --filter name=^$demo\$ | xargs -r docker network rm >/dev/null
  rm -rf $demo_files
  echo "The demo is gone."
}
