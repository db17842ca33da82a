# Copyright: (c) 2026, hubsmith contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an assertion, whose signature holds, is meant for this hub, this login and this moment. Pure: the clock is given.

The library looks at most of this, too, but lets pass what an assertion leaves out: here everything has to be said.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from .saml_shape import RefusedError

_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@dataclass(frozen=True)
class Expected:
    """``issuer`` is the provider, ``audience`` this hub, ``recipient`` where it takes answers, ``request`` what it had asked."""

    issuer: str
    audience: str
    recipient: str
    request: str
    now: float
    skew: float


@dataclass(frozen=True)
class Statement:
    """What a provider says of somebody. ``until``: when the assertion cannot be used any more in any case."""

    id: str
    name_id: Any
    session: str
    attributes: dict[str, list[str]]
    until: float


def read_assertion(assertion: Any, expected: Expected) -> Statement:
    """What an assertion says, if it is meant for here and now."""
    check_issuer(assertion, expected.issuer)
    subject, conditions = assertion.subject, assertion.conditions
    if not (assertion.id and subject and subject.name_id and subject.name_id.text and conditions and assertion.authn_statement):
        raise RefusedError("the assertion lacks its subject with a name, its conditions, or its statement of a login")
    check_times(conditions, expected)
    restrictions = conditions.audience_restriction
    for restriction in restrictions:
        audiences = [_text(audience) for audience in restriction.audience]
        if expected.audience not in audiences:
            raise RefusedError(f"the assertion is for {', '.join(audiences)}, and this hub is {expected.audience}")
    if not restrictions:
        raise RefusedError("the assertion does not say whom it is for")
    until = _confirmed(subject.subject_confirmation, expected)
    for statement in assertion.authn_statement:
        if statement.session_not_on_or_after and moment(statement.session_not_on_or_after) + expected.skew <= expected.now:
            raise RefusedError(f"the session at the provider ended at {statement.session_not_on_or_after}")
    session = assertion.authn_statement[0].session_index or ""
    return Statement(assertion.id, subject.name_id, session, _attributes(assertion), until)


def check_issuer(message: Any, issuer: str) -> None:
    said = _text(message.issuer) if message.issuer else ""
    if said != issuer:
        raise RefusedError(f"the message is from {said or 'nobody'} instead of {issuer}")


def check_times(bounds: Any, expected: Expected) -> None:
    if bounds.not_before and moment(bounds.not_before) - expected.skew > expected.now:
        raise RefusedError(f"the message is valid only from {bounds.not_before}; compare the clocks of hub and provider")
    if bounds.not_on_or_after and moment(bounds.not_on_or_after) + expected.skew <= expected.now:
        raise RefusedError(f"the message was valid until {bounds.not_on_or_after}; compare the clocks of hub and provider")


def _confirmed(confirmations: list[Any], expected: Expected) -> float:
    """Until when one of the confirmations holds for whoever brings the assertion."""
    why = "the assertion is not for whoever brings it"
    for confirmation in confirmations:
        data = confirmation.subject_confirmation_data
        if confirmation.method != _BEARER or not data:
            continue
        try:
            check_times(data, expected)
        except RefusedError as error:
            why = str(error)
            continue
        if data.recipient != expected.recipient:
            why = f"the assertion is to be brought to {data.recipient} instead of {expected.recipient}"
        elif data.in_response_to != expected.request:
            why = f"the assertion answers {data.in_response_to} instead of {expected.request}"
        elif not data.not_on_or_after:
            why = "the assertion does not say until when it may be brought"
        else:
            return moment(data.not_on_or_after) + expected.skew
    raise RefusedError(why)


def _attributes(assertion: Any) -> dict[str, list[str]]:
    """By their names, and by their friendly names where nothing is called so."""
    named: dict[str, list[str]] = {}
    friendly: dict[str, list[str]] = {}
    for attribute in (one for statement in assertion.attribute_statement for one in statement.attribute):
        values = [_text(value) for value in attribute.attribute_value]
        named.setdefault(attribute.name, []).extend(values)
        if attribute.friendly_name:
            friendly.setdefault(attribute.friendly_name, []).extend(values)
    return {**friendly, **named}


def name_of(statement: Statement, attribute: str) -> str:
    """The name by which the provider knows somebody: an attribute with one value, or what it calls them itself."""
    if attribute:
        values = set(statement.attributes.get(attribute, ()))
        if len(values) != 1 or "" in values:
            known = ", ".join(sorted(statement.attributes)) or "none"
            raise RefusedError(f"the attribute {attribute} has {len(values)} values instead of one; the attributes are: {known}")
        return values.pop()
    if statement.name_id.format == _TRANSIENT:
        raise RefusedError("the provider calls people by another name each time; set username_attribute, or have it send a lasting name")
    return _text(statement.name_id)


def moment(text: str) -> float:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(f"{text!r} is not a time") from None
    return (found if found.tzinfo else found.replace(tzinfo=datetime.UTC)).timestamp()


def _text(element: Any) -> str:
    return (element.text or "").strip()
