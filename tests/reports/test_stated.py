"""What is an answer and what says that nobody knows; two who do not know have not said the same."""

from __future__ import annotations

import pytest

from telegut.reports.cohorts.match import method_of, region_of
from telegut.reports.stated import plain, stated
from telegut.reports.taxonomy.databases import database_of


@pytest.mark.parametrize("text", [
    None, "", "  ", "?", "-", "…", "n/a", "N.A.", "NA", "k. A.", "tbd", "unknown", "Unknown kit",
    "not stated by the lab", "Not specified", "none stated", "none, not stated", "not yet known", "no information",
    "no idea", "not sure", "don't know", "I don’t know", "cannot say", "unbekannt", "nicht angegeben",
    "keine Angabe", "weiß ich nicht", "non précisé", "inconnu", "desconocido", "не указано",
    "I would rather not say", "prefer not to say", "不明",
    "SILVA, version not stated", "nicht vom Labor angegeben", "proprietary", "Standard", "as usual", "see lab report",
    "same", "ditto", "TBC", "to be confirmed", "pending", "dunno", "не знаю", "不知道", "nie wiem", "no indicado",
])  # fmt: skip
def test_what_says_nothing_is_no_answer(text: str | None) -> None:
    assert stated(text) is None


@pytest.mark.parametrize("text", [
    "QIAamp PowerFecal", "none", "no", "Norway", "Kenya", "Knowles kit", "Kit without a known supplier's name v2",
    "0", "V4", "Notus 2", "中国", "SILVA 138.1", "DADA2 1.26",
])  # fmt: skip
def test_an_answer_is_kept_as_it_is(text: str) -> None:
    assert text == stated(f" {text}  ")


@pytest.mark.parametrize(("one", "other", "same"), [
    ("Power-Soil Pro", "powersoil PRO", True), ("中国", "日本", False), ("Россия", "россия", True),
    ("Ａ１", "a1", True), ("試験管", "管", False),
])  # fmt: skip
def test_words_are_compared_in_any_script(one: str, other: str, same: bool) -> None:
    assert same == (plain(one) == plain(other))


@pytest.mark.parametrize(("text", "region"), [
    ("Illumina MiSeq v3, region V4", "V4"), ("MiSeq v2 2x250, V4", "V4"), ("MiSeq v3 kit, region V4", "V4"),
    ("v3 chemistry", None), ("NovaSeq V3-V4", "V3-V4"), ("V3 and V4", "V3-V4"), ("none stated", None),
    ("none", "shotgun"), ("None of your business", None), ("not shotgun: V4", "V4"), ("shotgun or V4?", None),
    ("V3V4", "V3-V4"), ("whole genome shotgun", "shotgun"),
])  # fmt: skip
def test_a_region_is_told_from_a_sequencers_version_and_from_no_answer(text: str, region: str | None) -> None:
    assert region == region_of(text)


def test_a_database_that_is_not_stated_has_no_version() -> None:
    assert database_of("not stated by the lab (v1)") is None


def test_what_nobody_knows_is_in_no_method() -> None:
    said = dict.fromkeys(("kit", "extraction", "country", "region", "pipeline", "database"), "not stated by the lab")

    method = method_of({"method": {}, "denominator": "profile"}, said)

    assert {"profile"} == {getattr(method, name) for name in method.__slots__} - {None}
