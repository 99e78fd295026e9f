"""Names for devices, from what browsers really send."""

from __future__ import annotations

import pytest

from telegut.accounts.devices import PROGRAM, device_name

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox on Linux"),
        (f"{MOZILLA} (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        (f"{MOZILLA} (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on Mac"),
        ("python-aiohttp/3.14", PROGRAM),
        ("", PROGRAM),
        ("\r\nX-Evil: 1\x1b[31m<script>", PROGRAM),
    ],
)
def test_a_device_is_named_in_our_own_words(agent: str, expected: str) -> None:
    assert expected == device_name(agent)
