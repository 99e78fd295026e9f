"""One measured number, and its peer's when there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measurement:
    """A line of ``telegut bench``; *unit* is one of s, ms, µs, MiB, KiB, 1/s, count."""

    bench: str
    metric: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's."""
        return self.value / self.peer_value if self.peer_value else None

    def as_line(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "bench": self.bench,
            "metric": self.metric,
            "value": round(self.value, 6),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": self.peer_value,
            "ratio": self.ratio,
        }

    def as_text(self) -> str:
        """The same for people."""
        beside = f"  ({self.peer}: {self.peer_value:g} {self.unit}, ratio {self.ratio:.2f})" if self.ratio else ""
        return f"{self.bench} {self.metric}: {self.value:.3g} {self.unit}{beside}"
