"""
What the demonstration clinic asks before a visit, and what its people answered.

The questions follow the safety gates of the care plan (`telegut.careplan.gates`; the project's domain guide, section
2.2): what would make a step unsafe is asked before anybody suggests one. How somebody feels about eating is asked
gently, can be left open, and is never scored.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from telegut.composition import Foundation, Services
from telegut.demonstration.cast import DANIEL, LENA, caller
from telegut.demonstration.people import Character
from telegut.demonstration.setting import FIRST, FOLLOW_UP, NUTRITION, SYSTEM
from telegut.scheduling import appointments
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.intake import forms, sheets
from telegut.scheduling.intake.rules import Content, Kind, Question, Value
from telegut.scheduling.intake.sheets import New
from telegut.scheduling.rules import VisitType

WHY, HEALTH, EATING, TRIED = "What brings you here", "Your health", "Eating and you", "What you tried"
LATER = "I would rather talk about it"
ANSWERED_BEFORE: Final = timedelta(days=2)
"""So long before a visit people of the demonstration fill in its form."""

ALLERGIES = Question(
    id="allergies",
    group=HEALTH,
    kind=Kind.TEXT,
    text="Allergies or foods you do not tolerate",
    help="For example nuts, milk, gluten. Write “none” if there are none.",
    required=True,
    fact="allergies",
)
MEDICINES = Question(
    id="medicines",
    group=HEALTH,
    kind=Kind.LONG_TEXT,
    text="Medicines and supplements you take",
    help="With the dose if you know it. Some foods and supplements do not go together with some medicines.",
    fact="medicines",
)
PREGNANCY = Question(
    id="pregnancy",
    group=HEALTH,
    kind=Kind.CHOICE,
    text="Are you pregnant, or do you breast-feed?",
    options=("No", "Pregnant", "Breast-feeding", "It does not apply to me", LATER),
    fact="pregnancy",
)

BEFORE_THE_FIRST: Final = Content(
    "Before we meet",
    "So that we have more time to talk. Answer what you can; what you leave open we ask when we meet.",
    6,
    (
        Question(id="reason", group=WHY, kind=Kind.LONG_TEXT, text="What brings you to us?", required=True),
        Question(
            id="goals",
            group=WHY,
            kind=Kind.LONG_TEXT,
            text="What would be better in three months, if it goes well?",
            help="In everyday words: something you would notice.",
        ),
        MEDICINES,
        ALLERGIES,
        PREGNANCY,
        Question(
            id="conditions",
            group=HEALTH,
            kind=Kind.CHOICES,
            text="Does any of this apply to you?",
            options=(
                "A weakened immune system, or medicines that weaken it",
                "A catheter in a large vein",
                "Coeliac disease",
                "Crohn's disease or ulcerative colitis",
                "Irritable bowel",
                "Diabetes",
                "None of these",
            ),
            fact="conditions",
        ),
        Question(
            id="warning_signs",
            group=HEALTH,
            kind=Kind.CHOICES,
            text="In the last months, have you noticed any of these?",
            help="If so, please also tell your doctor soon: these are checked before any change of food.",
            options=(
                "Blood in the stool",
                "Losing weight without wanting to",
                "Fever without a cold",
                "Waking at night from pain or diarrhoea",
                "None of these",
            ),
        ),
        Question(
            id="antibiotics",
            group=HEALTH,
            kind=Kind.YES_NO,
            text="Did you take antibiotics in the last twelve weeks?",
        ),
        Question(
            id="eating_now",
            group=EATING,
            kind=Kind.CHOICE,
            text="How is eating for you at the moment?",
            options=("Mostly easy", "Sometimes hard", "Often hard or frightening", LATER),
        ),
        Question(
            id="eating_history",
            group=EATING,
            kind=Kind.CHOICE,
            text="Was there ever a time when eating or weight took up too much room in your life?",
            help="Many people know this. It helps us to suggest nothing that could harm you.",
            options=("No", "Yes, in the past", "Yes, now", LATER),
            fact="eating_history",
        ),
        Question(
            id="tried",
            group=TRIED,
            kind=Kind.CHOICES,
            text="What have you tried so far?",
            options=("Another diet", "Probiotics", "Fibre or other supplements", "Therapy", "Movement", "Nothing yet"),
        ),
        Question(
            id="tried_how",
            group=TRIED,
            kind=Kind.LONG_TEXT,
            text="What helped, and what did not?",
        ),
        Question(
            id="contact",
            group="For our talk",
            kind=Kind.TEXT,
            text="Whom may we call if the connection breaks and we cannot reach you?",
            help="A name and a number.",
            fact="emergency_contact",
        ),
        Question(
            id="pronouns",
            group="For our talk",
            kind=Kind.TEXT,
            text="How shall we speak of you?",
            help="Your name, your pronouns.",
            fact="pronouns",
        ),
    ),
)

BEFORE_THE_NEXT: Final = Content(
    "Before we talk again",
    "A few short questions. What you told us before is still here.",
    3,
    (
        Question(
            id="since", group="Since last time", kind=Kind.LONG_TEXT, text="How has it been since we last talked?"
        ),
        Question(
            id="hardest",
            group="Since last time",
            kind=Kind.LONG_TEXT,
            text="Which step was hard, and what got in the way?",
            help="A step that did not work tells us something. It is nobody's fault.",
        ),
        MEDICINES,
        ALLERGIES,
        PREGNANCY,
        Question(id="wish", group="For our talk", kind=Kind.TEXT, text="What should we not forget to talk about?"),
    ),
)

LENAS_FIRST: Final[dict[str, Value | None]] = {
    "reason": "A tight belly on most mornings, and worry before work that I cannot switch off.",
    "goals": "Breakfast without thinking about it, and sleeping through.",
    "medicines": "None",
    "allergies": "Hazelnuts",
    "pregnancy": "No",
    "conditions": ["Irritable bowel"],
    "warning_signs": ["None of these"],
    "antibiotics": False,
    "eating_now": "Sometimes hard",
    "eating_history": "No",
    "tried": ["Another diet", "Probiotics"],
    "tried_how": "Leaving out milk helped for some weeks. The capsules did nothing that I noticed.",
}
DANIELS_NEXT: Final[dict[str, Value | None]] = {
    "since": "Two good weeks, then a hard one at work.",
    "hardest": "Cooking in the evening. I come home late on Tuesdays and Wednesdays.",
    "allergies": "None",
    "wish": "Whether coffee matters.",
}


async def ask(base: Foundation) -> None:
    """Publish the forms."""
    async with base.db.begin(SYSTEM) as tx:
        await forms.publish(tx, FIRST.id, BEFORE_THE_FIRST, 0)
        for kind in (FOLLOW_UP, NUTRITION):
            await forms.publish(tx, kind.id, BEFORE_THE_NEXT, 0)


async def tell(base: Foundation) -> None:
    """What Lena answered before her first visit: the later forms know it."""
    one = await _visit(base, LENA, FIRST, "completed")
    if one is None:
        return
    async with base.db.begin(caller(LENA)) as tx:
        form = await forms.of_service(tx, FIRST.id)
        if form is None:
            return
        await sheets.begin(tx, one, form)
        new = [New(name, _fact(form.content, name), value) for name, value in LENAS_FIRST.items()]
        await sheets.write(tx, base.vault, one, new, at=one.start - ANSWERED_BEFORE)
        await sheets.submit(tx, one)


async def today(base: Foundation, services: Services) -> None:
    """Daniel has filled in the form for today; Lena's for next week still waits."""
    one = await _visit(base, DANIEL, FOLLOW_UP, "booked")
    if one is None:
        return
    await services.intake.save(caller(DANIEL), one.id, DANIELS_NEXT, ())
    await services.intake.submit(caller(DANIEL), one.id)


async def _visit(base: Foundation, who: Character, kind: VisitType, status: str) -> Appointment | None:
    async with base.db.begin(SYSTEM) as tx:
        found = await appointments.find(tx, Filter(patient=who.id), 50)
    return next((one for one in reversed(found) if one.service == kind.id and one.status.value == status), None)


def _fact(content: Content, name: str) -> str | None:
    question = content.question(name)
    return question.fact if question else None
