# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person with a browser logs in, works with Octave, and sees a plot; whoever should not get in does not."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

testinfra_hosts = ["ansible://jupyterhub"]
PASSWORD = "correct horse battery staple"
SLOW = 90_000
SURFACE = """\
[x, y] = meshgrid (-8:0.5:8);
r = sqrt (x.^2 + y.^2) + eps;
surf (x, y, sin (r) ./ r)
title ("sin (r) / r")"""


@pytest.fixture(name="address")
def fixture_address(variables):
    return f"https://{variables['jupyterhub_domain']}/"


def log_in(page, address, name, password=PASSWORD):
    page.goto(address)
    page.fill("#username_input", name)
    page.fill("#password_input", password)
    page.click("#login_submit")


def test_octave_notebook_with_a_plot(page, address, artifacts):
    log_in(page, address, "ada")
    page.wait_for_url(re.compile(r"/user/ada/lab"), timeout=SLOW)
    page.locator(".jp-LauncherCard[data-category=Notebook]", has_text="Octave").click(timeout=SLOW)
    # What is typed before the kernel is there may get lost, for a person, too.
    page.get_by_text("Octave | Idle").wait_for(timeout=SLOW)
    cell = page.locator(".jp-Notebook .cm-content").first
    cell.fill(SURFACE, timeout=SLOW)
    expect(cell).to_contain_text("meshgrid")
    cell.press("Shift+Enter")
    picture = page.locator(".jp-OutputArea-output img").first
    picture.wait_for(timeout=SLOW)
    page.screenshot(path=artifacts / "octave.png")
    assert picture.evaluate("image => image.naturalWidth") > 200
    # A plot that failed leaves text, and an empty picture would be white all over.
    output = page.locator(".jp-OutputArea").first
    for word in ("failed", "error", "warning"):
        expect(output).not_to_contain_text(word, ignore_case=True)
    assert picture.evaluate(COLOURS) > 20


COLOURS = """image => {
    const canvas = Object.assign(document.createElement("canvas"), {width: image.naturalWidth, height: image.naturalHeight});
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return new Set(pixels).size;
}"""


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody-here", PASSWORD), ("mallory", PASSWORD), ("root", PASSWORD)])
def test_refused(host, page, address, name, password):
    """mallory has an account on the host and the right password, but is not on the list; root never is."""
    host.run("id mallory || useradd --create-home mallory")
    shadow = host.check_output("grep ^ada: /etc/shadow").split(":")[1]
    host.check_output("printf 'mallory:%%s\\nroot:%%s\\n' %s %s | chpasswd -e", shadow, shadow)
    log_in(page, address, name, password)
    expect(page.locator(".login_error")).to_be_visible(timeout=SLOW)
    assert "/hub/login" in page.url
    page.goto(f"{address}hub/home")
    assert "/hub/login" in page.url


def test_cookies_are_for_https_only(page, address):
    log_in(page, address, "charles")
    page.wait_for_url(re.compile(r"/user/charles/lab"), timeout=SLOW)
    cookies = [cookie for cookie in page.context.cookies() if "jupyterhub" in cookie["name"]]
    assert cookies
    assert all(cookie["secure"] and cookie["httpOnly"] for cookie in cookies if "session-id" not in cookie["name"])
