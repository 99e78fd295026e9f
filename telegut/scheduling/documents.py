"""Hours as plain JSON, in the shape of the public contract, and back; the clinic's numbers as well. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from telegut.scheduling.rules import Availability, Exceptional, Kind, Policy, WeeklyRule

MINUTE: Final = timedelta(minutes=1)


def to_document(availability: Availability) -> dict[str, Any]:
    """The hours as plain JSON; what is not set is left out, and so are the clinic's holidays."""
    document: dict[str, Any] = {
        "zone": availability.zone,
        "rules": [_rule_document(rule) for rule in availability.rules],
        "exceptions": [_exception_document(one) for one in availability.exceptions],
    }
    if availability.max_a_day is not None:
        document["max_a_day"] = availability.max_a_day
    if availability.minimum_notice is not None:
        document["minimum_notice_minutes"] = availability.minimum_notice // MINUTE
    return document


def _rule_document(rule: WeeklyRule) -> dict[str, Any]:
    document: dict[str, Any] = {
        "weekdays": list(rule.weekdays),
        "start": f"{rule.start:%H:%M}",
        "end": f"{rule.end:%H:%M}",
    }
    if rule.from_day:
        document["from"] = rule.from_day.isoformat()
    if rule.until_day:
        document["until"] = rule.until_day.isoformat()
    if rule.services:
        document["services"] = sorted(str(service) for service in rule.services)
    if rule.zone:
        document["zone"] = rule.zone
    return document


def _exception_document(one: Exceptional) -> dict[str, Any]:
    document = {"start": one.start.isoformat(), "end": one.end.isoformat(), "kind": one.kind.value}
    return {**document, "note": one.note} if one.note else document


def from_document(document: Mapping[str, Any], *, version: int, holidays: tuple[date, ...] = ()) -> Availability:
    """Hours that `to_document` wrote; trusts them."""
    notice = document.get("minimum_notice_minutes")
    return Availability(
        document["zone"],
        tuple(_rule_of(one) for one in document["rules"]),
        tuple(_exception_of(one) for one in document["exceptions"]),
        version,
        document.get("max_a_day"),
        None if notice is None else timedelta(minutes=notice),
        holidays,
    )


def _rule_of(one: Mapping[str, Any]) -> WeeklyRule:
    return WeeklyRule(
        tuple(one["weekdays"]),
        time.fromisoformat(one["start"]),
        time.fromisoformat(one["end"]),
        date.fromisoformat(one["from"]) if "from" in one else None,
        date.fromisoformat(one["until"]) if "until" in one else None,
        frozenset(UUID(service) for service in one.get("services", ())),
        one.get("zone"),
    )


def _exception_of(one: Mapping[str, Any]) -> Exceptional:
    start, end = datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"])
    return Exceptional(start, end, Kind(one["kind"]), one.get("note", ""))


def policy_document(policy: Policy) -> dict[str, Any]:
    """The clinic's numbers."""
    return {
        "minimum_notice_minutes": policy.minimum_notice // MINUTE,
        "horizon_days": policy.horizon.days,
        "grid_minutes": policy.grid // MINUTE,
        "max_future_visits": policy.max_future_visits,
        "cancel_notice_minutes": policy.cancel_notice // MINUTE,
        "hold_minutes": policy.hold_for // MINUTE,
        "holds_per_patient": policy.holds_per_patient,
        "any_practitioner": policy.any_practitioner,
        "max_visits_a_day": policy.max_visits_a_day,
        "offer_minutes": policy.offer_for // MINUTE,
        "quiet_from": f"{policy.quiet_from:%H:%M}",
        "quiet_until": f"{policy.quiet_until:%H:%M}",
        "series_at_most": policy.series_at_most,
        "reminder_minutes": list(policy.reminder_minutes),
    }
