"""What the driver says when not the question but the connection is at fault."""

from __future__ import annotations

from typing import Final

import asyncpg

ENDED: Final = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a question on a connection whose goodbye was heard, and whose end was not yet
)
"""The connection cannot be asked anything more."""

BROKEN: Final = (
    OSError,
    TimeoutError,
    *ENDED,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""The connection, the server or its disk is away for the moment."""
