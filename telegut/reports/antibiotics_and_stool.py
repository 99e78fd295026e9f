"""
What a report's metadata say about antibiotics before its sample, and about the form of the stool. Pure.

Both may be stated in a field of their own or stand in the free text of a wider one (the medicines, the bowel habit).
Every comparison reads them here, so that one sample is never said to follow an antibiotic on one page and not on
another. Where words can be read in two ways, they are read in the way that compares less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from telegut.reports.stated import stated

SPEAKS_ON = timedelta(weeks=12)
"""
So long after its last day an antibiotic still speaks in a sample: the longer end of "4 to 12 weeks" (domain research
2.2; Dethlefsen and Relman, PNAS 2011;108:4554 and Palleja et al., Nat Microbiol 2018;3:1255 saw recovery take weeks to
months). A convention, to be confirmed by a specialist.
"""
WATERY = 7
"""Of the seven stool forms."""

WIDEST_RANGE = 2
"""Steps of the stool form between the ends of a range that still tells one ("3 to 5"); "1 to 7" tells none."""

_DRUG = re.compile(
    r"\bantibio|cillin|mycin|micin|floxacin|cyclin|\bcef[a-z]{3,}|cephal|metronidazol|rifaximin|nitrofurantoin"
    r"|trimethoprim|sulfametho|cotrim|linezolid|penem\b|fosfomycin|tinidazol|clavulan|rifamp|isoniazid|dapson"
    r"|\b(?:amoxi|augmentin|bactrim|septra|cipro|levaquin|avelox|zithromax|biaxin|doxy|flagyl|keflex|zinnat|ceftin"
    r"|macrobid|macrodantin|monuril|xifaxan|cleocin|clinda|azithro|clarithro|erythro|vanco|unacid|selexid)",
    re.IGNORECASE,
)
"""Names and endings of antibiotics, and of well-known brands; what is not among them is no sign that none was taken."""
_OF_THEM = r"antibio\w*"
_THEM = re.compile(_OF_THEM, re.IGNORECASE)
_BETWEEN = (
    r"(?:\s+(?:other|oral|any|systemic|of|the|had|has|have|taken|took|take|taking|used|use|been|on|or|und|oder)\b)*"
)
_DENIED = re.compile(
    rf"\b(?:no|none|never|not|without|keine?)\b{_BETWEEN}\s+{_OF_THEM}"
    rf"|{_OF_THEM}\s*[:=-]?\s*(?:no|none|never|keine?)\b(?!\s+(?:idea|longer|more))",
    re.IGNORECASE,
)
_ALLERGY = re.compile(
    r"\b(?:allerg\w*|intoleran\w*)\s+(?:to|against)\s+\w+|\w+\s+(?:allerg\w*|intoleran\w*)", re.IGNORECASE
)
_SINCE = re.compile(r"\b(?:since|seit|depuis|until|bis|except|apart|besides|but|yes|ja)\b", re.IGNORECASE)
"""After a denial: that there was one before."""
_NO = re.compile(r"no|non|none|never|nothing|not|n|0|nil|zero|keine?s?|nein")
_NO_MORE = re.compile(
    r"antibiotics?|antibiotik\w+|medicines?|medications?|medikamente?|drugs?|tablets?|taken|used|prescribed|other|any|at|all"
    r"|in|within|for|during|over|the|this|that|of|whole|last|past|previous|current(?:ly)?|recent(?:ly)?|now|or|and|und|oder"
    r"|years?|months?|weeks?|days?|since|moment|present|today|these|couple|im|seit|jetzt|zurzeit|derzeit|aktuell|heute"
    r"|im|den|dem|letzten|vergangenen|jahre?n?|monate?n?|wochen?|tage?n?"
    r"|an?|one|two|three|four|six|eight|ten|twelve|few|half|thank|thanks|you"
)
"""What may stand beside a word of `_NO` in a text that says that none was taken; any other word may say otherwise."""
_ZERO_OF = re.compile(r"\b0\s*(?=(?:day|week|month|year|tag|woche|monat|jahr))", re.IGNORECASE)
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "ein": 1, "eine": 1, "einem": 1, "einer": 1, "two": 2, "zwei": 2, "couple": 2, "few": 3,
    "three": 3, "drei": 3, "four": 4, "vier": 4, "five": 5, "six": 6, "sechs": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "half": 0.5,
}  # fmt: skip
_DAYS = {"day": 1, "tag": 1, "week": 7, "woche": 7, "month": 30, "monat": 30, "year": 365, "jahr": 365}
_STRETCH = re.compile(
    rf"(?:\b(\d{{1,3}}|{'|'.join(_NUMBERS)})\s*(?:an?\s+|of\s+)?)?(?<![a-z])({'|'.join(_DAYS)})", re.IGNORECASE
)
"""A stretch of time, whatever word stands before it: "in the last month", "for two weeks", "3 weeks"."""
_THIS_TIME = re.compile(
    r"\b(?:now|current(?:ly)?|present(?:ly)?|moment|today|tonight|these days|recent(?:ly)?|lately|this|at the time"
    r"|jetzt|zurzeit|derzeit|aktuell|heute|momentan|diese\w*)\b",
    re.IGNORECASE,
)
"""Words that tell of a moment alone: "not now" says nothing of last month."""
_DATE = re.compile(r"(?<![\d.-])(20\d\d)(?:[-./](0?[1-9]|1[0-2])(?:[-./](0?[1-9]|[12]\d|3[01]))?)?(?!\d)")

_RANGE = r"([1-7])(?:\s*(?:-|–|/|to|or|bis)\s*([1-7]))?"
_WORD = r"(?:stool|chart|scale|types?|forms?|bristol|bss|bsfs|is|was|mostly|usually|about)"
_AFTER_A_WORD = re.compile(
    rf"\b(?:types?|forms?|bristol|bss|bsfs)\b[\s:=,]*(?:{_WORD}\b[\s:=,]*)*{_RANGE}(?![\d.])(?!\s*(?:x\b|times))",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"\s*{_RANGE}\s*", re.IGNORECASE)
_DIARRHOEA = re.compile(r"diarrh|watery|liquid", re.IGNORECASE)
_NO_DIARRHOEA = re.compile(r"\b(?:no|not|never|without)\b[^.;,]{0,20}(?:diarrh|watery|liquid)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Antibiotic:
    """
    What is said. ``unstated``: nothing, or only about a time shorter than `SPEAKS_ON`. ``none``: that none was taken.
    ``named``: one was; until is its last day, the latest that the words allow, ``None`` when they tell no day. over:
    the time before the sample of which ``none`` is said, where it is said of a stretch.
    """

    said: Literal["unstated", "none", "named"]
    until: date | None = None
    over: timedelta | None = field(default=None, compare=False)

    def speaks_at(self, day: date | None) -> bool:
        """Whether it may still speak in a sample of *day*; with either of the days unknown it may."""
        if self.said != "named":
            return False
        return self.until is None or day is None or day - self.until < SPEAKS_ON


def antibiotic(said: Mapping[str, Any]) -> Antibiotic:
    """
    What *said* tells of the last antibiotic before the sample: by its last day, its own field, or the medicines.

    Where the field says none and the medicines name one, one was taken. The form of an order asks for medicines
    "besides antibiotics", so that "none" there says nothing of these.
    """
    until = str(said.get("antibiotics_until") or "").strip()
    own, medicines = (stated(str(said.get(name) or "")) or "" for name in ("antibiotics", "medicines"))
    if until:
        return Antibiotic("named", _latest(f"{until} {own}"))
    asked, among = _of_its_own(own), _among(medicines)
    if among == "none" and said.get("inherited", {}).get("medicines") == "order" and not _THEM.search(medicines):
        among = "unstated"
    if "named" in {asked, among}:
        texts = [text for text, how in ((own, asked), (medicines, among)) if how == "named"]
        return Antibiotic("named", _latest(" ".join(texts)))
    text, how = (own, asked) if own else (medicines, among)
    return _nothing(text) if how == "none" else Antibiotic("unstated")


def stool_form(said: Mapping[str, Any]) -> float | None:
    """The stool form from 1 to 7 as far as *said* tells, of a range the middle."""
    given = said.get("stool_form")
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return float(given) if 1 <= given <= WATERY else None
    habit = str(said.get("bowel_habit") or "")
    found = _ALONE.fullmatch(habit) or _AFTER_A_WORD.search(habit)
    if found is None or abs(int(found[1]) - int(found[2] or found[1])) > WIDEST_RANGE:
        return None
    return (int(found[1]) + int(found[2] or found[1])) / 2


def loose_in_words(said: Mapping[str, Any]) -> bool:
    """Whether the bowel habit speaks of watery stool, whatever form is stated beside it."""
    habit = str(said.get("bowel_habit") or "")
    return bool(_DIARRHOEA.search(habit)) and not _NO_DIARRHOEA.search(habit)


def watery(said: Mapping[str, Any]) -> bool:
    """Whether the stool was watery: by its form (6 to 7 counts), or by words where no form is stated."""
    form = stool_form(said)
    if form is not None:
        return form > WATERY - 1
    return loose_in_words(said)


_How = Literal["unstated", "none", "named"]


def _of_its_own(text: str) -> _How:
    """What the field for antibiotics says: what is not plainly "none" names one."""
    if not text:
        return "unstated"
    return "none" if _plainly_none(text) else "named"


def _among(medicines: str) -> _How:
    """What a list of medicines says: one that names no antibiotic that we know is no statement that none was taken."""
    if _plainly_none(medicines):
        return "none"
    left = _DENIED.sub(" ", _ALLERGY.sub(" ", medicines))
    denied = _DENIED.search(medicines) is not None
    if _DRUG.search(left) or (denied and _SINCE.search(medicines)):
        return "named"
    return "none" if denied else "unstated"


def _plainly_none(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+|\d+", _ZERO_OF.sub("some ", text.casefold()))
    spoken = [word for word in words if not word.isdigit() or word == "0"]
    denials = [word for word in spoken if _NO.fullmatch(word)]
    return bool(denials) and all(_NO_MORE.fullmatch(word) for word in spoken if word not in denials)


def _nothing(text: str) -> Antibiotic:
    """None was taken; unless that is said of a time too short to matter ("none in the last month")."""
    if _THIS_TIME.search(text):
        return Antibiotic("unstated")
    stretches = [_days(count, unit) for count, unit in _STRETCH.findall(text)]
    over = min(stretches, default=None)
    return Antibiotic("unstated") if over is not None and over < SPEAKS_ON else Antibiotic("none", over=over)


def _days(count: str, unit: str) -> timedelta:
    number = count.casefold() or "a"
    return timedelta(days=(int(number) if number.isdigit() else _NUMBERS[number]) * _DAYS[unit.casefold()])


def _latest(text: str) -> date | None:
    """The latest day in *text*; of a month or a year its last, so that nothing counts as longer ago than it was."""
    return max(_last_days(text), default=None)


def _last_days(text: str) -> Iterator[date]:
    for year, month, day in _DATE.findall(text):
        last = date(int(year) + int(month or 12) // 12, int(month or 12) % 12 + 1, 1) - timedelta(days=1)
        yield last.replace(day=min(int(day), last.day)) if day else last
