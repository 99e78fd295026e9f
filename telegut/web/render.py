"""Templates into pages: one environment over every domain's ``pages`` folder, with what each page needs in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from telegut.settings import Settings
from telegut.web import navigation, times, words
from telegut.web.assets import ASSETS, LOOK_EVERY_S, Assets
from telegut.web.identity import ANONYMOUS, identify
from telegut.web.keys import CSRF, NONCE, PAGE_CONTEXT, SETTINGS
from telegut.web.pieces import pieces

_PACKAGE = Path(__file__).resolve().parent.parent

THEME_COOKIE = "telegut-theme"
_THEMES = frozenset({"light", "dark"})


class _Folder(FileSystemLoader):
    """A folder of templates. Whether a file is another one by now is asked once in a while, not for each page."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """As its base's."""
        source, name, same = super().get_source(environment, template)
        asked_at = time.monotonic()

        def same_as_far_as_known() -> bool:
            nonlocal asked_at
            if time.monotonic() - asked_at < LOOK_EVERY_S:
                return True
            asked_at = time.monotonic()
            return same()

        return source, name, same_as_far_as_known


@cache
def environment(assets: Assets) -> Environment:
    """Jinja2 as telegut uses it: escaping on, a misspelt name an error, ``web/base.html`` in the folder of *web*."""
    made = Environment(
        loader=PrefixLoader({one.parent.name: _Folder(one) for one in sorted(_PACKAGE.glob("*/pages"))}),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=False)  # type: ignore[attr-defined]
    made.globals["_"] = words.gettext  # at once: the extension's own looks for it in the page each time
    made.globals.update(static=assets.url, icon=lambda name, label="": icon_tag(assets, name, label))
    made.globals["piece"] = pieces(made, assets)
    made.filters.update(
        instant=times.instant,
        day=times.day,
        long_day=times.long_day,
        dated=times.dated,
        clock_time=times.clock_time,
        zone_name=times.zone_name,
        in_both_zones=times.in_both_zones,
        near_day=times.near_day,
        time_tag=times.time_tag,
        same_clock=times.same_clock,
        role_name=navigation.role_name,
        initials=initials,
        language_name=words.language_name,
    )
    return made


def initials(name: str) -> str:
    """``Dr. Amara Okafor`` → ``AO``: first letters of the first and last name, titles left out."""
    parts = [part for part in name.split() if not part.endswith(".") and part[0].isalpha()]
    if not parts:
        return "·"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def icon_tag(assets: Assets, name: str, label: str = "") -> Markup:
    """An icon of the sprite: an image when it has a label, decoration beside a text otherwise."""
    sprite = assets.url("icons.svg")
    return _icon(sprite, name, label) if label else _decoration(sprite, name)


@lru_cache(maxsize=512)
def _decoration(sprite: str, name: str) -> Markup:
    """A page has dozens of them, and always the same."""
    return _icon(sprite, name, "")


def _icon(sprite: str, name: str, label: str) -> Markup:
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, sprite, name)


def settings_public(settings: Settings) -> dict[str, Any]:
    """The settings that a page may show."""
    return {"mode": settings.mode, "clinic_name": settings.clinic_name}


async def render(request: web.Request, template: str, context: dict[str, Any], status: int = 200) -> web.Response:
    """
    The page *template* (``domain/name.html``) with *context*.

    A page about a failure of ours (*status* 500 and above) asks the database for nothing, so that it cannot fail too.
    """
    broken = status >= 500
    caller = ANONYMOUS if broken else await identify(request)
    shared: dict[str, Any] = {"unread": 0}
    if not broken:
        for gather in request.app.get(PAGE_CONTEXT, ()):
            shared.update(await gather(request))
    nav = navigation.places(caller.roles) if caller.session else []
    with words.speaking(caller.locale):
        page = {**_frame(request, caller.zone), **shared, "caller": caller, "me": caller, "nav": nav, **context}
        text = environment(request.app[ASSETS]).get_template(template).render(page)
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)


def _frame(request: web.Request, zone: str) -> dict[str, Any]:
    theme = request.cookies.get(THEME_COOKIE, "")
    return {
        "csrf": request.get(CSRF, ""),
        "nonce": request.get(NONCE, ""),
        "path": request.path,
        "zone": zone,
        "theme": theme if theme in _THEMES else "auto",
        "language": words.language(),
        "catalogue": words.catalogue(),
        "settings_public": settings_public(request.app[SETTINGS]),
    }
