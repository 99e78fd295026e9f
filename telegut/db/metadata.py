"""The one MetaData, with names for every constraint so that a violation can be told apart."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import DateTime, MetaData, Uuid

NAMING_CONVENTION = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}

metadata = MetaData(naming_convention=NAMING_CONVENTION)

Timestamp: DateTime = DateTime(timezone=True)
"""An instant; aware and UTC in Python."""

Id: Uuid[UUID] = Uuid(as_uuid=True)
"""A UUID column."""

__all__ = ["NAMING_CONVENTION", "Id", "Timestamp", "metadata"]
