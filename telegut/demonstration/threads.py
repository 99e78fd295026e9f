"""What people of the demonstration clinic wrote to each other. Plausible, kind, and nobody's real words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid5

from telegut.composition import Services
from telegut.demonstration.cast import AMARA, CAMILLE, DANIEL, HENRIK, JONAS, LENA, MEI, NAMESPACE, SOFIA, TOM, caller
from telegut.demonstration.people import Character
from telegut.demonstration.story_clock import StoryClock


@dataclass(frozen=True, slots=True)
class Line:
    """One message: how many days ago, at what hour of the writer's wall, who, what."""

    days: int
    hour: int
    who: Character
    words: str


LENAS = [
    Line(
        -49,
        13,
        JONAS,
        "Hello Lena, it was good to meet you. Here is where we write between visits. I answer on workdays.",
    ),
    Line(-48, 20, LENA, "Thank you! The oats are fine so far. Is it all right to have them warm?"),
    Line(
        -47, 9, JONAS, "Warm is perfect. Stay at two spoons this week; if your belly stays calm we add one next week."
    ),
    Line(-30, 21, LENA, "Three spoons now. A bit more bloated on Tuesday, but it passed by the evening."),
    Line(
        -29, 9, JONAS, "Thank you for writing it down. Let us stay at three for another week before we go on. No hurry."
    ),
    Line(-13, 18, LENA, "The video did not work for me last week, I am sorry."),
    Line(-12, 9, JONAS, "That was not your fault, and nothing is lost. How are the mornings before work?"),
    Line(-12, 21, LENA, "A little easier. The breathing before the train helps more than I thought."),
    Line(-6, 10, AMARA, "Good morning Lena. Your second lab file has arrived; we look at it together when we meet."),
    Line(-1, 19, LENA, "Can I try kefir instead of yoghurt? I saw it at the market."),
]
TOMS = [
    Line(
        -20,
        15,
        HENRIK,
        "Hello Tom, as promised: one thing at a time. A walk after lunch, on the days you feel up to it.",
    ),
    Line(-19, 20, TOM, "Did it twice. Cooking is still a lot, honestly."),
    Line(
        -18,
        11,
        CAMILLE,
        "Then we do not cook this week. Tinned beans and bread count. I will send you three five-minute plates.",
    ),
    Line(
        -11,
        12,
        CAMILLE,
        "We missed each other yesterday. Shall we find another time? You can choose one here whenever it suits.",
    ),
]
MEIS = [
    Line(
        -14,
        16,
        AMARA,
        "Dear Mei, thank you for today. I have asked Jonas to join us next time, for the fermented foods.",
    ),
    Line(-13, 22, MEI, "Thank you. My grandmother made pickles, I would love to bring that back."),
    Line(-12, 10, JONAS, "What a good place to start, Mei. Bring the recipe, and we look at it together when we meet."),
]
DANIELS = [
    Line(-8, 17, DANIEL, "I forgot to say: my psychiatrist has me on tranylcypromine. Does that matter for food?"),
    Line(
        -8,
        18,
        AMARA,
        "It matters a lot, thank you. Please leave out aged cheese, kimchi, miso and tap beer, and ask your doctor.",
    ),
]
SOFIAS = [
    Line(-3, 20, SOFIA, "Hi! Exams start in two weeks and I hardly eat breakfast. Where should I begin?"),
]
THREADS: tuple[tuple[Character, list[Line]], ...] = (
    (LENA, LENAS),
    (TOM, TOMS),
    (MEI, MEIS),
    (DANIEL, DANIELS),
    (SOFIA, SOFIAS),
)


async def tell(services: Services, clock: StoryClock) -> None:
    """Write them, and have each read by whoever answered."""
    for patient, lines in THREADS:
        clock.at(lines[0].days - 1, 9, 0, patient.zone)
        place = await services.messaging.care_conversation(caller(patient), patient.id)
        if place is None:
            continue
        for number, line in enumerate(lines):
            clock.at(line.days, line.hour, 5, line.who.zone)
            same = str(uuid5(NAMESPACE, f"{patient.email} {number}"))
            seq = await services.messaging.post(caller(line.who), place.id, same, line.words)
            await services.messaging.read(caller(line.who), place.id, seq)
