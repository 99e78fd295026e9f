"""One supervised process: started, watched, started again when it dies, and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from telegut.cli.itself import COMMAND
from telegut.db.binaries import child_setup

FIRST_DELAY_S: Final = 0.1
LONGEST_DELAY_S: Final = 10.0
GOOD_LIFE_S: Final = 10.0
"""A process that lived this long and then died is started again at once."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before a process that keeps dying is tried again; pure."""

    deaths: int = 0

    def after(self, lived_s: float) -> BackOff:
        """The next state, after a life of *lived_s*."""
        return BackOff(0) if lived_s >= GOOD_LIFE_S else BackOff(self.deaths + 1)

    @property
    def delay_s(self) -> float:
        """0 after a good life, then 0.1 s doubling up to 10 s."""
        return min(FIRST_DELAY_S * 2 ** (self.deaths - 1), LONGEST_DELAY_S) if self.deaths else 0.0


@dataclass
class Child:
    """A process that should always be there. ending: the signal by which it is asked to finish."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    say: Say
    handles: tuple[int, ...] = ()
    ending: signal.Signals = signal.SIGTERM
    process: asyncio.subprocess.Process | None = None
    back_off: BackOff = field(default_factory=BackOff)

    async def keep(self) -> None:
        """Start it, and start it again whenever it ends; until cancelled."""
        while True:
            lived_s, code = await self._live()
            self.back_off = self.back_off.after(lived_s)
            self.say(f"{self.name} ended ({_how(code)}); starting it again{_in(self.back_off.delay_s)}.")
            await asyncio.sleep(self.back_off.delay_s)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def stop(self, patience_s: float) -> None:
        """Ask it to finish, and insist after *patience_s*."""
        if self.process is None:
            return
        self.signal(self.ending)
        try:
            async with asyncio.timeout(patience_s):
                await self.process.wait()
        except TimeoutError:
            self.say(f"{self.name} does not finish; ending it.")
            self.signal(signal.SIGKILL)
            await self.process.wait()

    async def _live(self) -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        born = loop.time()
        self.process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *self.arguments,
            env=dict(self.environment),
            pass_fds=self.handles,
            preexec_fn=child_setup(None, signal.SIGKILL),  # without its parent nobody would ever stop it
            stdin=asyncio.subprocess.DEVNULL,
            cwd=os.getcwd(),
        )
        code = await self.process.wait()
        return loop.time() - born, code


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _in(delay_s: float) -> str:
    return f" in {delay_s:.1f} s" if delay_s else ""
