# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for the accounts of people, as the modules that see to them take it."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for."""

    DOCUMENTATION = r"""
options:
  home:
    description: The folder in which homes of new accounts are made.
    type: path
    default: /home
  home_mode:
    description: The mode of homes that are made, as an octal number in quotes.
    type: str
    default: "0700"
  skeleton:
    description: The folder whose content a home begins with. Empty for homes that begin empty.
    type: path
    default: /etc/skel
  shell:
    description: The login shell of new accounts.
    type: str
    default: /bin/bash
  group:
    description: The primary group of new accounts. When empty, each gets a group of its own name.
    type: str
  unix_groups:
    description: Groups of the host that everybody with the state V(present) is made a member of.
    type: list
    elements: str
    default: []
  remove:
    description:
      - What becomes of the home of an account that is removed.
      - With V(keep) it stays as it is, and its UID is not given to anybody else as long as it lies in O(home).
      - With V(archive) it goes into a file of O(archive_dir), and is deleted.
      - With V(delete) it is deleted.
      - A home that belongs to somebody else, holds another account's home or has a mount in it is refused, unless it is kept.
    type: str
    choices: [keep, archive, delete]
    default: keep
  archive_dir:
    description: The folder for archives of homes. It is made for C(root) only, and so are the archives.
    type: path
    default: /var/backups/jupyterhub/homes
"""
