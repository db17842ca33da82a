# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that says who may log in, as the modules that edit it take it."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - An access file, which the running hub reads, or a C(jupyterhub_config.py) that you have written yourself.
      - The suffix C(.json) or C(.py) tells which. With another suffix the content does - an access file is one object in JSON.
      - An access file is made if there is none. It must not be a symbolic link, and nobody but its owner may write it or its folder.
      - A configuration is not run. It is parsed, the statement in force is edited, and every other byte stays. What cannot be edited
        safely is refused with file, line and what to do instead.
    type: path
    default: /etc/jupyterhub/access.json
  authenticator_class:
    description: The class that logs people in, if O(path) is a configuration that does not tell. Not used for an access file.
    type: str
  mode:
    description: Permissions of the file, as an octal number. Without it, a file keeps its own, and a new one has V(0600).
    type: raw
  owner:
    description:
      - Owner of the file. Without it, a file keeps its owner.
      - An access file belongs to C(root) or to the user that runs the hub; name the latter here.
    type: str
  group:
    description: Group of the file. Without it, a file keeps its group.
    type: str
  backup:
    description: Keep the file that is replaced beside it, with the time in its name.
    type: bool
    default: false
attributes:
  check_mode:
    description: Predicts the change, and writes nothing.
    support: full
  diff_mode:
    description: Shows the lines of the people who differ, or the configuration before and after.
    support: full
"""
