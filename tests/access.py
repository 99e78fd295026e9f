"""
Who may call what: one row an operation of the API, for one patient and everybody around them.

`tests/test_access_matrix.py` calls every operation as everybody; `docs/access.md` shows this table. A new operation
needs a row here, or the test fails. Values in braces are filled in by `tests.test_access_matrix.Ground`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PEOPLE = {
    "patient": "patient",
    "guardian": "guardian",
    "consultant": "consultant",
    "nutritionist": "nutritionist",
    "interpreter": "interpreter",
    "coordinator": "coordinator",
    "admin": "admin",
    "auditor": "auditor",
    "stranger_patient": "other patient",
    "stranger_guardian": "other guardian",
    "stranger_consultant": "other consultant",
    "stranger_nutritionist": "other nutritionist",
}
"""Everybody who can sign in, in the columns' order, with the column's heading. The first four belong to the patient."""

NOBODY = "nobody"

TEAM = frozenset({"consultant", "nutritionist"})
FAMILY = frozenset({"patient", "guardian"})
CIRCLE = TEAM | FAMILY
"""To whom the record is open."""
EVERYBODY = frozenset(PEOPLE)
ANYBODY = EVERYBODY | {NOBODY}
BOOKING = EVERYBODY - {"admin", "auditor", "interpreter"}
"""Who may look for times and book at all; for this patient only `CIRCLE` and the coordinator."""
TAKING_PART = frozenset({"patient", "guardian", "consultant"})
"""Who is in the visit; the nutritionist of the care team is not in this one."""
PRACTICE = frozenset({"coordinator"})
HOLDING = frozenset({"consultant", "coordinator"})
"""Who holds the group session, or arranges it."""
SUBSCRIBING = (BOOKING | {"interpreter"}) - PRACTICE
"""Who has visits of their own to subscribe to."""
ANSWERING = frozenset({"consultant", "nutritionist", "stranger_consultant", "stranger_nutritionist"})
"""Who answers patients; saved replies of their own are each one's alone."""
REVIEWING = ANSWERING | {"admin"}
"""Who proposes versions of the evidence base; its rows are about nobody here."""
BOOKED = frozenset({"consultant", "nutritionist", "interpreter", "stranger_consultant", "stranger_nutritionist"})
"""Everybody whose time is booked; their calendars are each one's own."""
MANAGING = frozenset({"coordinator", "admin"})
"""Who sets what holds for the whole clinic."""
PROTOCOL_MAKERS = frozenset({"consultant", "stranger_consultant", "admin"})
"""Who says how a clinic's samples are taken."""
PROTOCOL = {
    "name": "Home kit",
    "states": dict.fromkeys(("kit", "laboratory", "extraction", "amplification", "pipeline", "database"), "stated"),
}
FORM_AUTHORS = frozenset({"consultant", "stranger_consultant", "coordinator", "admin"})
"""Who says what is asked before a visit; only the care team reads what is answered."""

GROUP_KEEPERS = frozenset({"consultant", "stranger_consultant", "admin"})
"""Who loads, approves and withdraws comparison groups; nobody sees a single person's values by that."""

WRITING = CIRCLE | frozenset({"stranger_patient", "stranger_guardian", "stranger_consultant", "stranger_nutritionist"})
"""Who takes part in conversations of some patient, and so may hand in a file for themselves."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    One operation.

    allowed: to whom it is open for this patient's things; everybody else gets 401, 403 or 404. own: it is about the
    caller's own account and may end it, so that it is called by somebody made for the purpose.
    """

    operation: str
    allowed: frozenset[str]
    body: Any = None
    query: str = ""
    own: bool = False
    multipart: bool = False


CHOICES_ABOUT_NOTICES = {"message": ["mail"], "visit": ["mail"], "plan": [], "report": ["mail", "push"]}
PUSH_DEVICE = {
    "endpoint": "https://push.example/{client_id}",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
"""A subscription with the keys of RFC 8291, appendix A."""

PROPOSAL = {
    "row": "{row}",
    "why": "Shorter",
    "checked": "2026-11-22",
    "certainty": "low",
    "kinds": ["fibre"],
    **dict.fromkeys(("intervention", "design", "population", "comparator", "outcome", "effect"), "As it is"),
    **dict.fromkeys(("may_say", "must_not_say", "source"), "As it is"),
}
"""A version of a row that is there, told as a new row: it is refused as stale, so that the matrix changes nothing."""

_PATIENT = "/api/v1/patients/{id}"
_PLAN = f"{_PATIENT}/care-plan"
_ASKING = "service={service}&practitioner={consultant}"

ROWS = (
    # oneself
    Row("GET /api/v1/events", EVERYBODY),
    Row("POST /api/v1/tokens", ANYBODY, {"email": "{email}", "password": "{password}"}, own=True),
    Row("DELETE /api/v1/tokens/current", EVERYBODY, own=True),
    Row("GET /api/v1/me", EVERYBODY),
    Row("PATCH /api/v1/me", EVERYBODY, {"zone": "Europe/Berlin"}, own=True),
    Row(
        "PUT /api/v1/me/password", EVERYBODY, {"present": "{password}", "password": "seven herons by the sea"}, own=True
    ),
    Row("GET /api/v1/me/sessions", EVERYBODY),
    Row("DELETE /api/v1/me/sessions", EVERYBODY, own=True),
    Row("DELETE /api/v1/me/sessions/{session}", frozenset({"patient"})),
    Row("GET /api/v1/me/reminders", EVERYBODY),
    Row("PUT /api/v1/me/reminders", EVERYBODY, {"reminders": "mail"}, own=True),
    Row("GET /api/v1/me/reading-level", EVERYBODY),
    Row("PUT /api/v1/me/reading-level", EVERYBODY, {"level": "short"}, own=True),
    Row("GET /api/v1/me/notices", EVERYBODY),
    Row("PUT /api/v1/me/notices", EVERYBODY, CHOICES_ABOUT_NOTICES, own=True),
    Row("GET /api/v1/me/push-devices", EVERYBODY),
    Row("POST /api/v1/me/push-devices", EVERYBODY, PUSH_DEVICE, own=True),
    Row("DELETE /api/v1/me/push-devices/{push_device}", frozenset({"patient"})),
    Row("GET /api/v1/notices/undelivered", frozenset({"admin"})),
    Row("POST /api/v1/notices/{id}/again", frozenset({"admin"})),
    Row("POST /api/v1/me/mobile-code", EVERYBODY, {"code": "000000"}, own=True),
    # patients
    Row("GET /api/v1/patients", EVERYBODY),
    Row(f"GET {_PATIENT}", CIRCLE | PRACTICE),
    Row(f"GET {_PATIENT}/care-team", CIRCLE | PRACTICE | {"admin"}),
    Row(
        f"PUT {_PATIENT}/care-team",
        frozenset({"consultant", "coordinator", "admin"}),
        {
            "version": "{team_version}",
            "members": [
                {"account": "{consultant}", "role": "consultant"},
                {"account": "{nutritionist}", "role": "nutritionist"},
            ],
        },
    ),
    Row(f"GET {_PATIENT}/accesses", CIRCLE | {"auditor"}),
    Row(f"GET {_PATIENT}/recordings", CIRCLE),
    Row("GET /api/v1/recordings/{id}", CIRCLE),
    Row("GET /api/v1/recordings/{id}/films/{film}", CIRCLE),
    Row("POST /api/v1/recordings/{id}/withdrawal", TAKING_PART),
    # times and visits
    Row("GET /api/v1/services", EVERYBODY),
    Row("GET /api/v1/practitioners", EVERYBODY),
    Row("GET /api/v1/practitioners/{id}/availability", EVERYBODY),
    Row(
        "PUT /api/v1/practitioners/{id}/availability",
        frozenset({"consultant"}),
        {"zone": "Europe/London", "rules": []},
    ),
    Row("GET /api/v1/practitioners/{id}/conflicts", frozenset({"consultant", "coordinator"})),
    Row(
        "PUT /api/v1/practitioners/{id}/languages",
        frozenset({"consultant", "coordinator"}),
        {"languages": ["en-GB"]},
    ),
    Row("PUT /api/v1/services/{id}/numbers", MANAGING, {}),
    Row("GET /api/v1/scheduling/policy", EVERYBODY),
    Row("PUT /api/v1/scheduling/policy", MANAGING, {"version": 99}),
    Row("GET /api/v1/scheduling/holidays", EVERYBODY),
    Row("PUT /api/v1/scheduling/holidays", MANAGING, {"version": 99, "holidays": []}),
    Row("GET /api/v1/topics", EVERYBODY),
    Row("POST /api/v1/topics", MANAGING, {"name": "Sleep", "services": ["{service}"]}),
    Row("PUT /api/v1/topics/{id}", MANAGING, {"version": 99, "name": "Sleep", "services": []}),
    Row("DELETE /api/v1/topics/{id}", MANAGING),
    Row("GET /api/v1/slots", BOOKING, query=f"{_ASKING}&from={{soon}}&to={{later}}"),
    Row("GET /api/v1/slots/first", BOOKING, query=f"{_ASKING}&from={{soon}}&to={{later}}"),
    Row("GET /api/v1/slots/explain", BOOKING, query=f"{_ASKING}&start={{soon}}"),
    Row(
        "POST /api/v1/holds",
        CIRCLE | PRACTICE,
        {"service": "{service}", "practitioners": ["{consultant}"], "start": "{soon}", "patient": "{patient}"},
    ),
    Row(
        "POST /api/v1/appointments",
        CIRCLE | PRACTICE,
        {"service": "{service}", "practitioners": ["{consultant}"], "start": "{soon}", "patient": "{patient}"},
    ),
    Row("GET /api/v1/appointments", EVERYBODY, query="patient={patient}"),
    Row("GET /api/v1/appointments/{id}", CIRCLE | PRACTICE),
    Row("GET /api/v1/appointments/{id}.ics", CIRCLE | PRACTICE),
    Row(
        "POST /api/v1/appointments/{id}/reschedule",
        CIRCLE | PRACTICE,
        {"start": "{soon}", "version": 1},
    ),
    Row("GET /api/v1/appointments/{id}/cancellation", CIRCLE | PRACTICE),
    Row("POST /api/v1/appointments/{id}/cancel", CIRCLE | PRACTICE, {"version": 99}),
    # waiting for a time, and times that are kept
    Row("POST /api/v1/waitlist", CIRCLE | PRACTICE, {"service": "{service}", "patient": "{patient}"}),
    Row("GET /api/v1/waitlist", EVERYBODY),
    Row("GET /api/v1/waitlist/offers", EVERYBODY),
    Row("POST /api/v1/waitlist/offers/{offer}/accept", CIRCLE | PRACTICE, {}),
    Row("POST /api/v1/waitlist/offers/{offer}/decline", CIRCLE | PRACTICE),
    Row("PATCH /api/v1/waitlist/{id}", TEAM | PRACTICE, {"urgency": "soon", "version": 99}),
    Row("DELETE /api/v1/waitlist/{id}", CIRCLE | PRACTICE),
    Row("GET /api/v1/holds", BOOKING),
    Row("POST /api/v1/holds/{id}/renew", frozenset({"patient"})),
    Row("DELETE /api/v1/holds/{id}", frozenset({"patient"})),
    Row("PUT /api/v1/appointments/{id}/follow-up", TEAM, {"service": "{service}", "weeks": 6}),
    Row(f"GET {_PATIENT}/follow-ups", CIRCLE | PRACTICE),
    Row(f"GET {_PATIENT}/follow-ups/{{follow_up}}/first", CIRCLE | PRACTICE),
    Row("DELETE /api/v1/appointments/{id}/follow-up", TEAM),
    # forms before a visit; the clinic of this matrix asks nothing, so the patient's side may write and finds no form
    Row("GET /api/v1/appointments/{id}/intake", CIRCLE),
    Row("PUT /api/v1/appointments/{id}/intake/answers", FAMILY, {"answers": {"reason": "Sleep"}}),
    Row("POST /api/v1/appointments/{id}/intake/submit", FAMILY),
    Row("GET /api/v1/intake/forms", FORM_AUTHORS),
    Row("GET /api/v1/intake/forms/{form}", FORM_AUTHORS),
    Row(
        "POST /api/v1/intake/forms",
        FORM_AUTHORS,
        {"service": "{service}", "version": 99, "title": "Before we talk", "questions": []},
    ),
    Row(
        "POST /api/v1/series/preview",
        CIRCLE | PRACTICE,
        {
            "service": "{service}",
            "practitioners": ["{consultant}"],
            "start": "{soon}",
            "every": "weekly",
            "count": 2,
            "patient": "{patient}",
        },
    ),
    Row(
        "POST /api/v1/series",
        CIRCLE | PRACTICE,
        {
            "service": "{service}",
            "practitioners": ["{consultant}"],
            "starts": ["{soon}", "{later}"],
            "patient": "{patient}",
        },
    ),
    Row("GET /api/v1/series/{id}", CIRCLE | PRACTICE),
    Row("POST /api/v1/series/{id}/cancel", CIRCLE | PRACTICE, {"from": "{later}"}),
    Row("POST /api/v1/appointments/{id}/confirm", FAMILY | PRACTICE),
    # one's own calendars
    Row("GET /api/v1/calendar-feeds", SUBSCRIBING),
    Row("POST /api/v1/calendar-feeds", SUBSCRIBING, {"name": "Phone"}),
    Row("DELETE /api/v1/calendar-feeds/{id}", frozenset({"patient"})),
    Row("GET /api/v1/busy-calendars", BOOKED),
    Row(
        "POST /api/v1/busy-calendars",
        TEAM | {"interpreter"},  # the others take no visits in this clinic
        {"name": "Private", "url": "https://calendar.example/private.ics"},
    ),
    Row("DELETE /api/v1/busy-calendars/{id}", frozenset({"consultant"})),
    Row("GET /api/v1/busy-conflicts", BOOKED),
    Row("GET /api/v1/interpreters/languages", BOOKING),
    Row("GET /api/v1/group-sessions", BOOKING),
    Row("GET /api/v1/group-sessions/starts", HOLDING, query="service={group}&practitioner={consultant}"),
    Row("GET /api/v1/group-sessions/{id}", BOOKING),
    Row(
        "POST /api/v1/group-sessions",
        HOLDING,
        {"service": "{group}", "practitioners": ["{consultant}"], "start": "{soon}"},
    ),
    Row("POST /api/v1/group-sessions/{id}/seats", CIRCLE | PRACTICE, {"patient": "{patient}"}),
    Row("POST /api/v1/group-sessions/{id}/reschedule", HOLDING, {"start": "{soon}", "version": 99}),
    Row("POST /api/v1/group-sessions/{id}/cancel", HOLDING, {"version": 99}),
    Row("GET /api/v1/zone-findings", (BOOKED - {"interpreter"}) | PRACTICE),
    Row("POST /api/v1/zone-findings/{id}/decision", TEAM | PRACTICE, {"keep": "instant"}),
    Row("GET /api/v1/visits/waiting", EVERYBODY),
    Row("GET /api/v1/visits/{id}", TAKING_PART),
    Row("GET /api/v1/visits/{id}/link", TAKING_PART),
    Row("GET /api/v1/visits/{id}/lost-minutes", frozenset({"consultant"})),
    Row("POST /api/v1/visits/{id}/check", TAKING_PART),
    Row("GET /api/v1/visits/{id}/ice-servers", TAKING_PART),
    Row("POST /api/v1/visits/{id}/rehearsal", TAKING_PART, {"there": {"offer": "v=0"}, "back": {"offer": "v=0"}}),
    Row("PUT /api/v1/visits/{id}/rehearsal", TAKING_PART, {"camera": True, "microphone": True, "way": "direct"}),
    Row("POST /api/v1/visits/{id}/tickets", TAKING_PART),
    Row("GET /api/v1/visits/{id}/outlook", TAKING_PART),
    Row("PUT /api/v1/visits/{id}/late", frozenset({"consultant"}), {"minutes": 5}),
    Row("GET /api/v1/visits/{id}/guests", frozenset({"consultant"})),
    Row("POST /api/v1/visits/{id}/guests", frozenset({"consultant"}), {"name": "Ada Lind", "role": "supporter"}),
    Row("DELETE /api/v1/visits/{id}/guests/{account}", frozenset({"consultant"})),
    Row("PUT /api/v1/visits/{id}/guests/{account}/panels", frozenset({"consultant"}), {"shown": True}),
    Row("PUT /api/v1/visits/{id}/guests/{account}/panels/answer", FAMILY, {"agreed": True}),
    Row("GET /api/v1/visits/{id}/shown", frozenset()),
    Row("GET /api/v1/visits/{id}/colleagues", frozenset({"consultant"})),
    Row("POST /api/v1/visits/{id}/colleagues", frozenset({"consultant"}), {"practitioner": "{consultant}"}),
    Row("GET /api/v1/visits/{id}/attendance", frozenset({"consultant"})),
    Row("PUT /api/v1/visits/{id}/encryption", frozenset({"consultant"}), {"on": True}),
    # care plan
    Row("GET /api/v1/evidence", EVERYBODY),
    Row("GET /api/v1/evidence/{row}/versions", EVERYBODY),
    Row("GET /api/v1/evidence/proposals", REVIEWING),
    Row("POST /api/v1/evidence/proposals", REVIEWING, PROPOSAL),
    Row("POST /api/v1/evidence/proposals/{id}/sign", ANSWERING, {"profession": "dietitian"}),
    Row("POST /api/v1/evidence/proposals/{id}/send-back", ANSWERING, {"reason": "The interval is missing."}),
    Row("POST /api/v1/evidence/proposals/{id}/withdraw", frozenset({"admin"})),
    Row(f"GET {_PLAN}", CIRCLE),
    Row(f"POST {_PLAN}/goals", TEAM, {"title": "Walk to work"}),
    Row(f"PATCH {_PLAN}/goals/{{goal}}", TEAM, {"version": 1, "title": "Walk to work"}),
    Row(f"POST {_PLAN}/steps", TEAM, {"title": "Oats", "kind": "fibre"}),
    Row(f"PATCH {_PLAN}/steps/{{step}}", TEAM, {"version": 1, "title": "Oats"}),
    Row(f"POST {_PLAN}/steps/{{step}}/acceptance", FAMILY, {"answer": "accepted", "version": 1}),
    Row(f"PUT {_PLAN}/steps/{{step}}/days/{{day}}", FAMILY, {"result": "done"}),
    Row(f"PUT {_PLAN}/gates/{{gate}}", TEAM, {"answer": "no"}),
    Row(f"POST {_PLAN}/sign", TEAM, {}),
    Row(f"GET {_PLAN}/versions", CIRCLE),
    # how it goes
    Row("GET /api/v1/instruments", EVERYBODY),
    Row("GET /api/v1/measures", EVERYBODY),
    Row(f"POST {_PATIENT}/responses", CIRCLE, {"instrument": "{instrument}", "answers": {"{item}": 1}}),
    Row(f"GET {_PATIENT}/responses", CIRCLE),
    Row(f"POST {_PATIENT}/diary", CIRCLE, {"mood": 3, "note": "A slow morning"}),
    Row(f"GET {_PATIENT}/diary", CIRCLE),
    Row(f"GET {_PATIENT}/series", CIRCLE, query="measure={measure}"),
    # messages
    Row("GET /api/v1/conversations", EVERYBODY),
    Row("POST /api/v1/conversations", CIRCLE, {"patient": "{patient}", "subject": "Travel"}),
    Row("GET /api/v1/conversations/{id}", CIRCLE),
    Row("POST /api/v1/conversations/{id}/messages", CIRCLE, {"client_id": "{client_id}", "body": "Good morning"}),
    Row("POST /api/v1/conversations/{id}/messages/{message}/edit", frozenset({"patient"}), {"body": "Good evening"}),
    Row("POST /api/v1/conversations/{id}/messages/{message}/retract", frozenset({"patient"})),
    Row("POST /api/v1/conversations/{id}/read", CIRCLE, {"up_to": 1}),
    Row("GET /api/v1/conversations/{id}/events", CIRCLE),
    Row("GET /api/v1/inbox", ANSWERING),
    Row("GET /api/v1/conversations/{id}/turn", CIRCLE),
    Row("GET /api/v1/conversations/{id}/outlook", CIRCLE),
    Row("POST /api/v1/conversations/{id}/claim", TEAM, {"version": 99_999}),
    Row("POST /api/v1/conversations/{id}/assign", TEAM, {"to": "{consultant}", "version": 99_999}),
    Row("POST /api/v1/conversations/{id}/wait", TEAM, {"version": 99_999}),
    Row("POST /api/v1/conversations/{id}/settle", TEAM, {"version": 99_999}),
    Row("GET /api/v1/conversations/{id}/handovers", TEAM),
    Row("GET /api/v1/urgent-calls", ANSWERING),
    Row("GET /api/v1/me/away", ANSWERING),
    Row("PUT /api/v1/me/away", ANSWERING, {"from": "2030-01-07", "until": "2030-01-11", "cover": "{consultant}"}),
    Row("DELETE /api/v1/me/away", ANSWERING),
    Row("GET /api/v1/on-call", MANAGING),
    Row("PUT /api/v1/on-call", MANAGING, {"version": 99, "items": []}),
    Row("GET /api/v1/reports/promises", MANAGING, query="from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z"),
    Row("GET /api/v1/conversations/{id}/messages/{message}/history", CIRCLE),
    Row("GET /api/v1/conversations/{id}/export", CIRCLE),
    Row(
        "POST /api/v1/conversations/{id}/scheduled",
        CIRCLE,
        {"client_id": "{client_id}", "body": "Good night", "send_at": "{later}"},
    ),
    Row("GET /api/v1/scheduled-messages", EVERYBODY),
    Row("PATCH /api/v1/scheduled-messages/{id}", frozenset({"consultant"}), {"version": 99}),
    Row("DELETE /api/v1/scheduled-messages/{id}", frozenset({"consultant"})),
    Row(f"GET {_PATIENT}/messages/search", CIRCLE, query="q=morning"),
    Row("GET /api/v1/saved-replies", ANSWERING),
    Row("POST /api/v1/saved-replies", ANSWERING, {"title": "Morning", "body": "Good morning, {{first_name}}"}),
    Row("GET /api/v1/saved-replies/{id}/filled", frozenset({"consultant"}), query="patient={patient}"),
    Row("PATCH /api/v1/saved-replies/{id}", frozenset({"consultant"}), {"version": 99}),
    Row("DELETE /api/v1/saved-replies/{id}", frozenset({"consultant"})),
    Row("GET /api/v1/retention", frozenset({"admin"})),
    Row("PUT /api/v1/retention", frozenset({"admin"}), {"version": 99, "keep_years": 10}),
    Row("GET /api/v1/legal-holds", frozenset({"admin"})),
    Row("POST /api/v1/legal-holds", frozenset({"admin"}), {"patient": "{patient}", "reason": "A court has asked"}),
    Row("POST /api/v1/legal-holds/{id}/lift", frozenset({"admin"}), {"reason": "It is over"}),
    # files in messages; this one was sent by the patient
    Row("GET /api/v1/upload-rules", EVERYBODY),
    Row("POST /api/v1/uploads", WRITING, multipart=True),
    Row("GET /api/v1/uploads/{id}", CIRCLE),
    Row("GET /api/v1/uploads/{id}/thumbnail", CIRCLE),
    Row("GET /api/v1/uploads/{id}/state", frozenset({"patient"})),
    Row("DELETE /api/v1/uploads/{id}", frozenset({"patient"})),
    # protocols, and tests from their order on
    Row("GET /api/v1/protocols", ANSWERING | MANAGING),
    Row("POST /api/v1/protocols", PROTOCOL_MAKERS, PROTOCOL),
    Row("GET /api/v1/protocols/{id}/versions", ANSWERING | MANAGING),
    Row("POST /api/v1/protocols/{id}/versions", PROTOCOL_MAKERS, {**PROTOCOL, "version": 1}),
    Row("GET /api/v1/protocols/{id}/quality-results", ANSWERING | MANAGING),
    Row("POST /api/v1/protocols/{id}/quality-results", PROTOCOL_MAKERS, multipart=True),
    Row("DELETE /api/v1/protocols/{id}/quality-results/{result}", PROTOCOL_MAKERS),
    Row(f"GET {_PATIENT}/test-orders", CIRCLE),
    Row(f"POST {_PATIENT}/test-orders", TEAM, {"protocol": "{protocol}", "reason": "x", "profession": "dietitian"}),
    Row("GET /api/v1/test-orders/{id}", CIRCLE),
    Row("PUT /api/v1/test-orders/{id}/details", CIRCLE, {"version": 1}),
    Row("POST /api/v1/test-orders/{id}/taken", CIRCLE, {"version": 1, "collected_at": "2026-11-01"}),
    Row("POST /api/v1/test-orders/{id}/cancellation", CIRCLE, {"version": 1}),
    # reports
    Row(f"POST {_PATIENT}/reports", CIRCLE, multipart=True),
    Row(f"GET {_PATIENT}/reports", CIRCLE),
    Row("GET /api/v1/reports/{id}", CIRCLE),
    Row("POST /api/v1/reports/{id}/sample", CIRCLE, {"sample": "S1"}),
    Row("GET /api/v1/reports/{id}/original", CIRCLE),
    Row("GET /api/v1/reports/{id}/versus/{earlier}", CIRCLE),
    Row("GET /api/v1/reports/{id}/versions", CIRCLE),
    Row("GET /api/v1/reports/{id}/versions/{number}", CIRCLE),
    Row("POST /api/v1/reports/{id}/versions/{number}/signature", TEAM),
    Row("GET /api/v1/reports/{id}/fhir", CIRCLE),
    Row("GET /fhir/R4/DiagnosticReport/{id}", CIRCLE),
    Row("GET /fhir/R4/Specimen/{id}", CIRCLE),
    Row("GET /fhir/R4/Observation/{id}", CIRCLE),
    Row("GET /fhir/R4/Device/{id}", CIRCLE),
    Row("GET /fhir/R4/DocumentReference/{id}", CIRCLE),
    Row("GET /fhir/R4/Provenance/{id}", CIRCLE),
    Row("GET /api/v1/reports/{id}/table.csv", CIRCLE),
    Row("GET /api/v1/reports/{id}/pdf", CIRCLE),
    Row("GET /api/v1/reports/{id}/pdf/team", TEAM),
    Row(f"GET {_PATIENT}/research-consent", CIRCLE),
    Row(f"PUT {_PATIENT}/research-consent", FAMILY, {"given": True, "words": "2"}),
    Row("GET /api/v1/reports/{id}/research", TEAM),
    # comparison groups; this one was loaded by the consultant and approved by the administrator
    Row("GET /api/v1/cohorts", ANSWERING | {"admin"}),
    Row("GET /api/v1/cohorts/{id}", ANSWERING | {"admin"}),
    Row("POST /api/v1/cohorts", GROUP_KEEPERS, multipart=True),
    Row("POST /api/v1/cohorts/{id}/approve", GROUP_KEEPERS),
    Row("POST /api/v1/cohorts/{id}/withdraw", GROUP_KEEPERS, {"why": "A sample was not of stool"}),
    Row("DELETE /api/v1/cohorts/{id}", GROUP_KEEPERS),
    Row("GET /api/v1/reports/{id}/columns", TEAM),
    Row("POST /api/v1/reports/{id}/columns/preview", TEAM, {"layout": "one_column", "unit": "percent"}),
    Row(
        "POST /api/v1/reports/{id}/columns",
        TEAM,
        {"version": 1, "mapping": {"layout": "one_column", "unit": "percent"}},
    ),
    Row("POST /api/v1/reports/{id}/typed", TEAM, {"version": 1, "rows": [{"name": "Roseburia", "percent": 3}]}),
    Row("POST /api/v1/reports/{id}/typed/look", TEAM, {"number": 1}),
    Row("GET /api/v1/laboratory-tables", ANSWERING),
    Row("POST /api/v1/laboratory-tables/{id}/offer", ANSWERING, {"number": 1, "offered": True}),
)


def table() -> str:
    """The matrix in Markdown, as `docs/access.md` shows it."""
    columns = [*PEOPLE, NOBODY]
    lines = [
        f"| operation | {' | '.join([*PEOPLE.values(), NOBODY])} |",
        f"|---|{'|'.join([':-:'] * len(columns))}|",
    ]
    for row in ROWS:
        marks = ["●" if who in row.allowed else "" for who in columns]
        lines.append(f"| `{row.operation}` | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"
