"""
Everything telegut refuses to do.

* TelegutError
    * Unparsable         the request cannot be read at all        400
    * Unauthenticated    who are you?                             401
    * Refused            it makes sense, the rules say no         403
    * NotFound           there is no such thing for you           404
    * Conflict           somebody else was first                  409
    * Gone               it was there and has ended               410
    * TooLarge           more than we accept                      413
    * WrongType          not a type we accept                     415
    * Invalid            it can be read and makes no sense        422
    * TooMany            slower, please                           429
    * Unavailable        not now, try again                       503

The numbers belong to `telegut.web.problems`; nobody below it knows them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field and what is wrong with it, for a person."""

    field: str
    message: str


class TelegutError(Exception):
    """Something did not go as asked."""

    code: ClassVar[str] = "error"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, message: str | None = None) -> None:
        first_line = (type(self).__doc__ or "").strip().split("\n", 1)[0]
        super().__init__(message or first_line)

    @property
    def message(self) -> str:
        """One sentence for a person; never holds clinical text."""
        return str(self)


class Unparsable(TelegutError):
    """This could not be read."""


class Unauthenticated(TelegutError):
    """Please sign in."""


class Refused(TelegutError):
    """This is not yours to do."""


class NotFound(TelegutError):
    """There is nothing here for you."""


class Conflict(TelegutError):
    """Somebody else was first."""

    def __init__(self, message: str | None = None, current: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.current = current


class Gone(TelegutError):
    """This has ended."""


class TooLarge(TelegutError):
    """This is larger than what we accept."""


class WrongType(TelegutError):
    """This is not a type that we accept here."""


class Invalid(TelegutError):
    """Something in this does not make sense."""

    def __init__(self, message: str | None = None, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)

    @property
    def extension(self) -> Mapping[str, Any]:
        """What a program or a page needs to help: further members of the problem document."""
        return {}


class TooMany(TelegutError):
    """That was a lot in a short time. Please try again a little later."""

    def __init__(self, message: str | None = None, *, retry_after: int = 30) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(TelegutError):
    """This does not work right now. Nothing was changed; please try again."""

    def __init__(self, message: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(message)
        self.retry_after = retry_after
