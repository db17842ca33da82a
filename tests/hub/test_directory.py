# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login by a directory: who is let in, what is verified, and what happens when the directory is out of order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
import time

import pytest
from directory_server import BASE, Directory, make_certificate
from hubsmith_login.directory import DirectoryAuthenticator
from tornado.web import HTTPError
from traitlets.config import Config

SEARCH = {
    "lookup_dn": True,
    "user_search_base": BASE,
    "user_attribute": "uid",
    "lookup_dn_search_user": f"uid=search,{BASE}",
    "lookup_dn_search_password": "look(up)*",
}
HUB = """
c.JupyterHub.authenticator_class = "hubsmith_login.directory.DirectoryAuthenticator"
c.DirectoryAuthenticator.update({settings!r})
"""


@pytest.fixture(name="directory", scope="module")
def fixture_directory(tmp_path_factory):
    directory = Directory(tmp_path_factory.mktemp("directory"))
    yield directory
    directory.close()


@pytest.fixture(name="ask")
def fixture_ask(directory, caplog):
    """Who somebody is by the directory; everything that is said to the log must be free of passwords."""
    caplog.set_level(logging.DEBUG)
    given = []

    def ask(name, password, **settings):
        given.append(password)
        found = asyncio.run(authenticator(directory, **settings).authenticate(None, {"username": name, "password": password}))
        return found and found["name"]

    yield ask
    for password in [*(word for word in given if len(word) > 2), SEARCH["lookup_dn_search_password"]]:
        assert password not in caplog.text


def settings_of(directory, **more):
    found = {
        "server_address": "localhost",
        "server_port": directory.port,
        "tls_kwargs": {"ca_certs_file": str(directory.certificate)},
        "bind_dn_template": f"uid={{username}},{BASE}",
        "patience_seconds": 2,
        **more,
    }
    return {name: value for name, value in found.items() if value is not None}


def authenticator(directory, **more):
    return DirectoryAuthenticator(config=Config(DirectoryAuthenticator=settings_of(directory, **more)))


# -- who somebody is


@pytest.mark.parametrize("how", [{}, {**SEARCH, "bind_dn_template": None}], ids=["template", "search"])
@pytest.mark.parametrize(
    ("name", "password", "who"),
    [
        ("ada", "ada's", "ada"),
        ("Ada", "ada's", "ada"),
        ("ada", "wrong one", None),
        ("ada", "bob's", None),
        ("stranger", "ada's", None),
        # The directory lets everybody in who gives no password, as nobody in particular.
        ("ada", "", None),
        ("ada", " ", None),
        # Characters that no password has, and one that comes to nothing.
        ("ada", "ada's\x07", None),
        ("ada", "\u00ad", None),
        ("*", "ada's", None),
        ("a*", "ada's", None),
        ("ada)(uid=*", "ada's", None),
        (f"ada,{BASE}", "ada's", None),
        ("ada\x00", "ada's", None),
        ("", "ada's", None),
    ],
)
def test_only_who_knows_their_own_password_is_somebody(ask, how, name, password, who):
    assert ask(name, password, **how) == who


@pytest.mark.parametrize("how", [{}, {**SEARCH, "bind_dn_template": None}], ids=["template", "search"])
@pytest.mark.parametrize("name", ["*", "a*", "ada)(uid=*", "(|(uid=ada)", f"ada,{BASE}", "ada+cn=ada", "\\61da", "ada\x00"])
def test_a_site_that_takes_any_characters_is_not_fooled_by_them(ask, how, name):
    assert ask(name, "ada's", valid_username_regex=".*", **how) is None


def test_a_directory_lets_in_who_gives_no_password_and_we_do_not(directory):
    """Else the test above would show nothing."""
    connection = authenticator(directory)._connect(None, None)
    assert connection.bind()


# -- groups


@pytest.mark.parametrize(
    ("groups", "more", "admitted"),
    [
        (["staff"], {}, {"ada"}),
        (["nothing", "staff"], {}, {"ada"}),
        (["nothing"], {}, set()),
        (["secret"], {}, set()),
        # Only the directory could know who belongs to a group by belonging to another.
        (["everybody"], {}, set()),
        # That it is asked by the rule of the filter is seen by one that this directory has.
        (["staff"], {"group_search_filter": "(member:distinguishedNameMatch:={userdn})"}, {"ada"}),
        (["staff"], {"group_search_filter": "(member:1.2.840.113556.1.4.1941:={userdn})"}, set()),
    ],
)
def test_groups_that_are_let_in(directory, groups, more, admitted):
    one = authenticator(directory, allowed_groups=[f"cn={group},{BASE}" for group in groups], **more)

    async def passes(name):
        model = await one.authenticate(None, {"username": name, "password": f"{name}'s"})
        return await one.check_allowed(name, model)

    assert {name for name in ("ada", "bob") if asyncio.run(passes(name))} == admitted


def test_a_group_that_is_not_shown_is_told_to_the_log(directory, caplog):
    test_groups_that_are_let_in(directory, ["secret"], {}, set())
    assert f"The directory has no cn=secret,{BASE}, or does not show it to uid=ada,{BASE}" in caplog.text


# -- encryption


@contextlib.contextmanager
def out_of_order(caplog, why):
    with pytest.raises(HTTPError) as caught:
        yield
    assert caught.value.status_code == 503
    assert caught.value.get_message() == "The directory of this site does not answer as it should. Please try again later."
    assert why in caplog.text


@pytest.mark.parametrize("strategy", ["before_bind", "on_connect"])
def test_only_the_right_directory_is_given_a_password(ask, directory, tmp_path, caplog, strategy):
    how = {"tls_strategy": strategy, "server_port": directory.port if strategy == "before_bind" else directory.tls_port}
    assert ask("ada", "ada's", **how) == "ada"
    stranger = {"ca_certs_file": str(make_certificate(tmp_path))}
    for wrong in ({"tls_kwargs": stranger}, {"tls_kwargs": {}}, {"server_address": "127.0.0.1"}):
        heard = directory.log().count("BIND dn")
        with out_of_order(caplog, "certificate"):
            ask("ada", "ada's", **how, **wrong)
        caplog.clear()
        assert directory.log().count("BIND dn") == heard


def test_a_directory_that_wants_encryption_is_not_a_wrong_password(ask, caplog):
    with out_of_order(caplog, "it says confidentialityRequired"):
        ask("ada", "ada's", tls_strategy="insecure", tls_kwargs={})


# -- out of order


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"lookup_dn_search_password": "wrong one"}, f"it says invalidCredentials () to uid=search,{BASE}"),
        ({"lookup_dn_search_password": None}, "password is mandatory"),
        ({"lookup_dn_search_user": f"uid=nobody,{BASE}"}, f"it says invalidCredentials () to uid=nobody,{BASE}"),
    ],
)
def test_a_search_account_that_is_refused_is_not_a_wrong_password(ask, caplog, wrong, why):
    for name in ("ada", "stranger"):
        with out_of_order(caplog, why):
            ask(name, "ada's", **{**SEARCH, "bind_dn_template": None, **wrong})


def test_a_directory_that_is_away(ask, caplog):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with out_of_order(caplog, f"Nobody can log in by the directory localhost:{port}: "):
        ask("ada", "ada's", server_port=port)


@pytest.fixture(name="silent")
def fixture_silent():
    """The port of somebody who takes calls and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        calls = []
        threading.Thread(target=_take, args=(server, calls), daemon=True).start()
        yield server.getsockname()[1]


def _take(server, calls):
    with contextlib.suppress(OSError):
        while True:
            calls.append(server.accept())


@pytest.mark.parametrize("strategy", ["before_bind", "on_connect", "insecure"])
def test_a_directory_that_says_nothing_is_waited_for_so_long_and_no_longer(ask, silent, caplog, strategy):
    started = time.monotonic()
    with out_of_order(caplog, "Nobody can log in by the directory"):
        ask("ada", "ada's", server_port=silent, tls_strategy=strategy, patience_seconds=1)
    assert time.monotonic() - started < 4


@pytest.fixture(name="endless")
def fixture_endless():
    """The port of somebody whose answer goes on and on, each part of it in time."""
    over = threading.Event()

    def answer(server):
        with server.accept()[0] as connection, contextlib.suppress(OSError):
            connection.sendall(b"\x30\x84\x00\x00\xff\xff")
            while not over.wait(0.3):
                connection.sendall(b"\x00")

    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=answer, args=(server,))
        answering.start()
        yield server.getsockname()[1]
        over.set()
        answering.join(timeout=10)


def test_a_login_as_a_whole_is_not_waited_for_for_ever_either(ask, endless, caplog):
    started = time.monotonic()
    with out_of_order(caplog, "no answer within 3 s"):
        ask("ada", "ada's", server_port=endless, tls_strategy="insecure", patience_seconds=1)
    assert time.monotonic() - started < 4


# -- in a hub


def test_a_hub_goes_on_while_its_directory_does_not(make_hub, directory):
    hub = make_hub({"name": "ada"}, {"name": "bob"}, extra=HUB.format(settings=settings_of(directory)))
    ada, bob = hub.person("ada"), hub.person("bob")
    ada.password, bob.password = "ada's", "bob's"
    assert ada.gets_in()
    assert not hub.person("bob").gets_in()
    # It takes calls still, and says nothing.
    directory.process.send_signal(signal.SIGSTOP)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(bob.log_in()))
    started = time.monotonic()
    waiting.start()
    slowest = 0.0
    while waiting.is_alive():
        asked = time.monotonic()
        assert ada.is_in()
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.05)
    assert time.monotonic() - started > 2 > slowest
    directory.process.send_signal(signal.SIGCONT)
    directory.close()
    answers.append(bob.log_in())
    for answer in answers:
        assert answer.status_code == 503
        assert "The directory of this site does not answer as it should" in answer.text
    assert ada.is_in()
    directory.start()
    assert bob.gets_in()
    assert "Traceback" not in hub.log()
    assert not any(f"{name}'s" in hub.log() for name in ("ada", "bob"))


# -- what is refused at the start


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"server_address": None}, "server_address is empty; name the host of the directory"),
        ({"bind_dn_template": None}, "bind_dn_template is empty; give one, or set lookup_dn"),
        ({**SEARCH, "user_search_base": None}, "user_search_base is empty, and lookup_dn needs it"),
        ({"tls_kwargs": {"ca_certs_file": "/not/there"}}, "tls_kwargs cannot be used: invalid CA public key file"),
        ({"tls_kwargs": {"certificates": 1}}, "tls_kwargs cannot be used: "),
    ],
)
def test_settings_that_cannot_be(directory, caplog, wrong, sentence):
    with pytest.raises(SystemExit):
        authenticator(directory, **wrong)
    assert f"The hub does not start: c.DirectoryAuthenticator.{sentence}" in caplog.text
