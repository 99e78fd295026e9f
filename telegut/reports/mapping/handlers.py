"""Describing tables over HTTP, for the care team, and the page where it is done."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.accounts import people
from telegut.reports.bodies import ReceivedAnswer
from telegut.reports.confirming import NamesNotKnown, Unanswered
from telegut.reports.formats.mapped_names import MOST_ASKED
from telegut.reports.formats.mapping import ColumnMapping, Layout, RankFrom, TaxonIs, Unit
from telegut.reports.formats.plain_table import Decimal
from telegut.reports.formats.profile import RANKS
from telegut.reports.mapping.preview import as_answer
from telegut.reports.mapping.service import DescriptionChanged, LaboratoryTables, NothingToExplain, Said
from telegut.reports.mapping.shelf import Description
from telegut.reports.taxonomy.known import LONGEST_NAME
from telegut.web.api import Answer, Body, Call, Endpoints, Instant, Page
from telegut.web.keys import DATABASE
from telegut.web.pages import Pages
from telegut.web.render import render

api = Endpoints("reports")
pages = Pages("reports")
TABLES: web.AppKey[LaboratoryTables] = web.AppKey("reports_laboratory_tables")
TEAM = {"consultant", "nutritionist"}
Heading = Annotated[str, Field(max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


def install(app: web.Application, tables: LaboratoryTables) -> None:
    """Serve them in *app*."""
    app[TABLES] = tables
    api.install(app)
    pages.install(app)


class MappingBody(Body):
    """What the columns mean; see `telegut.reports.formats.mapping.ColumnMapping`."""

    layout: Layout
    taxon: Heading = ""
    taxon_is: TaxonIs = "name"
    rank_from: RankFrom = "one"
    rank: Heading = "genus"
    taxid: Heading = ""
    value: Heading = ""
    sample: Heading = ""
    unit: Unit
    decimal: Decimal = "."
    nested: bool = False
    left_out: list[Heading] = Field(default=[], max_length=200)

    def as_mapping(self) -> ColumnMapping:
        """The same for the rules."""
        return ColumnMapping(**self.model_dump(exclude={"left_out"}), left_out=tuple(self.left_out))


class ColumnsBody(Body):
    """
    What the columns mean, for the report at *version*. *laboratory*: keep it under this name. *description* and
    *description_number*: this was taken from there, and becomes its next version when it was changed. *confirmed*:
    those of the table's unknown names that are groups of organisms; without it, what was confirmed for the description.
    *unknown*: what becomes of the others: `ask` refuses and lists them, `leave_out` leaves them out with a remark.
    """

    version: int
    mapping: MappingBody
    laboratory: str = Field(default="", max_length=200)
    description: UUID | None = None
    description_number: int | None = None
    confirmed: list[Name] | None = Field(default=None, max_length=MOST_ASKED)
    unknown: Unanswered = "ask"


class OfferBody(Body):
    """Whether a description, at its newest version *number*, is offered when such a table comes again."""

    number: int
    offered: bool


class ConfirmedAnswer(Answer):
    """A name that somebody said is a group of organisms."""

    name: str
    by: UUID | None
    at: Instant


class DescriptionAnswer(Answer):
    """A laboratory's table, as somebody explained it. confirmed: names in it that are not known otherwise."""

    id: UUID
    number: int
    laboratory: str
    mapping: dict[str, Any]
    headings: list[str]
    offered: bool
    made_by: UUID | None
    made_at: Instant
    confirmed: list[ConfirmedAnswer]

    @classmethod
    def of(cls, one: Description) -> DescriptionAnswer:
        """*one* for the wire."""
        return cls(
            id=one.id,
            number=one.number,
            laboratory=one.laboratory,
            mapping=one.mapping.as_dict(),
            headings=list(one.headings),
            offered=one.offered,
            made_by=one.made_by,
            made_at=one.made_at,
            confirmed=[ConfirmedAnswer(name=it.name, by=it.by, at=it.at) for it in one.confirmed],
        )


class ColumnsAnswer(Answer):
    """The first rows of the table, a draft of a description, and those that were made for such headings."""

    version: int
    headings: list[str]
    columns: int
    lines: list[int]
    rows: list[list[str]]
    rows_in_all: int
    draft: dict[str, Any]
    descriptions: list[DescriptionAnswer]


class PreviewRow(Answer):
    """One amount as it would be read."""

    line: int
    name: str
    rank: str
    amount: float
    problem: str


class UnknownName(Answer):
    """A name that is not known: is it a group of organisms? looks_like_a_name: it is at least written as one."""

    name: str
    looks_like_a_name: bool


class PreviewAnswer(Answer):
    """How the first rows would be read, for the first of *samples*; unknown: names of the whole table to answer for."""

    samples: list[str]
    sample: str | None
    rows: list[PreviewRow]
    rows_in_all: int
    problem: str
    unknown: list[UnknownName]


@api.get(
    "/api/v1/reports/{id}/columns",
    answer=ColumnsAnswer,
    roles=TEAM,
    summary="A table that nobody knows: its first rows",
    refusals=[NothingToExplain],
)
async def get_columns(call: Call[None]) -> ColumnsAnswer:
    """What is needed to say what the columns mean."""
    found = await call.app[TABLES].unread(call.caller, call.uuid("id"))
    shown = {name: found.excerpt[name] for name in ("headings", "columns", "lines", "rows", "rows_in_all", "draft")}
    fitting = [DescriptionAnswer.of(one) for one in found.fitting]
    return ColumnsAnswer(version=found.report.version, descriptions=fitting, **shown)


@api.post(
    "/api/v1/reports/{id}/columns/preview",
    body=MappingBody,
    answer=PreviewAnswer,
    roles=TEAM,
    summary="How the first rows would be read",
    refusals=[NothingToExplain],
)
async def post_mapping_preview(call: Call[MappingBody]) -> PreviewAnswer:
    """Changes nothing."""
    made = await call.app[TABLES].preview(call.caller, call.uuid("id"), call.body.as_mapping())
    return PreviewAnswer(**as_answer(made))


@api.post(
    "/api/v1/reports/{id}/columns",
    body=ColumnsBody,
    answer=ReceivedAnswer,
    status=202,
    roles=TEAM,
    summary="Say what the columns mean, and have the table read",
    refusals=[NothingToExplain, DescriptionChanged, NamesNotKnown],
)
async def post_columns(call: Call[ColumnsBody]) -> ReceivedAnswer:
    """The report is read again by this description."""
    body = call.body
    said = Said(
        mapping=body.mapping.as_mapping(),
        laboratory=body.laboratory,
        description=body.description,
        description_number=body.description_number,
        confirmed=tuple(body.confirmed) if body.confirmed is not None else None,
        leave_out=body.unknown == "leave_out",
    )
    received = await call.app[TABLES].explain(call.caller, call.uuid("id"), body.version, said)
    return ReceivedAnswer(id=received.id, state=received.state, version=received.version)


@api.get(
    "/api/v1/laboratory-tables",
    answer=Page[DescriptionAnswer],
    roles=TEAM,
    summary="Laboratories' tables that were explained",
)
async def get_laboratory_tables(call: Call[None]) -> Page[DescriptionAnswer]:
    """Each at its newest version."""
    found = await call.app[TABLES].all(call.caller)
    return Page[DescriptionAnswer](items=[DescriptionAnswer.of(one) for one in found])


@api.post(
    "/api/v1/laboratory-tables/{id}/offer",
    body=OfferBody,
    answer=DescriptionAnswer,
    roles=TEAM,
    summary="Offer a description, or no longer",
    refusals=[DescriptionChanged],
)
async def post_offer(call: Call[OfferBody]) -> DescriptionAnswer:
    """A new version of it says so; reports keep the version by which they were read."""
    body = call.body
    made = await call.app[TABLES].offer(call.caller, call.uuid("id"), body.number, offered=body.offered)
    return DescriptionAnswer.of(made)


@pages.get("/reports/{id}/columns", roles=TEAM)
async def get_columns_page(call: Call[None]) -> web.Response:
    """The table's first rows, and a form that says what its columns mean."""
    found = await call.app[TABLES].unread(call.caller, call.uuid("id"))
    async with call.app[DATABASE].begin(call.caller) as tx:
        names = await people.named(tx, [found.report.patient])
    context = {
        "report": found.report,
        "patient": names[found.report.patient],
        "excerpt": found.excerpt,
        "descriptions": found.fitting,
        "facts": {
            "draft": found.excerpt["draft"],
            "descriptions": [
                {
                    "id": str(one.id),
                    "number": one.number,
                    "laboratory": one.laboratory,
                    "mapping": one.mapping.as_dict(),
                    "confirmed": [it.name for it in one.confirmed],
                }
                for one in found.fitting
            ],
        },
        "laboratory": found.report.metadata.get("laboratory", ""),
        "ranks": RANKS,
    }
    return await render(call.request, "reports/columns.html", context)
