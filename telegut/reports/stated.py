"""
Whether words that people wrote in a field say anything: "not stated by the lab", "unknown" and "?" are no answer. Pure.

Two samples whose kit nobody knows were not measured with the same kit. So what is compared is asked here first, and
what is no answer is `None` everywhere. Where it can be read in two ways it is none, because that compares less.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NO_ANSWER: Final = re.compile(
    r"\b(?:not|never|non|nicht|nie|no|pas|sin)[ _-](?:yet )?(?:being )?"
    r"(?:stated|specified|known|given|provided|reported|disclosed|available|documented|recorded|mentioned|named|told"
    r"|sure|certain|clear|answered?|applicable|information|info|details?|data|idea|answer"
    r"|angegeben|bekannt|genannt|sicher|dokumentiert|mitgeteilt|renseigne\w*|indique\w*|precise\w*|connu\w*|datos|indicar)\b"
    r"|\b(?:not|nicht|pas)\b[^.;,]{0,24}\b(?:stated|specified|given|provided|disclosed|reported|angegeben|genannt|mitgeteilt)\b"
    r"|\b(?:none|nothing) (?:stated|specified|known|given|provided|reported|named)\b"
    r"|\b(?:unknown|unstated|unspecified|undisclosed|unnamed|unsure|unclear|undetermined|unbekannt\w*|unklar|inconnue?"
    r"|desconocid[oa]|sconosciut[oa]|nieznan\w*|неизвестно|не указано|不明|未知)\b"
    r"|\b(?:(?:do|does|did|could|can)(?: not|n.?t)|cannot|can.?t) (?:know|say|tell|remember|state)\b"
    r"|\b(?:rather|prefer|want|wish|like) not\b|\b(?:not|n.t) (?:want|wish|like) to (?:say|tell|answer|share)\b"
    r"|\bmochte (?:ich |es |das )*nicht (?:sagen|angeben)\b"
    r"|\bkeine (?:angaben?|ahnung|information\w*)\b|\bwei(?:ß|ss) (?:ich |es )*nicht\b|\bje ne sais pas\b|\bno s[eé]\b",
)
_EMPTY_WORDS: Final = frozenset(
    {
        "na",
        "nk",
        "ns",
        "nd",
        "ka",
        "tbd",
        "tba",
        "tbc",
        "nil",
        "null",
        "nan",
        "x",
        "proprietary",
        "confidential",
        "secret",
    }
    | {
        "standard",
        "usual",
        "asusual",
        "default",
        "same",
        "thesame",
        "asabove",
        "asbefore",
        "ditto",
        "seereport",
        "missing",
    }
    | {
        "seelabreport",
        "seethereport",
        "seeabove",
        "seefile",
        "seeattached",
        "seepdf",
        "pending",
        "blank",
        "empty",
        "idk",
    }
    | {
        "tobeconfirmed",
        "tobedetermined",
        "noresponse",
        "dunno",
        "unkown",
        "unknow",
        "unkonwn",
        "noindicado",
        "siehebericht",
    }
    | {"noinformado", "незнаю", "不知道", "niewiem", "vertraulich", "wieoben", "wieimmer"}
)
"""Without their signs: "n/a", "k. A."; and words of which two people may mean different things."""


def stated(text: str | None) -> str | None:
    """*text* with its blanks trimmed, or ``None`` when it says nothing or that nobody knows."""
    said = " ".join((text or "").split())
    words = plain(said)
    if not words or words in _EMPTY_WORDS or _NO_ANSWER.search(_folded(said)):
        return None
    return said


def plain(text: str | None) -> str:
    """*text* for comparing words of different people, in any script: case, signs and blanks do not matter."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "").casefold())


def _folded(text: str) -> str:
    """Lower case, without accents: French and Spanish words are often written without."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in taken_apart if not unicodedata.combining(sign))
