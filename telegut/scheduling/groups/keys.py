"""Where the application keeps group sessions, for handlers and pages."""

from __future__ import annotations

from aiohttp import web

from telegut.scheduling.groups.service import GroupSessions

GROUPS = web.AppKey("group_sessions", GroupSessions)
