"""Pages about time: booking, one's visits, weeks, hours, everybody's day, the clinic's numbers. One module a page."""

from telegut.scheduling.screens import board, book, clinic, hours, visits, week
from telegut.scheduling.screens.registry import pages

__all__ = ["board", "book", "clinic", "hours", "pages", "visits", "week"]
