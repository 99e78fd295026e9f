"""
Neutral notices by mail. A notice is made of types that have no place for clinical text.

``await notices.send(tx, AppointmentNotice(...))`` on the app's `Notices`, in the transaction that gives the reason.
"""

from telegut.notices.rules import AppointmentNotice, Kind, Link, MessageNotice, Notice, State
from telegut.notices.service import Notices

__all__ = ["AppointmentNotice", "Kind", "Link", "MessageNotice", "Notice", "Notices", "State"]
