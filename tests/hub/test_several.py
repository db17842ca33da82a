# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several ways to log in to one hub: each knows its own people, and nobody gets by one what is another's."""

from __future__ import annotations

import itertools
import re
import socket
import time

import pytest
from hubsmith_login.several import SeveralWays
from running import Visitor, until
from traitlets.config import Config

# PAM is the machine's. Here it has these people with these passwords, and the accounts to them.
CONFIG = """
import pamela
from jupyterhub.auth import LocalAuthenticator, PAMAuthenticator

PASSWORDS = {{"ada": "ada's", "guest": "guest's", "bob": "bob's", "github:octocat": "fox's", "seat1": "seat's"}}

def authenticate(name, password, **_):
    if PASSWORDS.get(name) != password:
        raise pamela.PAMError("no")

pamela.authenticate = authenticate
pamela.check_account = lambda *_, **__: None
LocalAuthenticator.system_user_exists = lambda *_: True

c.JupyterHub.authenticator_class = "hubsmith_login.several.SeveralWays"
c.SeveralWays.ways = {{
    "pam": "pam",
    "github": "github",
    "oidc": "hubsmith_login.openid.OpenIDAuthenticator",
    "shared_password": "hubsmith_login.seats.SeatsAuthenticator",
    "ldap": "hubsmith_login.directory.DirectoryAuthenticator",
}}
c.SeveralWays.titles = {{"oidc": "the <campus>"}}
c.OAuthenticator.client_id = "hub"
c.OAuthenticator.client_secret = "secret"
c.GitHubOAuthenticator.authorize_url = "{provider}/authorize"
c.GitHubOAuthenticator.token_url = "{provider}/token"
c.GitHubOAuthenticator.userdata_url = "{provider}/user"
c.OpenIDAuthenticator.issuer = "{provider}"
c.GitHubOAuthenticator.logout_redirect_url = "/hub/health"
c.OpenIDAuthenticator.enable_auth_state = True
c.OpenIDAuthenticator.manage_groups = True
c.OpenIDAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.OpenIDAuthenticator.admin_groups = {{"deans"}}
c.PAMAuthenticator.allow_all = True
c.SeatsAuthenticator.seats = {{"seat1", "seat2", "seat3"}}
c.SeatsAuthenticator.password = "workshop!"
c.DirectoryAuthenticator.server_address = "127.0.0.1"
c.DirectoryAuthenticator.server_port = {closed}
c.DirectoryAuthenticator.bind_dn_template = "uid={{username}},dc=example"
c.Authenticator.auth_refresh_age = 1
"""
ADA = {"name": "ada"}
BOB = {"name": "bob", "identities": ["github:octocat"]}
CAROL = {"name": "carol", "identities": ["oidc:octocat"]}


@pytest.fixture(name="hub", scope="module")
def fixture_hub(make_hub, provider):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        closed = nobody.getsockname()[1]
    return make_hub(
        ADA, BOB, CAROL, extra=CONFIG.format(provider=provider.url, closed=closed), variables={"JUPYTERHUB_CRYPT_KEY": "00" * 32}
    )


class Browser(Visitor):
    """Logs in by any way."""

    def form(self, way, password, **more):
        """The answer to a form of the login page."""
        self.session.get(f"{self.url}hub/login", timeout=30)
        form = {"username": self.name, "password": password, "_xsrf": self._xsrf("/hub/"), **more}
        return self.session.post(f"{self.url}hub/{way}/login", data=form, params={"next": "/hub/home"}, timeout=30)

    def button(self, way):
        self.session.headers["Provider-User"] = self.name
        return self.session.get(f"{self.url}hub/{way}/oauth_login?next=/hub/home", timeout=30)

    def came_in(self, answer):
        return answer.status_code == 200 and answer.url == f"{self.url}hub/home" and self.is_in()


def browser(hub, name, local=""):
    return Browser(hub.url, name, "", "", local=local or name)


def enters(hub, way, name, password=""):
    """By what local name somebody gets in, if they do."""
    visitor = browser(hub, name)
    answer = visitor.form(way, password) if password else visitor.button(way)
    if not visitor.came_in(answer):
        return None
    return re.search(r'"user": "([^"]+)"|user: "([^"]+)"', answer.text).group(1, 2)[1]


def sections(page):
    """What the page has for each way, in the order of the page."""
    marks = [*re.finditer(r'id="login-((?!main)[a-z_]+)"', page), None]
    return {here[1]: page[here.start() : there.start() if there else None] for here, there in itertools.pairwise(marks)}


# -- the page


def test_one_page_has_all_ways_in_their_order_and_keeps_where_to_go(hub):
    visitor = browser(hub, "ada")
    found = sections(visitor.session.get(f"{hub.url}hub/login?next=%2Fhub%2Ftoken%3Fa%3Db&username=%22%3E%3Cscript%3E", timeout=30).text)
    assert list(found) == ["pam", "github", "oidc", "shared_password", "ldap"]
    where = "?next=%2Fhub%2Ftoken%3Fa%3Db"
    for way in ("pam", "shared_password", "ldap"):
        assert f'action="/hub/{way}/login{where}"' in found[way]
        assert f'name="_xsrf" value="{visitor._xsrf("/hub/")}"' in found[way]
    for way, name in (("github", "GitHub"), ("oidc", "the &lt;campus&gt;")):
        assert f'href="/hub/{way}/oauth_login{where}"' in found[way]
        assert f"Sign in with {name}" in found[way]
    assert "<script>" not in "".join(found.values()).partition("<script")[0]
    assert 'value="&#34;&gt;&lt;script&gt;"' in found["pam"]


def test_an_error_stands_at_the_form_that_it_is_about(hub):
    for way, password in (("pam", "wrong"), ("shared_password", "wrong one")):
        answer = browser(hub, "ada").form(way, password)
        assert answer.status_code == 403
        found = sections(answer.text)
        assert [name for name, text in found.items() if "Invalid username or password" in text] == [way]
        assert [name for name, text in found.items() if 'value="ada"' in text] == [way]


def test_a_directory_that_is_down_is_told_at_its_form_and_harms_no_other_way(hub):
    answer = browser(hub, "ada").form("ldap", "ada's")
    assert answer.status_code == 503
    assert [name for name, text in sections(answer.text).items() if "does not answer as it should" in text] == ["ldap"]
    assert "Traceback" not in hub.log()
    assert enters(hub, "pam", "ada", "ada's") == "ada"


def test_a_form_that_another_site_has_made_logs_nobody_in(hub):
    for way in ("pam", "shared_password", "ldap"):
        visitor = browser(hub, "ada")
        answer = visitor.form(way, "ada's", _xsrf="guessed")
        assert answer.status_code == 403
        assert [name for name, text in sections(answer.text).items() if "Login form invalid or expired" in text] == [way]
        assert not visitor.is_in()


def test_a_program_that_knows_only_the_hub_s_own_form_uses_the_first(hub):
    visitor = hub.person("ada")
    visitor.password = "ada's"
    assert visitor.gets_in()


# -- who is who


@pytest.mark.parametrize(
    ("way", "name", "password", "local"),
    [
        ("pam", "ada", "ada's", "ada"),
        ("github", "octocat", "", "bob"),
        ("github", "OctoCat", "", "bob"),
        # The same name elsewhere is somebody else.
        ("oidc", "octocat", "", "carol"),
        # Accounts that are named like somebody here, or like somebody of another way.
        ("github", "ada", "", None),
        ("github", "pam:ada", "", None),
        ("oidc", "github:octocat", "", None),
        ("pam", "github:octocat", "fox's", None),
        # Bob has identities, and his own name is none of them.
        ("pam", "bob", "bob's", None),
        ("shared_password", "seat1", "workshop!", "seat1"),
        ("shared_password", "SEAT1", "workshop!", "seat1"),
        # No seat; a seat for an administrator; one that the access file does not know; one that leads to somebody else.
        ("shared_password", "ada", "workshop!", None),
        ("shared_password", "seat2", "workshop!", None),
        ("shared_password", "seat3", "workshop!", None),
        ("shared_password", "seat1", "wörkshop!", None),
        # One way's rule lets in whoever comes by it, and nobody who comes by another.
        ("pam", "guest", "guest's", "guest"),
        ("github", "guest", "", None),
        ("github", "root", "", None),
    ],
)
def test_everybody_is_who_they_are_by_the_way_they_come(hub, way, name, password, local):
    hub.give(ADA, BOB, CAROL, {"name": "seat1"}, {"name": "seat2", "admin": True}, {"name": "dean", "identities": ["seat3"]})
    assert enters(hub, way, name, password) == local


def test_whoever_lists_the_own_name_may_use_the_own_password(hub):
    hub.give({"name": "bob", "identities": ["bob", "github:octocat"]})
    assert enters(hub, "pam", "bob", "bob's") == "bob"
    assert enters(hub, "github", "octocat") == "bob"


def test_an_answer_that_was_asked_for_in_one_way_is_refused_in_another(hub):
    hub.give(BOB, CAROL)
    for asked, other in (("github", "oidc"), ("oidc", "github")):
        visitor = browser(hub, "octocat")
        begun = visitor.session.get(f"{hub.url}hub/{asked}/oauth_login", allow_redirects=False, timeout=30).headers["Location"]
        assert f"hub%2F{asked}%2Foauth_callback" in begun
        state = re.search("state=([^&]+)", begun)[1]
        answer = visitor.session.get(f"{hub.url}hub/{other}/oauth_callback?code=octocat&state={state}", timeout=30)
        assert answer.status_code == 400
        assert "begun in another way" in answer.text
        assert not visitor.is_in()
        assert visitor.came_in(visitor.button(asked))


# -- what each way still has to say after the login


def test_a_way_s_groups_and_administrators_are_those_of_whoever_comes_by_it(hub, provider):
    hub.give({"name": "ada", "identities": ["ada", "oidc:dean"], "groups": ["ours"]})
    provider.groups["dean"] = ["deans"]
    dean = browser(hub, "dean", "ada")
    assert dean.came_in(dean.button("oidc"))
    until(lambda: sorted(hub.model("ada")["groups"]) == ["deans", "ours"])
    # What a part says of administrators is not the file's to take back.
    hub.give({"name": "ada", "identities": ["ada", "oidc:dean"], "groups": ["ours"]}, BOB)
    assert hub.model("ada")["admin"]
    assert enters(hub, "pam", "ada", "ada's") == "ada"
    assert not hub.model("ada")["admin"]
    assert hub.model("ada")["groups"] == ["ours"]


def test_a_seat_never_administers(hub, provider):
    hub.give({"name": "seat1", "identities": ["seat1", "oidc:chief"]})
    provider.groups["chief"] = ["deans"]
    assert enters(hub, "oidc", "chief") == "seat1"
    assert hub.model("seat1")["admin"]
    assert enters(hub, "shared_password", "seat1", "workshop!") == "seat1"
    assert not hub.model("seat1")["admin"]


def test_a_logout_is_one_of_the_way_as_well(hub, provider):
    hub.give(ADA, BOB, CAROL)
    ada, bob, carol = browser(hub, "ada"), browser(hub, "octocat", "bob"), browser(hub, "octocat", "carol")
    for visitor, came, last in (
        (ada, ada.form("pam", "ada's"), f"{hub.url}hub/login"),
        (bob, bob.button("github"), f"{hub.url}hub/health"),
        (carol, carol.button("oidc"), f"{provider.url}/logout?client_id=hub&id_token_hint="),
    ):
        assert visitor.came_in(came)
        assert visitor.session.get(f"{hub.url}hub/logout", timeout=30).url.startswith(last)
        assert not visitor.is_in()


@pytest.mark.parametrize(
    ("path", "status", "answer", "sentence"),
    [
        ("/user", 500, 503, "Logging in by {} does not work at the moment"),
        ("/token", 400, 403, "{} refuses this login"),
        ("/token", 0, 503, "Logging in by {} does not work at the moment"),
    ],
)
def test_a_provider_that_is_out_of_order_harms_no_other_way(hub, provider, path, status, answer, sentence):
    hub.give(ADA, BOB, CAROL)
    ada, carol = browser(hub, "ada"), browser(hub, "octocat", "carol")
    assert carol.came_in(carol.button("oidc"))
    provider.failing[path] = status
    for way, name in (("github", "GitHub"), ("oidc", "single sign-on")):
        found = browser(hub, "octocat").button(way)
        assert found.status_code == answer
        assert sentence.format(name) in found.text
    assert ada.came_in(ada.form("pam", "ada's"))
    # A second later she is asked about again, and nobody says that she is not to be here.
    time.sleep(1.1)
    assert carol.is_in()
    provider.failing.clear()


def test_whom_the_provider_knows_no_more_has_to_log_in_again(hub, provider):
    hub.give(ADA, CAROL)
    ada, carol = browser(hub, "ada"), browser(hub, "octocat", "carol")
    assert ada.came_in(ada.form("pam", "ada's"))
    assert carol.came_in(carol.button("oidc"))
    provider.expire("octocat")
    until(lambda: not carol.is_in())
    assert ada.is_in()


def test_a_hub_that_was_restarted_still_knows_by_which_way_people_came(hub, provider):
    """The last with this hub, as the restart takes one way off it."""
    hub.give(ADA, BOB, CAROL)
    ada, bob, carol = browser(hub, "ada"), browser(hub, "octocat", "bob"), browser(hub, "octocat", "carol")
    provider.groups["octocat"] = ["old"]
    assert ada.came_in(ada.form("pam", "ada's"))
    assert bob.came_in(bob.button("github"))
    assert carol.came_in(carol.button("oidc"))
    until(lambda: hub.model("carol")["groups"] == ["old"])
    provider.groups["octocat"] = ["new"]
    until(lambda: carol.is_in() and hub.model("carol")["groups"] == ["new"])
    hub.stop()
    hub.extra += 'del c.SeveralWays.ways["github"]'
    hub.start()
    provider.groups["octocat"] = ["newest"]
    until(lambda: carol.is_in() and hub.model("carol")["groups"] == ["newest"])
    assert ada.is_in()
    assert not bob.is_in()
    # What this way keeps is its own, and that of the other, which keeps nothing, is not kept.
    assert hub.model("carol")["auth_state"].keys() > {"oauth_user", "hubsmith_login"}
    assert hub.model("bob")["auth_state"] == {"hubsmith_login": {"way": "github", "name": "octocat"}}
    assert hub.model("ada")["auth_state"] == {"hubsmith_login": {"way": "pam", "name": "ada"}}


# -- without a hub


def test_a_name_that_only_looks_like_another_is_left_for_live_access_to_see():
    several = SeveralWays(config=Config(SeveralWays={"ways": {"oidc": "generic-oauth", "pam": "pam"}}))
    for part in several.parts:
        assert part.normalize_username("OctoCat") == "octocat"
        # The Kelvin sign, of which lower case makes an ordinary k.
        assert part.normalize_username("\u212aim") == "\u212aim"


@pytest.mark.parametrize(
    ("ways", "sentence"),
    [
        ({}, "is empty; name the ways to log in"),
        ({"Pam": "pam"}, "has the name 'Pam'; use a-z"),
        ({"a:b": "github"}, "has the name 'a:b'; use a-z"),
        ({"api": "github"}, "has the name api, but the hub has pages of its own below that"),
        ({"login": "github"}, "has the name login, but the hub has pages"),
        ({"pam": "github"}, "has GitHubOAuthenticator for pam, whose names would be taken for local ones"),
        ({"shared_password": "shared-password"}, "has SharedPasswordAuthenticator for shared_password, whose names"),
        ({"here": "github", "there": "github"}, "has GitHubOAuthenticator twice, with the same settings"),
    ],
)
def test_ways_that_cannot_be(ways, sentence, caplog):
    with pytest.raises(SystemExit):
        SeveralWays(config=Config(SeveralWays={"ways": ways}))
    assert f"The hub does not start: c.SeveralWays.ways {sentence}" in caplog.text


def test_roles_are_no_way_s_business(caplog):
    with pytest.raises(SystemExit):
        SeveralWays(config=Config(SeveralWays={"ways": {"pam": "pam"}}, PAMAuthenticator={"manage_roles": True}))
    assert "manage_roles is set for one of c.SeveralWays.ways" in caplog.text
