"""What a password must be, as tables."""

from __future__ import annotations

import pytest

from telegut.accounts.strength import Policy, WeakPassword, check_password

POLICY = Policy(alone=15, with_second_factor=8, longest=1_024)
WORDS = ["lena.hartmann@example.org", "Lena Hartmann", "Riverside Practice"]


@pytest.mark.parametrize(
    "password",
    [
        "a quiet room with a green door",
        "correct horse battery staple",
        "Vierzehn gelbe Gießkannen",
        "七つの海を渡る小さな船と猫の話でした",
        "🫖🌿 tea under the old walnut tree",
        "xK9#mQ2$vL7!pR4@",
        "telegut is where my garden grows roses",
        "x" + "yz-wvu tsr" * 102,
    ],
)
def test_a_password_of_ones_own_is_taken(password: str) -> None:
    check_password(password, policy=POLICY, second_factor=False, context=WORDS)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "fourteen chars",
        "Telegut2026!Telegut2026!",
        "T3l3gut-T3l3gut-2026",
        "passwordpassword",
        "P@ssw0rdP@ssw0rd1",
        "123456789012345678",
        "qwertyuiopasdfghjkl",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "abcdefghijklmnopqrst",
        "LenaHartmann2026!!",
        "riversidepractice1",
        "lena.hartmann@example.org",
        "welcome to the clinic",
    ],
)
def test_a_password_that_guessers_try_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_password(password, policy=POLICY, second_factor=False, context=WORDS)

    assert ["password"] == [one.field for one in refused.value.errors]


def test_a_second_factor_lets_a_password_be_shorter() -> None:
    check_password("wx4#ourk", policy=POLICY, second_factor=True)
    with pytest.raises(WeakPassword):
        check_password("wx4#ourk", policy=POLICY, second_factor=False)
    with pytest.raises(WeakPassword):
        check_password("wx4#our", policy=POLICY, second_factor=True)


def test_the_product_s_name_with_a_year_is_refused_beside_a_second_factor_too() -> None:
    with pytest.raises(WeakPassword):
        check_password("Telegut2026!", policy=POLICY, second_factor=True)


def test_a_password_has_an_end() -> None:
    long = "over the hills and far away " * 37

    check_password(long[:1_024], policy=POLICY, second_factor=False)
    with pytest.raises(WeakPassword):
        check_password(long[:1_025], policy=POLICY, second_factor=False)
