# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a configuration is made of: edits do what a plain model says and what the real hub sees, and touch nothing else."""

from __future__ import annotations

import dataclasses
import pathlib

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ansible_collections.hubsmith.jupyterhub.plugins.module_utils import _own_config, _people
from ansible_collections.hubsmith.jupyterhub.tests.unit.configs import evaluated

PATH = "jupyterhub_config.py"
KEYS = {"allowed": "allowed_users", "admins": "admin_users", "blocked": "blocked_users", "map": "username_map"}
CLASSES = {
    "": ("Authenticator", "LocalAuthenticator", "PAMAuthenticator"),
    "c.JupyterHub.authenticator_class = 'dummy'": ("Authenticator", "DummyAuthenticator", "LocalAuthenticator"),
    "from oauthenticator.github import LocalGitHubOAuthenticator\nc.JupyterHub.authenticator_class = LocalGitHubOAuthenticator": (
        "Authenticator",
        "OAuthenticator",
        "GitHubOAuthenticator",
        "LocalAuthenticator",
        "LocalGitHubOAuthenticator",
    ),
}
NOISE = [
    "import os  # noise",
    "c.JupyterHub.port = 8000  # noise",
    "c.Spawner.args = ['--debug',\t'x']  # noise",
    "if os.path.exists('/nonexistent'):  # noise\n    c.JupyterHub.ssl_key = '/nonexistent'  # noise",
    "# noise: c.Authenticator.blacklist = {'x'}",
    "def hook(spawner):  # noise\n    c = spawner  # noise\n    return c  # noise",
    "with open(__file__) as file:  # noise\n    text = file.read()  # noise",
    "'''noise\nc.Authenticator.allowed_users = {'nobody'}\n'''",
]
STATEMENTS = pathlib.Path(evaluated.__file__).with_name("code").joinpath("statements.txt").read_text().splitlines()
START = "group = set(); other = set(); groups = {}; people = {}\nsection = c.Authenticator\n"
NAMES = st.sampled_from(["ada", "bob", "cyd", "dan", "Eve", "fay.gray", "gus@example.org", "hal"])
NEW = st.sampled_from(["ada", "bob", "cyd", "dan", "eve", "fay.gray", "gus@example.org", "hal", "ian", "o'joy"])


@st.composite
def displays(draw, parts, brackets):
    """Entries between brackets, in one of the ways that people write them."""
    opening, closing = brackets
    ways = ["line", "lines", "hanging", "packed"]
    way = draw(st.sampled_from(ways))
    trailing = draw(st.booleans()) or (opening == "(" and len(parts) == 1)
    comments = draw(st.booleans())
    if not parts:
        return {"{": "set()", "[": "[]", "(": "()"}[opening] if brackets != ("{", "}:") else "{}"
    closing = closing[0]
    if way == "line":
        return opening + draw(st.sampled_from([", ", ","])).join(parts) + ("," if trailing else "") + closing
    if way == "hanging":
        return opening + ",\n     ".join(parts) + ("," if trailing else "") + closing
    indent = draw(st.sampled_from(["    ", "\t", "  "]))
    if way == "packed":
        rows = [parts[start : start + 2] for start in range(0, len(parts), 2)]
        lines = [indent + ", ".join(row) for row in rows]
    else:
        lines = [indent + part for part in parts]
    end = ["," if trailing or number + 1 < len(lines) else "" for number in range(len(lines))]
    notes = [f"  # note {number}" if comments else "" for number in range(len(lines))]
    return "\n".join([opening, *(line + comma + note for line, comma, note in zip(lines, end, notes, strict=True)), closing])


@st.composite
def values(draw, key):
    """The right side of an assignment to a roster."""
    mark = draw(st.sampled_from("'\""))
    names = draw(st.lists(NAMES, max_size=4))
    quoted = [f"{mark}{name}{mark}" for name in names]
    if key == "username_map":
        entries = [f"{mark}{name}{mark}: {mark}{draw(NAMES)}{mark}" for name in names]
        return draw(displays(entries, ("{", "}:")))
    kind = draw(st.sampled_from(["{}", "[]", "()", "set([])", "set(())", "bare", "or"]))
    if kind == "bare" and names:
        return draw(st.sampled_from([quoted[0], f"({quoted[0]})"]))
    if kind == "or":
        return f"{draw(displays(quoted, ('{', '}')))} | {draw(displays(quoted[:1], ('{', '}')))}"
    if kind.startswith("set"):
        return f"set({draw(displays(quoted, tuple(kind[4:6])))})"
    return draw(displays(quoted, tuple(kind) if kind != "bare" else ("{", "}")))


@st.composite
def statements(draw, sections):
    key = draw(st.sampled_from(["allowed_users", "admin_users", "blocked_users", "username_map", "whitelist"]))
    section = draw(st.sampled_from([*sections, "JupyterHub"] if key == "admin_users" else sections))
    target = f"c.{section}.{key}"
    value, name = draw(values(key)), draw(NAMES)
    forms = [f"{target} = {value}"] * 4
    if key == "username_map":
        forms += [f"{target}.update({value})", f"people = {{}}\n{target} = people\npeople['{name}'] = 'ada'"]
    else:
        forms += [
            f"{target}.add('{name}')",
            f"{target}.update({value})",
            f"{target} = group = {value}",
            f"group = {value}\n{target} = group",
            f"group = set()\n{target} = group\ngroup.add('{name}')\ngroup |= {{'{draw(NAMES)}'}}",
            f"{target} = {target} = {value}",
        ]
    return draw(st.sampled_from(forms))


@st.composite
def configs(draw):
    head = draw(st.sampled_from(list(CLASSES)))
    lines = draw(st.lists(st.one_of(statements(CLASSES[head]), st.sampled_from(NOISE)), max_size=6))
    text = "\n".join(["import os  # noise", head, *lines]) + draw(st.sampled_from(["", "\n"]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


@st.composite
def operations(draw):
    """An edit, and a model of it: from what is in force to what shall be."""
    if draw(st.integers(0, 4)) == 0:
        return draw(edits_of_people())
    roster, state = draw(st.sampled_from(list(KEYS))), draw(st.sampled_from(["present", "absent", "exact"]))
    names = draw(st.lists(NEW, max_size=3, unique=True))
    if roster != "map":
        after = {"present": lambda now: {*now, *names}, "absent": lambda now: {*now} - {*names}, "exact": lambda now: {*names}}[state]
        return (
            lambda data: _own_config.edit_roster(data, PATH, roster, names, state, None),
            lambda now: dataclasses.replace(now, **{roster: sorted(after(getattr(now, roster)))}),
        )
    asked = {name: draw(NEW) for name in names}
    after = {
        "present": lambda now: now | asked,
        "absent": lambda now: {key: name for key, name in now.items() if key.lower() not in asked},
        "exact": lambda now: asked,
    }[state]
    return (
        lambda data: _own_config.edit_map(data, PATH, asked, state, None),
        lambda now: dataclasses.replace(now, map=dict(sorted(after(now.map).items()))),
    )


@st.composite
def edits_of_people(draw):
    state = draw(st.sampled_from(["present", "exact"]))
    identities = iter(draw(st.permutations(["a@example.org", "b@example.org", "c-at-github", "gus@example.org"])))
    people = [
        _people.Person(
            name, draw(st.sampled_from(_people.STATES)), tuple(draw(st.just([next(identities)]) | st.just([]))), draw(st.booleans())
        )
        for name in draw(st.lists(st.sampled_from(["ada", "bob", "cyd", "ian"]), max_size=3, unique=True))
    ]

    def model(now):
        given = {person.name: person for person in people}
        kept = {roster: {*getattr(now, roster)} - {*given} if state == "present" else set() for roster in ("allowed", "admins", "blocked")}
        there = {name for name, person in given.items() if person.state == "present"}
        map_ = {key: name for key, name in now.map.items() if state == "present" and name not in given}
        map_ |= {key: person.name for person in people if person.state != "absent" for key in person.identities}
        return _own_config.Rosters(
            allowed=sorted(kept["allowed"] | there),
            admins=sorted(kept["admins"] | {name for name in there if given[name].admin}),
            blocked=sorted(kept["blocked"] | {person.name for person in people if person.state == "blocked"}),
            map=dict(sorted(map_.items())),
        )

    return lambda data: _own_config.edit_people(data, PATH, people, state, None), model


def noise(data):
    return [line for line in data.decode("utf-8-sig").splitlines() if "noise" in line]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(configs(), st.lists(operations(), min_size=1, max_size=3))
def test_edits_are_what_the_model_and_the_hub_say(data, sequence):
    try:
        before = evaluated.rosters(data)
    except Exception:  # The hub would not start; what then is refused or mended is not this test's matter.
        event("does not start")
        return
    for edit, model in sequence:
        try:
            done = edit(data)
        except _own_config.Unsafe as error:
            event("refused: " + str(error).split(": ", 1)[-1][:40])
            continue
        goal = model(before)
        assert done.before == before
        assert done.after == goal
        assert evaluated.rosters(done.data) == goal
        assert noise(done.data) == noise(data)
        assert edit(done.data).data == done.data
        assert (done.data == data) == (goal == before)
        event("changed" if done.data != data else "unchanged")
        data, before = done.data, goal


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(STATEMENTS), min_size=2, max_size=12), operations())
def test_what_cannot_be_followed_is_refused(lines, operation):
    """Whether such code changes a roster depends on what stands before and after it."""
    edit, model = operation
    data = (START + "\n".join(lines).replace("|", "\n")).encode()
    try:
        before = evaluated.rosters(data)
    except Exception:
        event("does not start")
        return
    try:
        done = edit(data)
    except _own_config.Unsafe:
        event("refused")
        return
    event("edited")
    assert done.before == before
    assert done.after == model(before)
    assert evaluated.rosters(done.data) == done.after
