"""
One way to write JSON, so that the same content always has the same hash.

After RFC 8785 (JSON Canonicalization Scheme): names in the order of their UTF-16 units, no blanks, numbers as
ECMAScript writes them (shortest digits that read back the same), UTF-8. Two things that RFC 8785 refuses are written
all the same, because a lab's file may hold anything: a number that is not finite is ``null``, as ECMAScript has it, and
half of a surrogate pair keeps its three bytes.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any


def canonical(value: Any) -> bytes:
    """*value* (what JSON can hold) as its canonical bytes."""
    return _text(value).encode("utf-8", "surrogatepass")


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return (
            "{" + ",".join([f"{encode_basestring(key)}:{_text(value[key])}" for key in _in_order(tuple(value))]) + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_text(one) for one in value]) + "]"
    raise TypeError(f"{type(value).__name__} is not JSON")


@lru_cache(maxsize=64)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass")))


def number(value: float) -> str:
    """
    *value* as ECMAScript's ``String(value)``; ``null`` when it is not finite.

    Source: ECMA-262, Number::toString: plain digits while the point stands between 10⁻⁶ and 10²¹, an exponent beyond.
    Python's ``repr`` finds the same shortest digits, and writes them the same way unless it needs an exponent.
    """
    written = repr(value)
    if "e" not in written and math.isfinite(value):
        return written.removesuffix(".0") if value else "0"
    if not math.isfinite(value):
        return "null"
    sign, digits, exponent = Decimal(written).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    return ("-" if sign else "") + _placed(text, len(text) + exponent)


def _placed(digits: str, point: int) -> str:
    """*digits* with the decimal point after the first *point* of them."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
