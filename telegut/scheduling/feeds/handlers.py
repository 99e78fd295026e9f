"""Calendars of one's visits over HTTP: making and ending them, and the feed itself."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import hdrs, web

from telegut.accounts.identity import ACCOUNTS, address_of
from telegut.scheduling.feeds import page
from telegut.scheduling.feeds.bodies import FeedAnswer, FeedBody, NewFeedAnswer
from telegut.scheduling.feeds.dav import handlers as dav
from telegut.scheduling.feeds.dav.tree import ROOT
from telegut.scheduling.feeds.keying import FEEDS
from telegut.scheduling.feeds.keys import TooManyKeys
from telegut.scheduling.feeds.rules import Opens
from telegut.scheduling.feeds.service import SUBSCRIBERS, Feed, Feeds
from telegut.web.api import Call, Endpoints, Page

api = Endpoints("calendars")


def install(app: web.Application, feeds: Feeds) -> None:
    """Serve feeds, CalDAV and their page in *app*."""
    app[FEEDS] = feeds
    api.install(app)
    app.router.add_get("/calendar/{secret}.ics", get_feed)
    dav.install(app)
    page.pages.install(app)


@api.get("/api/v1/calendar-feeds", answer=Page[FeedAnswer], summary="One's own calendar feeds", roles=SUBSCRIBERS)
async def get_feeds(call: Call[None]) -> Page[FeedAnswer]:
    """Every feed and app password of the caller that still opens something."""
    return Page(items=[FeedAnswer.of(one) for one in await call.app[FEEDS].mine(call.caller)])


@api.post(
    "/api/v1/calendar-feeds",
    body=FeedBody,
    answer=NewFeedAnswer,
    status=201,
    summary="Make a calendar feed, or an app password for CalDAV",
    refusals=[TooManyKeys],
    roles=SUBSCRIBERS,
)
async def post_feed(call: Call[FeedBody]) -> NewFeedAnswer:
    """A new one. Its secret is in this answer alone (and sealed in the ledger of first answers, for a lost answer)."""
    feeds, body = call.app[FEEDS], call.body
    made, secret = await feeds.make(call.caller, body.opens, body.name, body.shows)
    known = FeedAnswer.of(made).model_dump()
    if made.opens is Opens.FEED:
        return NewFeedAnswer(**known, url=f"{feeds.sender.origin}/calendar/{secret}.ics")
    mail = (await call.app[ACCOUNTS].describe(call.caller)).email
    return NewFeedAnswer(**known, url=f"{feeds.sender.origin}{ROOT}", user=mail, password=secret)


@api.delete("/api/v1/calendar-feeds/{id}", summary="End a calendar feed", roles=SUBSCRIBERS)
async def delete_feed(call: Call[None]) -> None:
    """It opens nothing any more, at once."""
    await call.app[FEEDS].revoke(call.caller, call.uuid("id"))


async def get_feed(request: web.Request) -> web.Response:
    """The feed behind a secret address; no sign-in, no cookie."""
    feed = await request.app[FEEDS].feed(request.match_info["secret"], address_of(request))
    headers = {
        "Cache-Control": f"private, max-age={feed.refresh_minutes * 60}, must-revalidate",
        "ETag": feed.etag,
        "Last-Modified": format_datetime(feed.changed_at.astimezone(UTC).replace(microsecond=0), usegmt=True),
        "X-Robots-Tag": "noindex",
    }
    if _is_known(request, feed):
        return web.Response(status=304, headers=headers)
    headers |= {
        "Content-Type": "text/calendar; charset=utf-8; method=PUBLISH",
        "Content-Disposition": 'inline; filename="appointments.ics"',
    }
    return web.Response(body=feed.body(), headers=headers)


def _is_known(request: web.Request, feed: Feed) -> bool:
    """Whether the program has this already (RFC 9110, 13.2.2: a tag counts before a date)."""
    tags = request.headers.get(hdrs.IF_NONE_MATCH)
    if tags is not None:
        return feed.etag in tags or tags.strip() == "*"
    since = _date(request.headers.get(hdrs.IF_MODIFIED_SINCE, ""))
    return since is not None and feed.changed_at.replace(microsecond=0) <= since


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
