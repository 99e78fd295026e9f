"""What the worker does for reports."""

from __future__ import annotations

from collections.abc import Mapping

from telegut.jobs.runner import Handler
from telegut.reports.service import INTERPRET, Reports


def jobs(reports: Reports) -> Mapping[str, Handler]:
    """Handlers by kind of job."""
    return {INTERPRET: reports.interpret}
