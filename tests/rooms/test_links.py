"""Links are derived and tickets are random; the database sees digests of both."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest

from telegut.rooms import links

KEY = bytes(range(32))
VISIT = UUID(int=1)
LENA = UUID(int=2)


def test_the_same_person_gets_the_same_link_again() -> None:
    assert links.link_secret(KEY, VISIT, LENA, 1) == links.link_secret(KEY, VISIT, LENA, 1)


@pytest.mark.parametrize(
    ("key", "visit", "account", "generation"),
    [(bytes(32), VISIT, LENA, 1), (KEY, UUID(int=9), LENA, 1), (KEY, VISIT, UUID(int=9), 1), (KEY, VISIT, LENA, 2)],
)
def test_another_key_visit_person_or_generation_is_another_link(
    key: bytes, visit: UUID, account: UUID, generation: int
) -> None:
    assert links.link_secret(KEY, VISIT, LENA, 1) != links.link_secret(key, visit, account, generation)


def test_a_secret_has_192_bits_in_a_form_that_fits_into_an_address() -> None:
    assert links.SECRET_SHAPE.fullmatch(links.link_secret(KEY, VISIT, LENA, 1))


def test_only_the_digest_is_kept() -> None:
    assert hashlib.sha256(b"abc").digest() == links.digest("abc")
