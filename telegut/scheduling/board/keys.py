"""Where the app keeps the boards."""

from aiohttp import web

from telegut.scheduling.board.service import Boards

BOARDS: web.AppKey[Boards] = web.AppKey("boards")
