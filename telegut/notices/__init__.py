"""
Neutral notices by mail, text message and push. A notice is made of types that have no place for clinical text.

``await notices.send(tx, AppointmentNotice(...))`` on the app's `Notices`, in the transaction that gives the reason.
"""

from telegut.notices.rules import (
    AppointmentNotice,
    Channel,
    Kind,
    Link,
    MessageNotice,
    NewsNotice,
    Notice,
    OfferNotice,
    State,
    UrgentNotice,
)
from telegut.notices.service import Notices

__all__ = [
    "AppointmentNotice",
    "Channel",
    "Kind",
    "Link",
    "MessageNotice",
    "NewsNotice",
    "Notice",
    "Notices",
    "OfferNotice",
    "State",
    "UrgentNotice",
]
