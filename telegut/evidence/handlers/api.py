"""``/api/v1/evidence``: parse, call, answer."""

from __future__ import annotations

from telegut.errors import NotFound
from telegut.evidence.handlers.bodies import (
    EvidenceAnswer,
    ProposalAnswer,
    ProposalBody,
    ReasonBody,
    RowAnswer,
    SignatureBody,
)
from telegut.evidence.handlers.keys import EVIDENCE
from telegut.evidence.service import (
    PROPOSING,
    SIGNING,
    AlreadyDecided,
    DraftOpen,
    OnlyTheAuthor,
    RowMoved,
    SecondPerson,
)
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("evidence")
PROPOSALS = "/api/v1/evidence/proposals"


@api.get("/api/v1/evidence", answer=Page[EvidenceAnswer], summary="What studies found, as it may be said")
async def get_evidence(call: Call[None]) -> Page[EvidenceAnswer]:
    """Every row that holds now, with what must stand beside it."""
    library = await call.app[EVIDENCE].library(call.caller)
    return Page(items=[EvidenceAnswer.shown(one) for one in library.rows()])


@api.get(PROPOSALS, answer=Page[ProposalAnswer], roles=PROPOSING, summary="Proposed versions, the newest first")
async def get_proposals(call: Call[None]) -> Page[ProposalAnswer]:
    """Drafts, and what was decided."""
    _, found = await call.app[EVIDENCE].proposals(call.caller)
    return Page(items=[ProposalAnswer.of(one) for one in found])


@api.post(
    PROPOSALS,
    body=ProposalBody,
    answer=ProposalAnswer,
    status=201,
    roles=PROPOSING,
    refusals=[DraftOpen, RowMoved],
    summary="Propose another version of a row",
)
async def post_proposal(call: Call[ProposalBody]) -> ProposalAnswer:
    """It waits for a second person."""
    body = call.body
    made = await call.app[EVIDENCE].propose(call.caller, body.row, body.said(), based_on=body.based_on, why=body.why)
    return ProposalAnswer.of(made)


@api.post(
    PROPOSALS + "/{id}/sign",
    body=SignatureBody,
    answer=ProposalAnswer,
    roles=SIGNING,
    refusals=[AlreadyDecided, RowMoved, SecondPerson],
    summary="Sign a version that somebody else proposed",
)
async def post_proposal_signature(call: Call[SignatureBody]) -> ProposalAnswer:
    """It holds from now on."""
    return ProposalAnswer.of(await call.app[EVIDENCE].sign(call.caller, call.uuid("id"), call.body.profession))


@api.post(
    PROPOSALS + "/{id}/send-back",
    body=ReasonBody,
    answer=ProposalAnswer,
    roles=PROPOSING,
    refusals=[AlreadyDecided, SecondPerson],
    summary="Send a proposed version back with a reason",
)
async def post_reason(call: Call[ReasonBody]) -> ProposalAnswer:
    """Its author may propose again."""
    return ProposalAnswer.of(await call.app[EVIDENCE].send_back(call.caller, call.uuid("id"), call.body.reason))


@api.post(
    PROPOSALS + "/{id}/withdraw",
    answer=ProposalAnswer,
    roles=PROPOSING,
    refusals=[AlreadyDecided, OnlyTheAuthor],
    summary="Take one's own proposal back",
)
async def post_proposal_withdrawal(call: Call[None]) -> ProposalAnswer:
    """Nothing of it holds."""
    return ProposalAnswer.of(await call.app[EVIDENCE].withdraw(call.caller, call.uuid("id")))


@api.get(
    "/api/v1/evidence/{row}/versions",
    answer=Page[RowAnswer],
    summary="Every version of a row that ever held, the newest first",
)
async def get_evidence_versions(call: Call[None]) -> Page[RowAnswer]:
    """Old versions stay readable: a step keeps the one it was agreed on."""
    found = (await call.app[EVIDENCE].library(call.caller)).history(call.request.match_info["row"])
    if not found:
        raise NotFound
    return Page(items=[RowAnswer.of(row) for row in found])
