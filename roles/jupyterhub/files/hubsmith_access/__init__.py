# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live access: what the access file says takes effect in the running hub, in front of whichever authenticator it uses.

The last lines of a hub's configuration are ``from hubsmith_access import live`` and ``live(c)``.
"""

from __future__ import annotations

from .authenticator import LiveAccess
from .configure import live

__all__ = ["LiveAccess", "live"]
