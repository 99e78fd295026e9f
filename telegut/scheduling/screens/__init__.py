"""Pages about time: booking, one's visits, the week, and one's hours. One module a page."""

from telegut.scheduling.screens import book, hours, visits, week
from telegut.scheduling.screens.registry import pages

__all__ = ["book", "hours", "pages", "visits", "week"]
