# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access changes in the running hub: at once, without a restart, and only for those whom it concerns."""

from __future__ import annotations

import json
from contextlib import contextmanager

import machines
import pytest
from person import unharmed

testinfra_hosts = ["ansible://jupyterhub"]
FILE = "/etc/jupyterhub/access.json"
# What the file says at the beginning and after each test.
PEOPLE = [
    {"name": "ada", "admin": True},
    {"name": "charles"},
    {"name": "emmy", "identities": ["outside"], "groups": ["numerics"], "limits": {"memory": "700M"}},
]


def task(module, **arguments):
    result = machines.task("access", module, path=FILE, **arguments)
    assert not result.get("failed"), result
    return result


def pid(host):
    return host.check_output("systemctl show jupyterhub --property=MainPID --value")


def is_running(host, name):
    return host.run(f"systemctl is-active jupyter-{name}").stdout.strip() == "active"


@pytest.fixture(name="same_hub", autouse=True)
def fixture_same_hub(host):
    """Whatever a test does, the hub's process stays the same, and in the end the file is as it was."""
    host.run("id outside || useradd --create-home outside")
    shadow = host.check_output("grep ^ada: /etc/shadow").split(":")[1]
    for name in ("outside", "newcomer"):
        host.run(f"id {name} || useradd --create-home {name}")
        host.check_output("printf '%%s:%%s\\n' %s %s | chpasswd -e", name, shadow)
    before = pid(host)
    yield
    task("access", users=PEOPLE, state="exact", wait=True)
    assert pid(host) == before


@contextmanager
def ada_works_on(ada):
    with unharmed(ada, "python3"):
        yield


def log_in(someone):
    return someone.log_in().status_code


def has_access(someone):
    """Whether the hub still knows this browser."""
    return "/hub/login" not in someone.session.get(f"{someone.url}hub/home", timeout=30).url


def token_of(someone):
    answer = someone.session.post(f"{someone.url}hub/api/users/{someone.name}/tokens", json={}, headers=someone.hub_headers, timeout=30)
    answer.raise_for_status()
    return {"Authorization": f"token {answer.json()['token']}"}


def asks_with(someone, token):
    """The answer of the REST API to a token, sent by a program that has no cookies."""
    return someone.without_cookies().get(f"{someone.url}hub/api/user", headers=token, timeout=30).status_code


def test_somebody_is_added(host, ada, person):
    newcomer = person("newcomer")
    assert log_in(newcomer) == 403
    with ada_works_on(ada):
        assert task("allowlist", names=["newcomer"])["changed"]
        took = machines.until(lambda: log_in(person("newcomer")) == 200, timeout=10, every=0.1)
    assert took < 2
    assert not task("allowlist", names=["newcomer"])["changed"]


def test_change_by_hand_is_in_force_within_two_seconds(host, person):
    """From the moment at which the file is there; seen by a token, as a login would look at the file by itself."""
    charles = person("charles")
    assert log_in(charles) == 200
    token = token_of(charles)
    assert asks_with(charles, token) == 200
    text = json.dumps({"format": 1, "users": [one for one in PEOPLE if one["name"] != "charles"]})
    host.check_output("printf %%s %s > /etc/jupyterhub/.new && chmod 600 /etc/jupyterhub/.new && mv /etc/jupyterhub/.new %s", text, FILE)
    assert machines.until(lambda: asks_with(charles, token) == 403, timeout=10, every=0.05) < 2


@pytest.mark.parametrize("how", ["removed", "blocked", "expired"])
def test_access_is_taken_away(host, ada, person, how):
    """Login, cookie, token and server are gone, and nobody else notices."""
    charles = person("charles")
    assert log_in(charles) == 200
    charles.open_server()
    token = token_of(charles)
    assert asks_with(charles, token) == 200
    assert is_running(host, "charles")
    entry = {"removed": {"state": "absent"}, "blocked": {"state": "blocked"}, "expired": {"expires": "2020-01-31"}}[how]
    with ada_works_on(ada):
        assert task("access", users=[{"name": "charles", **entry}], wait=True)["applied"]
        # The task waits until all of it is done.
        assert asks_with(charles, token) == 403
        assert not has_access(charles)
        assert not is_running(host, "charles")
        assert "/hub/login" in charles.session.get(f"{charles.server}api/status", timeout=30).url
    assert log_in(person("charles")) == 403
    task("access", users=[{"name": "charles"}], wait=True)
    again = person("charles")
    assert log_in(again) == 200
    again.open_server()
    assert asks_with(again, token) == 403


def test_administrator_comes_and_goes(person, ada):
    charles = person("charles")
    assert log_in(charles) == 200
    page = f"{charles.url}hub/admin"
    assert charles.session.get(page, timeout=30).status_code == 403
    with ada_works_on(ada):
        task("allowlist", roster="admins", names=["charles"])
        assert machines.until(lambda: charles.session.get(page, timeout=30).status_code == 200, timeout=10, every=0.1) < 2
        task("allowlist", roster="admins", names=["charles"], state="absent")
        assert machines.until(lambda: charles.session.get(page, timeout=30).status_code == 403, timeout=10, every=0.1) < 2
    assert has_access(charles)


def test_identity_leads_to_its_account(host, person):
    emmy = person("outside")
    assert log_in(emmy) == 200
    emmy.name = "emmy"
    emmy.open_server()
    assert "numerics" in emmy.session.get(f"{emmy.url}hub/api/user", headers=emmy.hub_headers, timeout=30).json()["groups"]
    assert host.check_output("systemctl show jupyter-emmy --property=MemoryMax --value") == str(700 * 2**20)
    emmy.stop_server()


def test_account_that_bears_the_name_of_a_person_with_identities_is_refused(person):
    """It has the right password, and is somebody else."""
    assert log_in(person("emmy")) == 403


def test_identity_moves_to_somebody_else(person, ada):
    mover = person("outside")
    assert log_in(mover) == 200
    with ada_works_on(ada):
        moved = [{"name": "emmy", "identities": ["elsewhere"]}, {"name": "charles", "identities": ["outside"]}]
        task("access", users=moved, wait=True)
        assert not has_access(mover)
    again = person("outside")
    assert log_in(again) == 200
    assert again.session.get(f"{again.url}hub/api/user", headers=again.hub_headers, timeout=30).json()["name"] == "charles"


def test_chain_is_refused(host):
    before = host.file(FILE).content_string
    result = machines.task("access", "username_map", path=FILE, map={"charles": "ada"})
    assert result["failed"]
    assert "charles" in result["msg"]
    assert host.file(FILE).content_string == before


def test_admin_page_does_not_outvote_the_file(host, ada, person):
    ada.session.post(f"{ada.url}hub/api/users/newcomer", headers=ada.hub_headers, timeout=30)
    assert log_in(person("newcomer")) == 403


BROKEN = {
    "truncated": f"head -c 50 /root/good > {FILE}",
    "another format": f"""echo '{{"format": 99, "users": []}}' > {FILE}""",
    "a chain": f"""echo '{{"format": 1, "users": [{{"name": "ada", "identities": ["bob"]}}, {{"name": "bob"}}]}}' > {FILE}""",
    "writable by others": f"chmod 666 {FILE}",
    "of somebody else": f"chown charles {FILE}",
    "a link": f"mv {FILE} /root/moved && ln -s /root/moved {FILE}",
    "missing": f"rm {FILE}",
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_file_is_harmless(host, ada, person, how):
    """The last good state stays in force, and the hub says what is wrong, in all places."""
    host.check_output(f"cp -a {FILE} /root/good")
    with ada_works_on(ada):
        host.check_output(BROKEN[how])
        machines.until(lambda: task("access_info")["hub"]["error"], timeout=15, every=0.5)
        assert log_in(person("charles")) == 200
        assert log_in(person("newcomer")) == 403
        metrics = ada.session.get(f"{ada.url}hub/metrics", timeout=30).text
        assert "jupyterhub_access_error 1.0" in metrics
        host.check_output(f"rm -f {FILE} && cp -a /root/good {FILE}")
        machines.until(lambda: not task("access_info")["hub"]["error"], timeout=15, every=0.5)
    said = host.check_output("journalctl --identifier jupyterhub --since -1min --no-pager")
    assert FILE in said


def test_full_disk_leaves_the_file_as_it_was(host):
    host.check_output("cp -a /etc/jupyterhub /root/before")
    host.check_output("mount -t tmpfs -o size=256k,mode=755 tmpfs /etc/jupyterhub && cp -a /root/before/. /etc/jupyterhub/")
    try:
        host.run("cat /dev/zero > /etc/jupyterhub/filler")
        before = host.file(FILE).content_string
        result = machines.task("access", "allowlist", path=FILE, names=["newcomer"])
        assert result["failed"]
        assert "No space left on device" in result["msg"]
        assert host.file(FILE).content_string == before
    finally:
        host.check_output("umount -l /etc/jupyterhub")
        host.check_output("rm -r /root/before")


def test_people_by_the_playbooks(host, ada, person):
    """A person is added with an account, shown, and removed with everything, while Ada works on."""
    shadow = host.check_output("grep ^ada: /etc/shadow").split(":")[1]
    host.check_output("rm -rf /var/backups/jupyterhub/homes")
    with ada_works_on(ada):
        code, said = machines.play("access", playbook="hubsmith.jupyterhub.add_people", people=[{"name": "grace", "password": shadow}])
        assert code == 0, said
        grace = person("grace")
        assert log_in(grace) == 200
        grace.open_server()
        code, said = machines.play("access", playbook="hubsmith.jupyterhub.list_people")
        assert code == 0, said
        assert "grace" in said
        code, said = machines.play("access", playbook="hubsmith.jupyterhub.remove_people", people=["grace"])
        assert code == 0, said
        assert not has_access(grace)
    assert host.run("id grace").rc != 0
    assert host.check_output("ls /var/backups/jupyterhub/homes | grep -c ^grace-") == "1"
    code, said = machines.play("access", playbook="hubsmith.jupyterhub.remove_people", people=["grace"])
    assert code == 0, said
    assert "changed=0" in said


def test_one_comes_and_one_goes_in_one_task(host, ada, person):
    """Somebody's account is removed while their server runs: the server stops first."""
    shadow = host.check_output("grep ^ada: /etc/shadow").split(":")[1]
    grace, hedy = person("grace"), person("hedy")
    with ada_works_on(ada):
        assert machines.task("access", "people", users=[{"name": "grace", "password": shadow}])["applied"]
        assert log_in(grace) == 200
        grace.open_server()
        users = [{"name": "grace", "state": "absent"}, {"name": "hedy", "password": shadow}]
        changed = machines.task("access", "people", users=users, remove="delete")
        assert not changed["failed"], changed["said"]
        assert not has_access(grace)
        assert log_in(hedy) == 200
        assert not machines.task("access", "people", users=users, remove="delete")["changed"]
        assert machines.task("access", "people", users=[{"name": "hedy", "state": "absent"}], remove="delete")["changed"]
    assert host.run("id grace").rc != 0
    assert host.run("id hedy").rc != 0


def test_second_converge_disturbs_nobody(ada):
    with ada_works_on(ada):
        code, said = machines.play("access")
        assert code == 0, said
    assert "changed=0" in said
