# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One password for the seats of a workshop, and for nothing else."""

from __future__ import annotations

import pytest
from hubsmith_login.seats import SeatsAuthenticator
from traitlets.config import Config

CONFIG = """
c.JupyterHub.authenticator_class = "hubsmith_login.seats.SeatsAuthenticator"
c.SeatsAuthenticator.seats = {"seat1", "seat2", "seat3", "seat4"}
c.SeatsAuthenticator.password = "workshop!"
"""


@pytest.fixture(name="hub", scope="module")
def fixture_hub(make_hub):
    people = [
        {"name": "ada"},
        {"name": "seat1"},
        {"name": "seat2", "admin": True},
        {"name": "dean", "identities": ["seat3"]},
        {"name": "seat5"},
    ]
    return make_hub(*people, extra=CONFIG)


@pytest.mark.parametrize(
    ("name", "password", "comes_in"),
    [
        ("seat1", "workshop!", True),
        ("Seat1", "workshop!", True),
        ("seat1", "workshop?", False),
        ("seat1", "", False),
        ("seat1", "wörkshop!", False),
        # Somebody who has no seat, an administrator, a seat that leads to somebody else, one that the access file does not know,
        # and one that only the file has.
        ("ada", "workshop!", False),
        ("seat2", "workshop!", False),
        ("seat3", "workshop!", False),
        ("dean", "workshop!", False),
        ("seat4", "workshop!", False),
        ("seat5", "workshop!", False),
    ],
)
def test_only_a_seat_may_be_taken_and_only_with_the_password(hub, name, password, comes_in):
    visitor = hub.person(name, name.lower())
    visitor.password = password
    assert visitor.gets_in() == comes_in
    assert "Traceback" not in hub.log()


def test_the_log_tells_of_a_password_that_is_tried_elsewhere_but_not_the_password(hub):
    visitor = hub.person("ada")
    visitor.password = "workshop!"
    assert not visitor.gets_in()
    assert "Refused the password of the seats for 'ada', which is no seat" in hub.log()
    assert "workshop!" not in hub.log()
    assert "No admin users will be able to login" not in hub.log()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"seats": set()}, "seats names nobody"),
        ({"seats": {"seat1", "Seat2"}}, "seats names Seat2 in upper case letters"),
        ({"password": ""}, "password is not of 8 or more ASCII characters"),
        ({"password": "seven77"}, "password is not of 8 or more ASCII characters"),
        ({"password": "wörkshop!"}, "password is not of 8 or more ASCII characters"),
        ({"admin_password": "x" * 32}, "admin_password is set, but nobody administers a hub from a seat"),
    ],
)
def test_settings_that_cannot_be(caplog, wrong, sentence):
    settings = {"seats": {"seat1"}, "password": "workshop!", **wrong}
    with pytest.raises(SystemExit):
        SeatsAuthenticator(config=Config(SeatsAuthenticator=settings))
    assert f"The hub does not start: c.SeatsAuthenticator.{sentence}" in caplog.text
    assert "workshop!" not in caplog.text
