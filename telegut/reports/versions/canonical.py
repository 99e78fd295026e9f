"""
One way to write JSON, so that the same content always has the same hash.

After RFC 8785 (JSON Canonicalization Scheme): names in the order of their UTF-16 units, no blanks, numbers as
ECMAScript writes them (shortest digits that read back the same), UTF-8. Two things that RFC 8785 refuses are written
all the same, because a lab's file may hold anything: a number that is not finite is ``null``, as ECMAScript has it, and
half of a surrogate pair keeps its three bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

_MANY = 100
"""Rows of one table, from which on they are written together."""


def canonical(value: Any) -> bytes:
    """*value* (what JSON can hold) as its canonical bytes."""
    return _text(value).encode("utf-8", "surrogatepass")


def _text(value: Any) -> str:
    write = _WRITERS.get(type(value))
    if write is None:
        raise TypeError(f"{type(value).__name__} is not JSON")
    return write(value)


def _list(value: list[Any] | tuple[Any, ...]) -> str:
    if len(value) >= _MANY and all(type(one) is dict for one in value):
        names = tuple(value[0])
        if all(tuple(one) == names for one in value):
            return "[" + ",".join(_rows(value, names)) + "]"
    return "[" + ",".join([_text(one) for one in value]) + "]"


def _rows(rows: Sequence[dict[str, Any]], names: tuple[str, ...]) -> Iterable[str]:
    """What `_dict` writes of each of *rows*, all of them with the same *names*: column by column, in half the time."""
    ordered = _in_order(names)
    columns = [_column([row[name] for row in rows]) for name, _ in ordered]
    row = "{" + ",".join([written.replace("%", "%%") + "%s" for _, written in ordered]) + "}"
    return map(row.__mod__, zip(*columns, strict=True)) if columns else [row] * len(rows)


def _column(values: list[Any]) -> Iterable[str]:
    kinds = set(map(type, values))
    write = _WRITERS.get(kinds.pop()) if len(kinds) == 1 else None
    return map(write or _text, values)


def _dict(value: dict[str, Any]) -> str:
    return "{" + ",".join([name + _text(value[key]) for key, name in _in_order(tuple(value))]) + "}"


@lru_cache(maxsize=64)
def _in_order(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """*names* in their order, each with how it is written: thousands of rows have the same ones."""
    ordered = sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return tuple((name, f"{encode_basestring(name)}:") for name in ordered)


def number(value: float) -> str:
    """
    *value* as ECMAScript's ``String(value)``; ``null`` when it is not finite.

    Source: ECMA-262, Number::toString: plain digits while the point stands between 10⁻⁶ and 10²¹, an exponent beyond.
    Python's ``repr`` finds the same shortest digits, and writes them the same way unless it needs an exponent.
    """
    written = repr(value)
    if "e" not in written and "n" not in written:  # neither an exponent, nor "nan" or "inf"
        return written.removesuffix(".0") if value else "0"
    if not math.isfinite(value):
        return "null"
    from decimal import Decimal  # for few numbers, and the reader's process starts for every file

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


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    str: encode_basestring,
    int: str,
    float: number,
    dict: _dict,
    list: _list,
    tuple: _list,
}
"""By what JSON can hold and nothing derived from it: asked for every value of every row, so by its type and at once."""
