# shellcheck shell=bash
# The controller's side: Pythons, the tools in .venv, the collections in .ansible.
set -euo pipefail
: "${root:?}"
requirements=tests/requirements
path=$PATH
minor='' lowest='' highest=''
declare -A pythons=()
offline="(see above): check that this machine reaches PyPI, or set PIP_INDEX_URL to a mirror, and run this again."

# What the caller's shell has for other work must not change, or slow down, what runs here.
unset PYTHONPATH PYTHONDONTWRITEBYTECODE ANSIBLE_CONFIG
export UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
export ANSIBLE_HOME=$root/.ansible ANSIBLE_COLLECTIONS_PATH=$root/.ansible/collections
export MOLECULE_GLOB='molecule/*/molecule.yml' MOLECULE_COMMAND_BORDERS=false

find_pythons() { # sets pythons, lowest and highest: those that really run, as a shim may stand for a Python that isn't there
  [[ ! $highest ]] || return 0
  local minor candidate
  for minor in 3.11 3.12 3.13 3.14; do
    for candidate in $(type -ap "python$minor" python3 python) "${PYENV_ROOT:-$HOME/.pyenv}/versions/$minor".*/bin/python; do
      "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$minor')" 2>/dev/null || continue
      pythons[$minor]=$candidate
      lowest=${lowest:-$minor} highest=$minor
      break
    done
  done
  [[ $highest ]] || die "Found no Python from 3.11 to 3.14 here: install one (Debian and Ubuntu: apt-get install python3) and run this again."
}

lock_of() { # lock_of MINOR: ansible-core 2.21 has left Python 3.11 behind
  case $1 in 3.11) echo $requirements/core-2.19.txt ;; *) echo $requirements/core-2.21.txt ;; esac
}

locked() { # locked STAMP FILE...: whether the stamp was made for these very files
  [[ $(cat "$1" 2>/dev/null) = "$(cat "${@:2}" | sha256sum)" ]]
}

uv() { .venv/uv/bin/uv "$@"; }

make_uv() { # the one tool that pip installs
  local lock=$requirements/uv.txt index
  find_pythons
  if ! { locked .venv/uv/stamp "$lock" && .venv/uv/bin/python -c ''; } 2>/dev/null; then
    "${pythons[$highest]}" -c 'import ensurepip' 2>/dev/null || apt_install "Making virtual environments" "python$highest-venv"
    rm -rf .venv/uv
    quiet "${pythons[$highest]}" -m venv .venv/uv || die "Python $highest cannot make a virtual environment (see above)."
    quiet .venv/uv/bin/pip install --require-hashes --no-deps -r "$lock" || die "Cannot fetch the tools $offline"
    sha256sum <"$lock" >.venv/uv/stamp
  fi
  # uv reads its own settings only; a mirror that pip was told of should do for both.
  index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(.venv/uv/bin/pip config get global.index-url 2>/dev/null || :)}}
  [[ ! $index ]] || export UV_DEFAULT_INDEX=$index
}

make_tools() { # make_tools MINOR
  local venv=.venv/$1 lock
  lock=$(lock_of "$1")
  make_uv
  quiet uv venv --clear --no-project --python "${pythons[$1]}" "$venv" || die "Python $1 cannot make a virtual environment (see above)."
  quiet uv pip sync --require-hashes --python "$venv/bin/python" "$lock" || die "Cannot fetch the tools $offline"
  # Compiles the hub, which the unit tests start over and over; ansible-test forbids Python to do that on the way.
  quiet "$venv/bin/jupyterhub" --help-all || die "The tools for Python $1 do not work (see above)."
  sha256sum <"$lock" >"$venv/stamp"
}

unpack_collections() { # from PyPI's wheel of Ansible, as no Galaxy may be reachable
  local wheel
  make_uv
  wheel=$(mktemp -d)
  quiet .venv/uv/bin/pip download --require-hashes --no-deps --ignore-requires-python --only-binary :all: \
    --dest "$wheel" -r $requirements/collections.txt || die "Cannot fetch the collections $offline"
  .venv/uv/bin/python tools/unpack.py "$wheel"/*.whl .ansible/collections
  rm -r "$wheel"
  cat $requirements/collections.txt tools/unpack.py | sha256sum >.ansible/collections/stamp
}

use_python() { # use_python lowest|highest: its tools come first on PATH
  find_pythons
  minor=${!1}
  if ! { locked ".venv/$minor/stamp" "$(lock_of "$minor")" && ".venv/$minor/bin/python" -c ''; } 2>/dev/null; then
    step "tools for Python $minor" make_tools "$minor"
  fi
  mkdir -p .ansible/collections/ansible_collections/hubsmith
  # This checkout under the collection's name, whatever its folder is called.
  ln -sfn ../../../.. .ansible/collections/ansible_collections/hubsmith/jupyterhub
  locked .ansible/collections/stamp $requirements/collections.txt tools/unpack.py || step "collections" unpack_collections
  export PATH=$root/.venv/$minor/bin:$path
}

cmd_env() {
  use_python highest >&2
  echo "export PATH=$(printf %q "$root/.venv/$highest/bin"):\$PATH"
  local name
  for name in ANSIBLE_HOME ANSIBLE_COLLECTIONS_PATH MOLECULE_GLOB MOLECULE_COMMAND_BORDERS; do
    echo "export $name=$(printf %q "${!name}")"
  done
}

lock_pip() { # lock_pip PYTHON FILE.in [OPTION...]: from within its folder, so that no path of this machine gets into the result
  (
    cd "$(dirname "$2")"
    "$root/.venv/uv/bin/uv" pip compile --quiet --upgrade --universal --python-version "$1" --generate-hashes \
      --custom-compile-command "./dev lock" --override "$(realpath --relative-to . "$root/tools/overrides.txt")" "${@:3}" "$(basename "$2")" --output-file "$(basename "$2" .in).txt"
  )
}

lock_npm() { # lock_npm FOLDER: without the registry's name the lock holds for a mirror, too
  rm -f "$1/package-lock.json"
  quiet env NODE_USE_SYSTEM_CA=1 npm --prefix "$1" install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund
}

cmd_lock() { # the roles first, as the tools hold to the hub's versions
  local input
  use_python highest # whose npm is the one of the locked Node
  make_uv
  # The others beside a requirements.in hold to what comes of that, as they are installed together.
  for input in $(find roles -path '*/files/requirements.in' | sort) $(find roles -path '*/files/requirements-*.in' | sort); do
    step "locking $input" lock_pip 3.11 "$input"
  done
  for input in $(find roles -path '*/files/*' -name package.json -not -path '*/node_modules/*' | sort); do
    step "locking $input" lock_npm "$(dirname "$input")"
  done
  step "locking core-2.19" lock_pip 3.11 $requirements/core-2.19.in
  step "locking core-2.21" lock_pip 3.12 $requirements/core-2.21.in
  step "locking collections" lock_pip 3.12 $requirements/collections.in --no-deps
  step "locking uv" lock_pip 3.11 $requirements/uv.in
}
