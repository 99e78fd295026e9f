"""Tables in code and tables after the migrations are the same."""

from __future__ import annotations

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import telegut
from telegut.db.engine import Database
from telegut.db.metadata import metadata


def _import_every_table() -> None:
    for module in pkgutil.walk_packages(telegut.__path__, "telegut."):
        name = module.name.rsplit(".", 1)[-1]
        if name in {"tables", "audit", "sealed", "idempotency", "queue"}:
            importlib.import_module(module.name)


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    found = compare_metadata(context, metadata)
    return [one for one in found if "alembic_version" not in str(one)]


async def test_models_and_migrations_agree(db: Database) -> None:
    _import_every_table()
    async with db.engine.connect() as connection:
        found = await connection.run_sync(_differences)

    assert [] == found
