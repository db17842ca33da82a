# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hub's own classes say about a configuration; run with a real JupyterHub."""

from __future__ import annotations

import pytest

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _check_traits, _config_check, _config_stage


@pytest.fixture(name="check")
def fixture_check(tmp_path):
    def check(text, known_classes=(), fragments=None):
        """The problems and the warnings of a configuration, as sentences without the folder."""
        (tmp_path / "hub.py").write_text(text)
        for name, fragment in (fragments or {}).items():
            (tmp_path / name).write_text(fragment)
        given = [str(tmp_path / name) for name in fragments or {}]
        problems, warnings, _missing = _config_check.check(str(tmp_path / "hub.py"), list(known_classes), given)
        return tuple([_config_stage.sentence(one).replace(f"{tmp_path}/", "") for one in kind] for kind in (problems, warnings))

    return check


OLD = "an old name; it overrides the new one, even when it is empty, or has no effect"
UNKNOWN = "no class of the hub or of its plugins has this name; if it is right, list it in known_classes"
RIGHT = """
import os
from jupyterhub.auth import DummyAuthenticator
from systemdspawner import SystemdSpawner

class Mine(DummyAuthenticator):
    pass

c = get_config()
c.JupyterHub.authenticator_class = Mine
c.JupyterHub.spawner_class = "systemd"
c.JupyterHub.bind_url = "https://hub.example.org"
c.JupyterHub.cookie_secret_file = os.path.join("/nowhere", "cookie_secret")
c.JupyterHub.services = [{"name": "cull", "command": ["true"]}]
c.JupyterHub.load_roles = []
c.JupyterHub.Spawner.cmd = "jupyterhub-singleuser"
c.Mine.password = "long enough to be fine"
c.Authenticator.allowed_users = ["ada", "bob"]
c.Authenticator.admin_users.add("ada")
c.Spawner.mem_limit = "2G"
c.Spawner.environment.update({"LANG": "C.UTF-8"})
c.Spawner.args.append("--debug")
c.Spawner.isolate_tmp = True
c.SystemdSpawner.unit_extra_properties = {"Slice": "hub.slice"}
c.ConfigurableHTTPProxy.should_start = False
c.Application.log_level = "DEBUG"
c.CryptKeeper.n_threads = 1
"""


def test_right(check):
    assert check(RIGHT) == ([], [])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("c.JupyterHub.prot = 1", "JupyterHub.prot: JupyterHub has no such setting; did you mean port?"),
        ("c.JupyterHub.mem_limit = '1G'", "JupyterHub.mem_limit: JupyterHub has no such setting; did you mean Spawner.mem_limit?"),
        ("c.Spawner.isolate_tmp = True", "Spawner.isolate_tmp: Spawner has no such setting; did you mean SystemdSpawner.isolate_tmp?"),
        ("c.JupyterHub.zzzzzz = 1", "JupyterHub.zzzzzz: JupyterHub has no such setting"),
        ("if c.Spawner.memlimit: pass", "Spawner.memlimit: Spawner has no such setting; did you mean mem_limit?"),
        ("c.JupyterHub.port = '80'", "JupyterHub.port: expected an int, not the str '80'"),
        ("c.Authenticator.allowed_users = {}", "Authenticator.allowed_users: expected a set, not the dict {}"),
        ("c.Authenticator.allowed_users = 'ada'", "Authenticator.allowed_users: expected a set, not the str 'ada'"),
        ("c.Spawner.mem_limit = '2X'", "Spawner.mem_limit: 2X is not a valid memory specification"),
        ("c.Spawner.mem_limit = []", "Spawner.mem_limit: "),
        ("c.JupyterHub.cookie_secret = 'xyz'", "JupyterHub.cookie_secret: "),
        ("c.JupyterHub.log_level = 'LOUD'", "JupyterHub.log_level: "),
        ("c.JupyterHub.subdomain_hook = 'x'", "JupyterHub.subdomain_hook: subdomain_hook must be 'idna', 'legacy', or a callable"),
        ("c.JupyterHub.spawner_class = 'sytemd'", "JupyterHub.spawner_class: must be a type, but 'sytemd' could not be imported; did"),
        ("c.JupyterHub.authenticator_class = int", "JupyterHub.authenticator_class: "),
        ("c.Authenticator.whitelist = set()", f"Authenticator.whitelist: {OLD}; did you mean allowed_users?"),
        ("c.PAMAuthenticator.group_whitelist = set()", f"PAMAuthenticator.group_whitelist: {OLD}; did you mean allowed_groups?"),
        ("c.Authenticator.blacklist = {'x'}", "Authenticator.blacklist: an old name, which has no effect any more; did you mean blocked"),
        ("c.Authenticator.allowed_users.append('x')", "Authenticator.allowed_users: is of type set: .append() or .extend() has no effect"),
        ("c.Spawner.environment.append('x')", "Spawner.environment: is of type dict: .append() or .extend() has no effect"),
        ("c.JupyterHub.port.update({1})", "JupyterHub.port: is of type int: .add() or .update() has no effect"),
        ("c.Spawner.environment.update({'x'})", "Spawner.environment: cannot be added to a dict: "),
        ("c.Spawner.cmd.append(1)", "Spawner.cmd: "),
        ("c.SytemdSpawner.x = 1", f"SytemdSpawner.x: {UNKNOWN}; did you mean SystemdSpawner"),
        ("c.jupyterhub.port = 1", "jupyterhub: settings have the form c.Section.trait; did you mean JupyterHub?"),
        ("c.port = 1", "port: settings have the form c.Section.trait"),
        ("c.JupyterHub.Spawner.cmmd = 'x'", "JupyterHub.Spawner.cmmd: Spawner has no such setting; did you mean cmd?"),
        ("c.RemoteUserAuthenticator.server = 'x'", f"RemoteUserAuthenticator.server: {UNKNOWN}"),
    ],
)  # fmt: skip
def test_wrong(check, line, expected):
    problems, _warnings = check(f"\n\n{line}\n")
    assert len(problems) == 1
    assert problems[0].startswith(f"hub.py:3: {expected}")


@pytest.mark.parametrize(
    "line",
    [
        "c.JupyterHub.cookie_secret = ['s3cret']",
        "c.JupyterHub.authenticator_class = 'dummy'; c.DummyAuthenticator.password = ['s3cret']",
        "c.ConfigurableHTTPProxy.auth_token = ['s3cret']",
    ],
)
def test_secrets_are_not_repeated(check, line):
    problems, _warnings = check(line)
    assert "found list (its value is not shown)" in problems[0]
    assert "s3cret" not in problems[0]


@pytest.mark.parametrize(
    "text",
    [
        "c.JupyterHub.prot = 1",
        "c['JupyterHub']['prot'] = 1",
        "setattr(c.JupyterHub, 'prot', 1)",
        "c.JupyterHub.update(prot=1)",
        "c.JupyterHub.update({'prot': 1})",
        "c.JupyterHub |= {'prot': 1}",
        "section = c.JupyterHub; section |= {'prot': 1}",
        "c.JupyterHub.setdefault('prot', 1)",
        "c.JupyterHub.merge({'prot': 1})",
        "c.JupyterHub = type(c)({'prot': 1})",
        "c.update({'JupyterHub': type(c)(prot=1)})",
        "c.merge(type(c)({'JupyterHub': {'prot': 1}}))",
        "from traitlets.config import Config; c.merge(Config({'JupyterHub': {'prot': 1}}))",
        "c.JupyterHub.prot.append(1)",
        "get_config().JupyterHub.prot = 1",
        "(lambda config: setattr(config.JupyterHub, 'prot', 1))(c)",
    ],
)
def test_the_line_is_known_however_it_is_set(check, text):
    problems, _warnings = check(f"c.JupyterHub.port = 1\n{text}\nc.JupyterHub.ip = ''\n")
    assert problems == ["hub.py:2: JupyterHub.prot: JupyterHub has no such setting; did you mean port?"]


def test_the_last_line_counts(check):
    assert check("c.JupyterHub.port = 'x'\nc.JupyterHub.port = 'y'\n")[0] == ["hub.py:2: JupyterHub.port: expected an int, not the str 'y'"]


def test_fragments_are_named(check, tmp_path):
    fragments = {
        "10.py": "c.JupyterHub.port = 8000\nc.JupyterHub.prot = 1",
        "20.py": "c.Spawner.args.append(5)",
        "30.py": "\nc.Spawner.cmd = 5",
    }
    load = "".join(f"load_subconfig({str(tmp_path / name)!r})\n" for name in ("10.py", "30.py", "20.py"))
    problems, warnings = check("c.JupyterHub.port = 'overridden'\n" + load, fragments=fragments)
    assert [problem.split(": ")[:2] for problem in problems] == [
        ["10.py:2", "JupyterHub.prot"],
        ["20.py:1", "Spawner.args"],
        ["30.py:2", "Spawner.cmd"],
    ]
    assert warnings == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c.JupyterHub.port = = 1", "bad.py:1: SyntaxError: invalid syntax"),
        ("x = 1\n  y = 2", "bad.py:2: IndentationError: unexpected indent"),
        ("\ndef f():\n    return 1 / 0\nf()", "bad.py:3: ZeroDivisionError: division by zero"),
        ("import json\njson.loads('{')", "bad.py:2: json.decoder.JSONDecodeError: "),
        ("\nimport not_there_at_all", "bad.py:2: ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("\nraise SystemExit(3)", "bad.py:2: SystemExit: 3"),
        ("c.Spawner.environment['A'] = 'b'", "bad.py:1: TypeError: "),
        ("c.JupyterHub = 5", "bad.py:1: ValueError: "),
        ("jupyterhub_port = 1\nprint(jupyterhub_prot)", "bad.py:2: NameError: name 'jupyterhub_prot' is not defined"),
        ("load_subconfig(__file__)", "bad.py:1: RecursionError: "),
    ],
)
def test_exceptions(check, tmp_path, text, expected):
    problems, _warnings = check(f"\n\nload_subconfig({str(tmp_path / 'bad.py')!r})", fragments={"bad.py": text})
    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_what_a_site_knows_better(check):
    text = "c.OtherClass.anything = 1\n"
    assert len(check(text)[0]) == 1
    assert check(text, known_classes=["OtherClass"]) == ([], [])
    text = "c.BitbucketOAuthenticator.clientid = 'x'"
    problems, _warnings = check(text, known_classes=["oauthenticator.bitbucket.BitbucketOAuthenticator"])
    assert problems == ["hub.py:1: BitbucketOAuthenticator.clientid: BitbucketOAuthenticator has no such setting; did you mean client_id?"]
    assert "cannot be imported" in check("", known_classes=["no.such.Thing"])[0][0]


IDLE = "has no effect: {}_class is {}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c.GitHubOAuthenticator.scope = []", "1: GitHubOAuthenticator.scope: " + IDLE.format("authenticator", "PAMAuthenticator")),
        ("c.SystemdSpawner.isolate_tmp = True", "1: SystemdSpawner.isolate_tmp: " + IDLE.format("spawner", "LocalProcessSpawner")),
        ("c.JupyterHub.admin_users = {'ada'}", "1: JupyterHub.admin_users: DEPRECATED since version 0.7.2, use Authenticator.admin_users"),
        ("\nload_subconfig('/no/such.py')", "2: load_subconfig finds no file /no/such.py; the hub passes over it in silence"),
    ],
)
def test_warnings(check, text, expected):
    problems, warnings = check(text)
    assert problems == []
    assert len(warnings) == 1
    assert warnings[0].startswith(f"hub.py:{expected}")


def test_fragment_that_is_not_loaded(check):
    assert check("", fragments={"10.py": ""}) == ([], ["10.py: is not loaded by hub.py"])


def test_plugins_by_name(check):
    section = "c.GitHubOAuthenticator.allowed_organisations = {'x'}\nc.OAuthenticator.client_id = 'x'\n"
    problems, warnings = check("c.JupyterHub.authenticator_class = 'github'\n" + section)
    assert len(problems) == 1
    assert problems[0].startswith("hub.py:2: GitHubOAuthenticator.allowed_organisations: ")
    assert problems[0].endswith("did you mean allowed_organizations?")
    assert warnings == []


def test_class_that_is_wrong_does_not_make_its_settings_wrong(check):
    problems, warnings = check("c.JupyterHub.spawner_class = 'sytemd'\nc.SystemdSpawner.isolate_tmp = True\n")
    assert [problem.split(": ")[1] for problem in problems] == ["JupyterHub.spawner_class"]
    assert warnings == []


def test_nothing_is_initialised(check, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check(RIGHT)
    assert [path.name for path in tmp_path.iterdir()] == ["hub.py"]


def test_every_deprecation_is_a_deprecation():
    """The lists of old names are private to the hub and its plugins: notice when they are gone."""
    from jupyterhub.auth import Authenticator
    from oauthenticator.github import GitHubOAuthenticator

    assert _check_traits._renamed(Authenticator)["blacklist"] == "blocked_users"
    assert _check_traits._renamed(GitHubOAuthenticator)["github_organization_whitelist"] == "allowed_organizations"
