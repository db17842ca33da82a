# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry of the one list of people, as several modules take it."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for."""

    DOCUMENTATION = r"""
options:
  users:
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The name of the account. It begins with a letter, consists of C(a-z), C(0-9), C(-) and C(_), and has 31 characters at most.
          - Names of system accounts and e-mail addresses are refused.
        type: str
        required: true
      state:
        description:
          - V(present) means that the person may log in, and that the account exists and may be used.
          - V(blocked) keeps the entry, but lets nobody in by it. In the hub, logins, tokens, roles and servers of the person end.
            On the host, the password is locked and the account ended, so that neither SSH keys nor cron let anyone in. Home and
            processes stay as they are, and an entry without an account stays without.
          - V(absent) takes the person from the hub like V(blocked), and removes the account. For its home see
            O(hubsmith.jupyterhub.local_users#module:remove). It is refused while processes of the account run, because whatever runs may
            hold unsaved work. A check run only warns then, as an earlier task might have stopped them.
          - An entry without it is V(present), or what O(hubsmith.jupyterhub.local_users#module:state) says.
        type: str
        choices: [present, blocked, absent]
      identities:
        description:
          - Who may log in to the hub as this person, for example an e-mail address that the provider of logins vouches for.
            Nobody else may.
          - Without any, it is whoever logs in by the name itself.
          - An identity belongs to one person, and is nobody else's name. Upper and lower case are the same.
        type: list
        elements: str
      admin:
        description: Whether the person administers the hub.
        type: bool
      groups:
        description: The person's groups in the hub. See O(users[].unix_groups) for the host's.
        type: list
        elements: str
      expires:
        description: The last day on which the person may log in to the hub, as year-month-day in the host's time zone.
        type: str
      limits:
        description:
          - What the person's server may use from its next start.
          - C(memory) is a number with K, M, G or T, C(cpu) a number of processors.
        type: dict
      uid:
        description:
          - The UID of a new account. When left out, someone who comes back to a home that was kept gets the UID that owns it. Everybody
            else gets the first UID above all that are in use.
          - The UID of an existing account is never changed, and a different one is refused.
        type: int
      group:
        description:
          - The primary group, which is created if there is none of that name.
          - A new account for which nothing is said gets O(hubsmith.jupyterhub.local_users#module:group), or a group of its own.
        type: str
      unix_groups:
        description: Further groups of the host to be a member of. Those that are missing are created.
        type: list
        elements: str
      shell:
        description: The login shell.
        type: str
      home:
        description:
          - The home folder of a new account.
          - A home is never moved, and a different one for an existing account is refused.
        type: str
      comment:
        description: The full name, or whatever else the comment field of the account shall say.
        type: str
      password:
        description:
          - A hash as C(mkpasswd) or C(openssl passwd -6) make it (yescrypt, scrypt, bcrypt, SHA-512 or SHA-256). Clear text is refused.
          - A new account without one cannot be logged in to with a password.
        type: str
"""
