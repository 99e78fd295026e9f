"""
What a password must be. Pure.

Length decides; there are no rules about capitals and digits, no forced change and no cutting off. What is refused is
what guessers try first: the words of this place, the passwords everybody uses, and keys that lie in a row.

Source: NIST SP 800-63B-4, 3.1.1; OWASP ASVS 5.0.0, 6.2.1 to 6.2.12.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from telegut.errors import FieldError, Invalid

REST = 6
"""Characters that must be left when everything that guessers try first is taken away; a proposal of ours."""

DISTINCT = 5
"""Different characters at least; a proposal of ours."""

RUN = 4
"""Keys in a row from which on they count as a sequence."""

ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm")

EVERYBODYS = frozenset(
    """
    password passwort passw0rd pass word kennwort contrasena motdepasse letmein welcome willkommen bienvenue admin
    administrator root login signin secret geheim master superman batman dragon monkey football baseball soccer hockey
    iloveyou loveme lovely princess sunshine shadow michael jennifer jordan charlie daniel thomas robert ashley jessica
    hello hallo test testing tester guest user changeme default trustno1 whatever freedom internet computer samsung
    google apple iphone android windows microsoft facebook pokemon starwars matrix ninja mustang ferrari porsche
    summer winter spring autumn sommer fruehling herbst january february march april june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday flower butterfly chocolate cookie banana
    cheese pepper ginger orange purple silver golden diamond killer hunter ranger tigger buster maggie daddy mommy
    """.split()  # noqa: SIM905 - a page of words is easier to read than a list of strings
)
"""What the published lists of leaked passwords have at their top, as words."""

PLACE = frozenset({"telegut", "tele", "gut", "clinic", "health", "microbiome", "microbiota", "patient", "doctor"})
"""The words of this place."""

_LOOKALIKES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})


class WeakPassword(Invalid):
    """This password would be guessed too soon."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a password is, in characters: alone, beside a second factor, and at most."""

    alone: int
    with_second_factor: int
    longest: int


def check_password(password: str, *, policy: Policy, second_factor: bool, context: Iterable[str] = ()) -> None:
    """
    Refuse a password that would be guessed.

    context: words that belong to this person or clinic, such as their name and e-mail address.

    Raises:
        WeakPassword: with what to do about it.
    """
    least = policy.with_second_factor if second_factor else policy.alone
    if len(password) < least:
        raise _weak(f"Please use at least {least} characters. A short sentence works well.")
    if len(password) > policy.longest:
        raise _weak(f"Please use at most {policy.longest} characters.")
    if len(set(password)) < DISTINCT or len(_what_is_left(password, context)) < REST:
        raise _weak("This is among the first that somebody would guess. A few words of your own work well.")


def _weak(message: str) -> WeakPassword:
    return WeakPassword(message, [FieldError("password", message)])


def _what_is_left(password: str, context: Iterable[str]) -> str:
    """The password without known words and sequences."""
    words = {part for word in context for part in re.split(r"\W+", word.casefold()) if len(part) >= 3}
    plain = unicodedata.normalize("NFKC", password).casefold()
    # Digits for letters are read as letters only after years and runs of digits are gone.
    return re.sub(r"\s", "", _without(_without(plain, words).translate(_LOOKALIKES), words))


def _without(text: str, words: set[str]) -> str:
    for word in sorted(EVERYBODYS | PLACE | words, key=len, reverse=True):
        text = text.replace(word, " ")
    text = _without_rows(text)
    text = re.sub(r"(?<!\d)(19|20)\d\d(?!\d)", " ", text)
    return re.sub(r"(.)\1{2,}", " ", text)


def _without_rows(text: str) -> str:
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        for length in range(len(row), RUN - 1, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], " ")
    return text
