"""What the patient's side reads of a shared note: all of it but what the team has tied to a finding of a sample."""

from __future__ import annotations

import aiohttp
from pycrdt import Doc, Text

from telegut.careplan.document import ROOT, NoteDocument
from telegut.careplan.notes.shown import Shown
from tests.build import Clinic
from tests.careplan.test_notes import Join, clinic, join, plan, until_compact
from tests.careplan.writer import Writer, until
from tests.conftest import Serve

__all__ = ["clinic", "join", "plan", "until_compact"]

TIED = "Coprococcus is low, so more oats. "
SAID_OTHERWISE = "More oats, because you like them. "


def typed(text: str) -> bytes:
    """The update that typing *text* into an empty note makes."""
    document: Doc[Text] = Doc()
    document[ROOT] = Text(text)
    return document.get_update()


async def test_a_note_is_let_through_until_a_sentence_is_tied_to_a_finding() -> None:
    whole = NoteDocument()
    shown = Shown(whole)
    whole.apply(typed("Hello Lena."))
    await shown.judge()
    read = shown.document.text
    whole.apply(typed("\n" + TIED))
    await shown.judge()

    assert ("Hello Lena.", "Hello Lena.", ("Coprococcus",)) == (read, shown.document.text, shown.held)


async def test_what_its_readers_wrote_themselves_holds_nothing() -> None:
    whole = NoteDocument()
    shown = Shown(whole)
    shown.take(whole.apply(typed("Why is my Prevotella low?\n")))
    whole.apply(typed("No sample can tell.\n"))
    await shown.judge()

    assert ((), True) == (shown.held, shown.document.text == whole.text)


async def test_the_rest_and_what_is_read_are_the_whole() -> None:
    whole = NoteDocument()
    shown = Shown(whole)
    whole.apply(typed("Hello Lena.\n"))
    await shown.judge()
    whole.apply(typed(TIED))
    await shown.judge()
    again = NoteDocument()
    again.apply(shown.document.state)
    again.apply(shown.rest())

    assert whole.text == again.text


async def test_the_patient_reads_it_once_it_is_put_otherwise_and_nothing_is_lost(clinic: Clinic, join: Join) -> None:
    lena, amara = await join(clinic.patient), await join(clinic.consultant)
    amara.text += "Hello Lena. "
    await until(lambda: str(lena) == "Hello Lena. ")
    amara.text += TIED
    await until(lambda: amara.held == ["Coprococcus"])
    lena.text += "I had porridge. "
    await lena.all_saved()
    await amara.all_saved()
    await until(lambda: "porridge" in str(amara))
    ruth, jonas = await join(clinic.guardian), await join(clinic.nutritionist)

    assert "Hello Lena. I had porridge. " == str(lena) == str(ruth)
    assert (["Coprococcus"], True) == (jonas.held, "Coprococcus" in str(jonas))
    at = len(str(amara)[: str(amara).index(TIED)].encode())
    del amara.text[at : at + len(TIED)]
    amara.text.insert(at, SAID_OTHERWISE)
    await until(lambda: str(lena) == str(ruth) == str(amara) == str(jonas))
    await until(lambda: not amara.held and not jonas.held)
    assert all(words in str(lena) for words in ("Hello Lena. ", SAID_OTHERWISE, "I had porridge. "))


async def test_what_is_held_stays_so_when_the_log_becomes_a_snapshot(clinic: Clinic, plan: str, serve: Serve) -> None:
    first = await serve(notes_compact_every=2)
    amara = Writer(clinic.consultant, plan)
    await amara.connect(first)
    amara.text += "Hello Lena. "
    await amara.all_saved()
    for word in TIED.split(" "):
        amara.text += word + " "
        await amara.all_saved()
    await until(lambda: amara.held)
    await amara.leave()
    second = await serve()
    lena, jonas = Writer(clinic.patient, plan), Writer(clinic.nutritionist, plan)
    await lena.connect(second)
    await jonas.connect(second)
    await until(lambda: jonas.held)

    assert ("Hello Lena. ", str(amara)) == (str(lena), str(jonas))
    await lena.leave()
    await jonas.leave()


async def test_other_processes_hold_it_as_well(clinic: Clinic, join: Join, serve: Serve) -> None:
    elsewhere = await serve(notes_poll_s=0.5)
    lena, amara = await join(clinic.patient, url=elsewhere), await join(clinic.consultant)
    amara.text += "Hello Lena. "
    await until(lambda: str(lena) == "Hello Lena. ")
    jonas = await join(clinic.nutritionist, url=elsewhere)
    amara.text += TIED
    await until(lambda: jonas.held == ["Coprococcus"])

    assert "Hello Lena. " == str(lena)
    ruth = await join(clinic.guardian)
    ruth.text += "Why is my Prevotella low? "
    await until(lambda: "Prevotella" in str(lena))


async def test_a_note_that_is_tied_to_a_finding_is_not_signed(clinic: Clinic, join: Join, server: str) -> None:
    amara = await join(clinic.consultant)
    amara.text += TIED
    await amara.all_saved()
    path = f"/api/v1/patients/{clinic.patient.id}/care-plan/sign"
    async with aiohttp.ClientSession(server, headers=clinic.consultant.bearer) as session:
        refused = await session.post(path, json={})
        problem = await refused.json()
        del amara.text[0 : len(TIED)]
        amara.text += SAID_OTHERWISE
        await amara.all_saved()
        signed = await session.post(path, json={})

    assert (422, 201) == (refused.status, signed.status)
    assert "shared_note" == problem["errors"][0]["field"]
    assert all(words in problem["detail"] for words in ("Coprococcus", "by the person"))
