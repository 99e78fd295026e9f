"""
Transactions that know who is asking.

`Database.begin` opens one, makes it run as the application's role and tells PostgreSQL who the
caller is (row-level security and the audit trail read it); what must happen after the commit
(waking other people's sockets) is collected on the way and done once it holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import CursorResult, Executable, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from telegut.db.asked import Asked
from telegut.db.broken import ENDED
from telegut.db.caller import Caller
from telegut.db.line import Line
from telegut.db.opening import OpeningConnection, local_settings
from telegut.errors import TelegutError, Unavailable

T = TypeVar("T")

Setting = tuple[str, str]
"""A setting of PostgreSQL's, as name and value."""

RETRIED_STATES = frozenset({"40001", "40P01", "55P03"})
"""serialization_failure, deadlock_detected, lock_not_available: PostgreSQL documentation, appendix A."""

TRIES = 3

ROLE = "telegut_app"
_IDENTIFY = text(
    f"select set_config('role', '{ROLE}', true),"
    " set_config('telegut.account', :account, true),"
    " set_config('telegut.system', :system, true),"
    " set_config('telegut.scope_patient', :scope_patient, true)"
)


def engine_url(url: str) -> str:
    """The plain ``postgresql://`` address in the form that names our driver."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1).replace("postgres://", "postgresql+asyncpg://", 1)


class Transaction:
    """One database transaction on behalf of one caller."""

    def __init__(self, connection: AsyncConnection, caller: Caller) -> None:
        self.connection = connection
        self.caller = caller
        self.woken: set[UUID] = set()
        self._afterwards: list[Callable[[], None]] = []

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run *statement*; a list of parameter sets runs it for each."""
        return await self.connection.execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Any = None) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.scalar(statement, parameters)

    async def ask(self, asked: Asked, **values: Any) -> list[Any]:
        """The rows of *asked*, which was made ready once; refusals of the database are those of `execute`."""
        driver = _driver(self.connection)
        with _told_alike(asked.sql):
            await driver.begin_now()
            return asked.rows(await driver.fetch(asked.sql, *asked.values(**values)))

    def on_behalf_of(self, caller: Caller) -> Transaction:
        """The same transaction with another *caller*; see `telegut.db.standing_in`, which also tells PostgreSQL."""
        same = Transaction(self.connection, caller)
        same.woken, same._afterwards = self.woken, self._afterwards
        return same

    def after_commit(self, action: Callable[[], None]) -> None:
        """Call *action* once this transaction holds; never when it does not."""
        self._afterwards.append(action)

    def committed(self) -> None:
        """Do what was collected for after the commit."""
        for action in self._afterwards:
            action()


class Database:
    """
    The pool, and the door to every transaction.

    wake: told after each commit which accounts have something new in their mailbox. answer_s: after how long a
    statement that was not answered counts as lost, with its connection.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        pool_wait_s: float = 2.0,
        statement_timeout_ms: int = 5_000,
        lock_timeout_ms: int = 3_000,
        answer_s: float = 15.0,
    ) -> None:
        self.url = url
        self.wake: Callable[[set[UUID]], None] = lambda accounts: None
        self._lines: list[Line] = []
        self._own = self.line("telegut questions", by_key=True)
        self._kept = self.line("telegut writes", lasting=True, by_key=True)
        self.engine: AsyncEngine = create_async_engine(
            engine_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=pool_wait_s,
            pool_pre_ping=False,
            pool_use_lifo=True,  # the one used last has its statements and its caches ready
            connect_args={
                "server_settings": {
                    "application_name": "telegut",
                    "statement_timeout": str(statement_timeout_ms),
                    "lock_timeout": str(lock_timeout_ms),
                    "idle_in_transaction_session_timeout": "10000",
                },
                "timeout": 3,
                # The server's own limits are no help while it is not to be reached, and TCP waits for many minutes.
                "command_timeout": answer_s,
                "connection_class": OpeningConnection,
            },
        )

    def line(self, name: str, *, lasting: bool = False, by_key: bool = False) -> Line:
        """A connection of its own beside the pool, closed with it; see `Line`."""
        self._lines.append(Line(self.url, name, lasting=lasting, by_key=by_key))
        return self._lines[-1]

    async def ask(self, asked: Asked, **values: Any) -> list[Any]:
        """
        The rows of *asked*, as telegut itself, outside of any transaction: for reading what is read all the time.

        Raises:
            Unavailable: the database does not answer.
        """
        return asked.rows(await self._own.ask(asked.sql, *asked.values(**values)))

    async def keep(self, asked: Asked, **values: Any) -> list[Any]:
        """
        As `ask`, for a statement that is a transaction by itself and whose writing outlives a crash of the database.

        It must come to the same when it is asked twice, and wait for nobody's lock: others would wait behind it.

        Raises:
            Unavailable: the database does not answer. Others as `Transaction.ask`.
        """
        with _told_alike(asked.sql):
            return asked.rows(await self._kept.ask(asked.sql, *asked.values(**values)))

    @asynccontextmanager
    async def begin(self, caller: Caller, *, setting: Setting | None = None) -> AsyncIterator[Transaction]:
        """
        A transaction for *caller*, committed when the block ends well.

        Joins ``caller.transaction`` when there is one; the outermost block commits. setting: one of PostgreSQL's, for
        a transaction of its own.

        Raises:
            Unavailable: the database cannot be reached or no connection is free.
        """
        if caller.transaction is not None:
            yield caller.transaction
            return
        async with self._connected() as connection:
            tx = Transaction(connection, caller)
            async with connection.begin():
                opened = _open_as(connection, caller, setting)
                well = False
                try:
                    yield tx
                    well = True
                finally:
                    opened.open_with("")  # who asked nothing leaves nothing behind
                    await _finish(connection, opened, well=well)
        tx.committed()
        if tx.woken:
            self.wake(tx.woken)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            connection = await self.engine.connect()
        except (OSError, PoolTimeout, DBAPIError, TimeoutError) as exc:
            raise Unavailable from exc
        try:
            yield connection
        finally:
            await asyncio.shield(connection.close())

    async def run(self, caller: Caller, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """
        Do *work* in a transaction; start again when PostgreSQL asks for it.

        Raises:
            Unavailable: three tries met a deadlock, a serialisation failure or a lock that stayed taken.
        """
        if caller.transaction is not None:
            return await work(caller.transaction)
        for attempt in range(TRIES):
            try:
                async with self.begin(caller) as tx:
                    return await work(tx)
            except DBAPIError as exc:
                if sql_state(exc) not in RETRIED_STATES:
                    raise
                await asyncio.sleep(0.01 * (attempt + 1))
        raise Unavailable

    async def dispose(self) -> None:
        """Close every connection."""
        for line in self._lines:
            line.close()
        await self.engine.dispose()


def _open_as(connection: AsyncConnection, caller: Caller, setting: Setting | None) -> OpeningConnection:
    """Have the transaction begin with telling PostgreSQL who is asking; it begins with its first statement."""
    values = {"role": ROLE} | {f"telegut.{name}": value for name, value in _identity(caller).items()}
    opened = _driver(connection)
    opened.open_with(local_settings(values | dict([setting] if setting else [])))
    return opened


async def _finish(connection: AsyncConnection, opened: OpeningConnection, *, well: bool) -> None:
    """End what SQLAlchemy has not heard of, and keep a broken connection from being lent again."""
    try:
        with _told_alike("commit" if well else "rollback"):
            await opened.finish(well=well)
    finally:
        if opened.is_closed():
            await connection.invalidate()


@contextmanager
def _told_alike(statement: str) -> Iterator[None]:
    """Tell the driver's refusals as SQLAlchemy does, by its classes."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as exc:
        raise IntegrityError(statement, None, exc) from exc
    except asyncpg.PostgresError as exc:
        raise DBAPIError(statement, None, exc) from exc
    except ENDED as exc:
        raise InterfaceError(statement, None, exc) from exc


def _driver(connection: AsyncConnection) -> OpeningConnection:
    driver = connection.sync_connection.connection.driver_connection if connection.sync_connection else None
    assert isinstance(driver, OpeningConnection)
    return driver


async def identify(connection: AsyncConnection, caller: Caller) -> None:
    """Tell PostgreSQL who is asking from here on, for the rest of the transaction or until its savepoint is undone."""
    await connection.execute(_IDENTIFY, _identity(caller))


def _identity(caller: Caller) -> Mapping[str, str]:
    scope = caller.scope
    return {
        "account": str(caller.account) if caller.account and scope is None else "",
        "system": "on" if caller.is_system else "off",
        "scope_patient": str(scope.patient) if scope and scope.admitted else "",
    }


def sql_state(exc: DBAPIError) -> str | None:
    """The five characters by which PostgreSQL says what went wrong."""
    return getattr(exc.orig, "sqlstate", None)


def violated_constraint(exc: IntegrityError) -> str | None:
    """The name of the constraint that said no."""
    for one in (exc.orig, getattr(exc.orig, "__cause__", None)):
        if (name := getattr(one, "constraint_name", None)) is not None:
            return str(name)
    return None


@contextmanager
def on_violation(**refusals: type[TelegutError]) -> Iterator[None]:
    """
    Turn a violated constraint into the refusal named for it.

    ``with on_violation(scheduling_no_overlap=SlotTaken): await tx.execute(...)``. Others pass through.
    The transaction is lost either way: let the refusal leave its block.
    """
    try:
        yield
    except IntegrityError as exc:
        refusal = refusals.get(violated_constraint(exc) or "")
        if refusal is None:
            raise
        raise refusal from exc
