"""A step of a plan says nothing that is tied to a taxon, a ratio or a score; strains and food keep their names."""

from __future__ import annotations

import pytest

from telegut.evidence.findings_in_words import refused, tied_to_a_finding


@pytest.mark.parametrize("words", [
    "Your Coprococcus is low, so eat more fibre.",
    "Oats to raise your Faecalibacterium",
    "Because your Firmicutes/Bacteroidetes ratio is high.",
    "Because of the F/B ratio",
    "your f:b is 3",
    "More fibre for Roseburia",
    "coprococcus likes oats",
    "Good for Lachnospiraceae",
    "To feed your bifidobacteria",
    "Feeds Bifidobacterium",
    "Inulin helps Bifidobacterium grow",
    "Leeks are food for bifidobacteria.",
    "Bifidobacteria love leeks.",
    "Your Lactobacillus was low.",
    "Low Lactobacillus, so yoghurt every day",
    "Lactobacillus levels look low",
    "A lack of bifidobacteria was seen",
    "Yoghurt, for more Lactobacillus",
    "Kefir to bring back Lactobacillus",
    "Kefir restores your lactobacilli",
    "Garlic against Klebsiella",
    "Less sugar: it feeds Candida",
    "There is too much Candida in your stool.",
    "The Streptococcus in your sample",
    "Your E. coli is too high",
    "Increase Bifidobacterium with leeks",
    "This raises the numbers of bifidobacteria.",
    "Akkermansia loves cranberries",
    "Cranberries for Akkermansia",
    "Your dysbiosis needs rest",
    "To improve your gut score",
    "Your microbiome score is 60 of 100",
    "your diversity index",
    "For your diversity",
    "Your gut age is 54",
    "More good bacteria",
    "Against bad gut bacteria",
    "Your microbiome is out of balance",
    "Oats.\nYour Copro\u200bcoccus is low.",
    "Ｃｏｐｒｏｃｏｃｃｕｓ",
    "Eat oats; your Blautia is high; sleep well",
])  # fmt: skip
def test_what_is_tied_to_a_finding_is_refused(words: str) -> None:
    assert tied_to_a_finding(words) is not None


@pytest.mark.parametrize("words", [
    "Oats at breakfast",
    "Two spoons of oats, 20 g, raise by 5 g each week",
    "You like warm breakfasts, and you eat little fibre so far.",
    "Your mood was low in the morning; start low and go slow.",
    "Bifidobacterium longum 1714, one capsule in the morning",
    "Lactobacillus rhamnosus GG: raise to two capsules in week 2",
    "Raise the Lactobacillus rhamnosus GG dose to two capsules in week 2",
    "Increase Bifidobacterium longum 1714 to 2 capsules",
    "Start low: Lactobacillus plantarum 299v, 10 billion CFU",
    "A low dose of Lactobacillus plantarum 299v, one capsule",
    "Your Lactobacillus capsule after breakfast",
    "Your probiotic with L. helveticus R0052 and B. longum R0175",
    "Take Lactobacillus helveticus R0052 and Bifidobacterium longum R0175 together, 3 billion CFU",
    "Saccharomyces boulardii CNCM I-745, 250 mg twice a day, not with a central line",
    "Lacticaseibacillus rhamnosus GG (ATCC 53103)",
    "Akkermansia muciniphila MucT, pasteurised: no",
    "Streptococcus thermophilus and Lactobacillus bulgaricus are the cultures of this yoghurt.",
    "Kefir, 100 ml. Kefir is a fermented food, not a probiotic.",
    "Home ferments: keep everything clean because of Listeria infection.",
    "Cook eggs and chicken through.",
    "After your Helicobacter treatment",
    "Your PHQ-9 score fell from 14 to 9.",
    "Sleep score in your watch: leave it alone for a week.",
    "The ratio of rice to vegetables on your plate: one to one",
    "Fibre is what bacteria in the gut live on.",
    "A varied diet: thirty plants a week, because you like to cook.",
    "Less coffee after noon", "More daylight", "Fewer drinks: reduce by one glass a week",
    "Good for your sleep", "Support from your sister", "Because of the bloating",
    "We looked at your report together.",
    "Calcium and magnesium stay as they are.",
])  # fmt: skip
def test_strains_food_and_people_are_said(words: str) -> None:
    assert tied_to_a_finding(words) is None


def test_a_refusal_names_the_field_and_what_to_write() -> None:
    [error] = refused([("title", "Oats"), ("why_words", "Your Coprococcus is low."), ("details", "")])

    assert "why_words" == error.field
    assert "Coprococcus" in error.message
    assert "what they like" in error.message


@pytest.mark.parametrize("words", ["a" * 4_000, "bacter" * 600, "Lactobacillus a a a " * 200, "help " * 800])
def test_long_words_are_judged_as_well(words: str) -> None:
    assert tied_to_a_finding(words) is None
