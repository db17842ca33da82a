# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the login page shows where there are several ways: a form or a button for each."""

from __future__ import annotations

import json

# Looks like the hub's own forms and buttons, whose scripts look for these classes and for the id of the warning.
_PAGE = """
{% autoescape true %}
<p id="insecure-login-warning" class="hidden alert alert-warning">
  Warning: this hub is reached over HTTP, so that others can read what is typed here. It should be reached over HTTPS.
</p>
{% for way in authenticator.choices %}
{% set address = way.login_url(hub) ~ ("?next=" ~ next if next else "") %}
{% if way.is_form %}
<form id="login-{{ way.name }}" action="{{ address }}" method="post" role="form" class="mb-4">
  <div class="auth-form-header"><h1>{{ way.title }}</h1></div>
  <div class="auth-form-body m-auto">
    {% set here = way.name == authenticator.chosen %}
    {% if here and login_error %}<p class="login_error">{{ login_error }}</p>{% endif %}
    <input type="hidden" name="_xsrf" value="{{ xsrf }}" />
    <label for="username_{{ way.name }}">Username:</label>
    <input id="username_{{ way.name }}" type="text" name="username" value="{{ username or '' if here else '' }}" class="form-control"
           autocapitalize="off" autocorrect="off" autocomplete="username" />
    <label for="password_{{ way.name }}">Password:</label>
    <input id="password_{{ way.name }}" type="password" name="password" class="form-control" autocomplete="current-password" />
    {% if way.part.request_otp %}
    <label for="otp_{{ way.name }}">{{ way.part.otp_prompt }}</label>
    <input id="otp_{{ way.name }}" name="otp" class="form-control" autocomplete="one-time-password" />
    {% endif %}
    <div class="feedback-container">
      <input type="submit" class="btn btn-jupyter form-control" value="Sign in" />
      <div class="feedback-widget hidden"><i class="fa fa-spinner"></i></div>
    </div>
  </div>
</form>
{% else %}
<div class="service-login mb-4">
  <a id="login-{{ way.name }}" role="button" class="btn btn-jupyter btn-lg" href="{{ address }}">Sign in with {{ way.title }}</a>
</div>
{% endif %}
{% endfor %}
{% endautoescape %}
"""


def page(base_url: str) -> str:
    """A template for the hub, which knows all that it asks for but its own address."""
    return f"{{% set hub = {json.dumps(base_url)} %}}{_PAGE}"
