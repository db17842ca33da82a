# shellcheck shell=bash
# The tests.
set -euo pipefail
: "${root:?}" "${offline:?}" "${minor?}" "${lowest?}" "${highest?}"

# The scenario that ./dev test also runs with the lowest Python, and the one that it runs with the installed artifact.
quick_scenario=roles_alone
artifact_scenario=srv_www
long_scenarios=(default access)
installed=''

collection_copy() { # the checkout as git sees it: ansible-test wants a real folder, and an artifact holds no ignored file
  [[ -z ${copy:-} ]] || return 0
  work=$(mktemp -d)
  copy=$work/ansible_collections/hubsmith/jupyterhub
  mkdir -p "$copy"
  comm -z -23 <(git ls-files -z --cached --others --exclude-standard | sort -zu) <(git ls-files -z --deleted | sort -z) |
    xargs -0 cp -P --parents -t "$copy"
  others_into "$work"
}

others_into() { # others_into PATH: the collections that ours needs
  mkdir -p "$1/ansible_collections"
  ln -s "$root"/.ansible/collections/ansible_collections/{ansible,community} "$1/ansible_collections/"
}

lint_python() {
  ruff check .
  ruff format --check .
  MYPYPATH=.ansible/collections mypy
  lint_hub
}

lint_hub() { # the hub's packages as a role puts them together
  local folder
  folder=$(mktemp -d)
  PYTHONPATH=tests/hub python -c 'import hub_package, pathlib, sys; hub_package.assemble(pathlib.Path(sys.argv[1]))' "$folder"
  MYPYPATH=$folder/packages mypy --package hubsmith_access --package hubsmith_login
  rm -r "$folder"
}

lint_shell() {
  git ls-files -z --cached --others --exclude-standard |
    xargs -0 grep -d skip -lIZE '^#!.*\b(ba|da)?sh$|^# shellcheck shell=' | xargs -0 shellcheck
}

lint_docs() {
  antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self --skip-rstcheck .
  antsibull-changelog lint
}

cmd_lint() {
  use_python highest
  step ansible-lint ansible-lint --offline
  step yamllint yamllint --strict .
  step "ruff and mypy" lint_python
  step shellcheck lint_shell
  step "documentation and changelog" lint_docs
}

ansible_test() { # ansible_test COMMAND [TARGET...]
  make_uv
  quiet python tools/seed_pip.py .venv/uv/bin/pip || die "Cannot fetch pip for ansible-test $offline"
  (cd "$copy" && ansible-test "$1" --python "$minor" --color no "${@:2}")
}

with_both() { # with_both NAME COMMAND...: with the lowest and the highest Python
  local which
  collection_copy
  for which in lowest highest; do
    use_python $which
    step "$1, Python $minor" "${@:2}"
    [[ $lowest != "$highest" ]] || return 0
  done
}

node_test() { node --test tests/unit/node/*.test.cjs; }

make_slapd() { # a directory for the tests; the package is told not to set one up and start it by itself
  [[ ! $(PATH=$PATH:/usr/sbin type -P slapd) ]] || return 0
  need_root "Testing logins by a directory"
  if command -v debconf-set-selections >/dev/null; then as_root debconf-set-selections <<<"slapd slapd/no_configuration boolean true"; fi
  apt_install "Testing logins by a directory" slapd
}

hub_test() {
  make_slapd
  type -P xmlsec1 >/dev/null || apt_install "Testing logins by SAML" xmlsec1
  python -m pytest tests/hub
}

cmd_sanity() { with_both sanity ansible_test sanity "$@"; }

cmd_unit() {
  with_both units ansible_test units "$@"
  step "units, Node" node_test
  step "units, a hub that runs" hub_test
}

run_artifact() { # run_artifact PATH: as somebody who has nothing but the artifact; what it needs is there, as no Galaxy may be reachable
  local path=$1
  local -x ANSIBLE_COLLECTIONS_PATH=$1
  others_into "$path"
  ansible-galaxy collection build --output-path "$work" "$copy"
  (
    cd "$path"
    ansible-galaxy collection install --offline --collections-path "$path" "$work"/hubsmith-jupyterhub-*.tar.gz
    ansible-playbook --inventory hub.example.test, --syntax-check hubsmith.jupyterhub.site
    ansible-playbook --inventory hub.example.test, --list-tasks hubsmith.jupyterhub.site
  )
}

cmd_artifact() {
  use_python highest
  collection_copy
  step artifact run_artifact "$work/installed"
  installed=$work/installed
}

scenario() { # scenario NAME [OPTION...]
  local path=$ANSIBLE_COLLECTIONS_PATH
  [[ -f molecule/$1/molecule.yml ]] || die "There is no scenario '$1' in molecule/."
  [[ $1 != "$artifact_scenario" || ! $installed ]] || path=$installed
  step "molecule $1, Python $minor" env ANSIBLE_COLLECTIONS_PATH="$path" molecule test --scenario-name "$1" "${@:2}"
}

scenario_names() { # what takes longest first
  printf '%s\n' "${long_scenarios[@]}" molecule/*/molecule.yml | sed 's|^molecule/||; s|/molecule.yml$||' | awk '!seen[$0]++'
}

cmd_molecule() {
  local name names
  if [[ $# -gt 0 && $1 != -- ]]; then names=$1; shift; else names=$(scenario_names); fi
  if [[ ${1:-} = -- ]]; then shift; fi
  use_python highest
  engine
  step images images bookworm browser hub
  for name in $names; do scenario "$name" "$@"; done
}

cmd_test() {
  use_python highest
  engine
  mkdir -p .cache
  trap count EXIT
  everything 2>&1 | tee .cache/test.log
}

# Machines mostly wait for each other, so there are two lanes. The second one begins with the tests that need no machine; then each
# takes the next scenario when it is through with one.
everything() {
  trap finish EXIT
  cmd_lint
  use_python lowest
  cmd_artifact
  step images images bookworm browser hub
  queue=$work/queue
  scenario_names >"$queue"
  second_lane >.cache/second_lane.log 2>&1 &
  lane=$!
  trap join EXIT
  machines
}

second_lane() {
  trap leave_lane EXIT
  # shellcheck disable=SC2034 # finish reads them
  times=() work='' # the folder with the copy is not ours to remove
  with_both sanity ansible_test sanity
  with_both units ansible_test units
  step "units, Node" node_test
  step "units, a hub that runs" hub_test
  machines
}

machines() {
  local name
  while name=$(next_scenario) && [[ $name ]]; do
    use_python highest
    scenario "$name"
    [[ $name = "$quick_scenario" && $lowest != "$highest" ]] || continue
    use_python lowest
    scenario "$name"
  done
}

next_scenario() { # takes it out of the queue; nothing when there is none
  (
    flock 9
    sed -n 1p "$queue"
    sed -i 1d "$queue"
  ) 9>>"$queue.lock"
}

leave_lane() { # with one lane broken the other begins nothing new
  local status=$?
  ((status == 0)) || : >"$queue"
  finish
}

join() { # on leaving: what was found in the second lane
  local status=$? other=0
  ((status == 0)) || : >"$queue"
  wait "$lane" || other=$?
  cat .cache/second_lane.log
  finish
  exit $((status ? status : other))
}

count() { # the last line of all: what pytest counted, in units and on machines; a step that failed counts, too
  local status=$?
  sed 's/\x1b\[[0-9;]*m//g' .cache/test.log | awk -v status=$status '
    /^(#|ℹ) pass [0-9]+$/ { passed += $3 }
    /^(#|ℹ) fail [0-9]+$/ { failed += $3 }
    /^::: .* failed$/ { broken = 1 }
    /^=+ .* in [0-9.]+s.* =+$/ { for (i = 2; i < NF; i++) { if ($i ~ /^passed/) passed += $(i - 1); if ($i ~ /^(failed|error)/) failed += $(i - 1) } }
    END { if ((status || broken) && !failed) failed = 1; print passed + 0 " passed, " failed + 0 " failed" }'
}

cmd_bench() {
  local script found=
  use_python highest
  engine
  for script in benchmarks/*.py; do
    [[ $script != benchmarks/bench.py ]] || continue # what they share
    [[ -z ${1:-} || $(basename "$script" .py) = "$1" ]] || continue
    found=1
    step "${script#*/}" env PYTHONPATH=tests/support:tests/hub:.ansible/collections python "$script"
  done
  [[ $found ]] || die "There is no measurement '${1:-}' in benchmarks/."
}

cmd_docs() {
  use_python highest
  step documentation build_docs
  echo "Open .cache/docs/html/index.html"
}

build_docs() { # links into Ansible's own documentation stay text, as its index is not on this machine
  rm -rf .cache/docs
  mkdir -p .cache/docs/rst
  chmod go-w .cache/docs/rst
  quiet antsibull-docs collection --use-current --squash-hierarchy --dest-dir .cache/docs/rst hubsmith.jupyterhub
  sphinx-build -q -W -C -D project=hubsmith.jupyterhub -D extensions=sphinx_antsibull_ext -D html_theme=alabaster \
    -D suppress_warnings=ref.ref .cache/docs/rst .cache/docs/html
}
