"""The names of places that somebody points at."""

from __future__ import annotations

import pytest

from telegut.rooms.pointing.anchors import Anchor, NoAnchor, mark_of, read

REPORT = "01a2056c-3d17-7645-a0c2-c4d10e19e941"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"finding:{REPORT}:c5f5acee", "finding"),
        (f"report:{REPORT}", "report"),
        (f"step:{REPORT}", "step"),
        ("diary:2026-11-22", "diary"),
    ],
)
def test_a_name_is_read_and_written_the_same(text: str, kind: str) -> None:
    found = read(text)

    assert (kind, text) == (found.kind, str(found))


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "finding",
        f"finding:{REPORT}",
        f"finding:{REPORT}:Bifidobacterium",
        "step:1",
        "diary:2026-02-30",
        f"note:{REPORT}",
        "diary:" + "2" * 500,
    ],
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(NoAnchor):
        read(text)


def test_a_mark_is_fnv_1a_of_the_name_in_lower_case() -> None:
    # The first two are test vectors of RFC 9923, appendix C.
    assert ("811c9dc5", "bf9cf968") == (mark_of(""), mark_of("foobar"))
    assert mark_of("Bifidobacterium") == mark_of("bifidobacterium")
    assert "diary:2026-11-22" == str(Anchor("diary", "2026-11-22"))
