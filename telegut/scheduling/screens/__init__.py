"""Pages about time: booking, one's visits, the day, the week, and one's hours. One module a page."""

from telegut.scheduling.screens import book, day, hours, visits, week
from telegut.scheduling.screens.registry import pages

__all__ = ["book", "day", "hours", "pages", "visits", "week"]
