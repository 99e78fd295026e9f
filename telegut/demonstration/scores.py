"""Weeks of questionnaires and diary of the demonstration clinic: ups and downs, as real weeks have."""

from __future__ import annotations

from collections.abc import Sequence

from telegut.composition import Services
from telegut.demonstration.cast import LENA, TOM, caller
from telegut.demonstration.people import Character
from telegut.demonstration.story_clock import StoryClock
from telegut.outcomes.instruments import GAD_7, GUT_SYMPTOMS
from telegut.outcomes.rules import Felt

WEEKLY: tuple[tuple[Character, tuple[tuple[int, ...], ...]], ...] = (
    (
        LENA,
        (
            (2, 2, 2, 2, 1, 2, 2),
            (2, 2, 2, 2, 1, 2, 1),
            (2, 1, 2, 2, 1, 2, 2),
            (2, 1, 2, 1, 1, 2, 1),
            (1, 1, 2, 2, 1, 1, 1),
            (2, 1, 1, 1, 1, 2, 1),
            (1, 1, 2, 1, 0, 1, 1),
            (1, 1, 1, 1, 1, 1, 1),
        ),
    ),
    (TOM, ((1, 1, 2, 1, 0, 1, 0), (1, 1, 1, 1, 0, 2, 0), (1, 1, 2, 1, 0, 1, 1))),
)
"""Answers to the seven items of GAD-7, a week each, the last one four days ago."""

GUT: tuple[tuple[int, int, int, int, int], ...] = (
    (4, 6, 2, 5, 5),
    (3, 6, 2, 5, 5),
    (4, 7, 3, 6, 6),
    (3, 5, 2, 5, 4),
    (3, 5, 1, 4, 4),
    (2, 6, 1, 5, 4),
    (2, 4, 1, 4, 4),
    (2, 4, 1, 3, 4),
)
"""Lena's pain, bloating, urgency, gas (0 to 10) and form (1 to 7), a week each."""

DIARY: tuple[tuple[int, int, int], ...] = (
    (3, 2, 3),
    (3, 3, 3),
    (2, 2, 2),
    (3, 3, 4),
    (4, 3, 3),
    (3, 2, 3),
    (3, 3, 2),
    (4, 4, 4),
    (3, 3, 3),
    (4, 3, 4),
    (3, 2, 3),
    (4, 4, 3),
    (4, 3, 4),
)
"""Lena's mood, gut and sleep (1 to 5), a day each, the last one yesterday."""


async def tell(services: Services, clock: StoryClock) -> None:
    """Answer and write, week by week and day by day."""
    for who, weeks in WEEKLY:
        await _weekly(services, clock, who, weeks)
    for back, values in enumerate(reversed(GUT)):
        clock.at(-4 - 7 * back, 20, 20, LENA.zone)
        given = dict(zip((item.id for item in GUT_SYMPTOMS.items), values, strict=True))
        await services.outcomes.respond(caller(LENA), LENA.id, GUT_SYMPTOMS.id, given)
    for back, (mood, gut, sleep) in enumerate(reversed(DIARY), start=1):
        clock.at(-back, 21, 30, LENA.zone)
        await services.outcomes.write(caller(LENA), LENA.id, Felt(mood=mood, gut=gut, sleep=sleep))


async def _weekly(services: Services, clock: StoryClock, who: Character, weeks: Sequence[Sequence[int]]) -> None:
    for back, values in enumerate(reversed(weeks)):
        clock.at(-4 - 7 * back, 20, 0, who.zone)
        given = dict(zip((item.id for item in GAD_7.items), values, strict=True))
        await services.outcomes.respond(caller(who), who.id, GAD_7.id, given)
