"""
What a careful reader would say before looking at the numbers: visible remarks, none of which hides a row.

The thresholds are conventions of this product's domain research (rule f of its importers), to be confirmed by a
specialist; they decide only whether a sentence is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from telegut.reports.carried import carried
from telegut.reports.formats.body_sites import is_control, is_elsewhere
from telegut.reports.formats.profile import LEFT_OUT, UNANSWERED, Clade, Profile
from telegut.reports.formats.typed import FORMAT as TYPED
from telegut.reports.rules import FEWEST_READS, Reading, classified, human, shares_of, without_human

SHALLOW_SHOTGUN_READS = 500_000
SHALLOW_AMPLICON_READS = 5_000
ONE_ORGANISM_PERCENT = 90
ORAL_OR_SKIN_PERCENT = 5
HUMAN_PERCENT = 20
_NAMES_SHOWN = 5
SUMS_MAY_MISS_PERCENT = 0.5
"""Half a percentage point of the sample: ten times what rounding to one decimal can add up to over five children."""

ORAL_GENERA = frozenset(
    {"Abiotrophia", "Actinomyces", "Aggregatibacter", "Capnocytophaga", "Fusobacterium", "Gemella", "Granulicatella"}
    | {"Haemophilus", "Kingella", "Lautropia", "Leptotrichia", "Neisseria", "Porphyromonas", "Rothia", "Schaalia"}
    | {"Selenomonas", "Streptococcus", "Tannerella", "Veillonella"}
)
SKIN_GENERA = frozenset(
    {"Corynebacterium", "Cutibacterium", "Malassezia", "Micrococcus", "Propionibacterium", "Staphylococcus"}
)
"""
Genera that dominate mouths and skins. Sources: Human Microbiome Project Consortium, Nature 2012;486:207 (body sites);
Escapa et al., mSystems 2018;3:e00187-18 (expanded Human Oral Microbiome Database). Small amounts belong in every gut.
"""
_LEAVES_A_REST = frozenset({"cami"})
"""Formats whose writers may know a share no further than a group, and have no row for the rest of it."""
_ORAL_OR_SKIN = ORAL_GENERA | SKIN_GENERA


@dataclass(frozen=True, slots=True)
class Remark:
    """One warning: a stable *code* and a sentence for a person."""

    code: str
    text: str


def remarks(reading: Reading) -> tuple[Remark, ...]:
    """Every remark that *reading* earns, in a fixed order."""
    profile = reading.profile
    microbes = shares_of(profile).percent(classified(profile) - human(profile.clades))
    found = [
        *_about_typing(profile),
        *_about_names(profile),
        *_about_depth(profile),
        *_about_one_organism(reading, microbes),
        *_about_body_sites(reading, microbes),
        *_about_name(profile),
        *_about_carried(reading),
        *_about_human(profile),
        *_about_sums(profile),
        *_about_ranks(profile),
    ]
    return tuple(found)


def _about_depth(profile: Profile) -> Iterator[Remark]:
    named = int(classified(profile)) if profile.in_reads else None
    reads = profile.total_reads if profile.total_reads is not None else named
    amplicon = profile.region not in {None, "shotgun"}
    enough = SHALLOW_AMPLICON_READS if amplicon else SHALLOW_SHOTGUN_READS
    if reads is not None and reads < enough:
        kind = "amplicon" if amplicon else "shotgun"
        yield Remark(
            "shallow",
            f"The sample is shallow: {reads:,} reads, and {enough:,} are usual for {kind} sequencing. "
            "Rarer groups may be missing by chance.",
        )
    if named is not None and named < FEWEST_READS:
        yield Remark(
            "few_classified", f"Only {named:,} reads could be named at all. The shares below rest on very little."
        )


def _about_one_organism(reading: Reading, microbes: float) -> Iterator[Remark]:
    species = [row for row in reading.taxa if row.rank == "species"]
    rows = species
    if sum(row.percent for row in species) * 2 < microbes:
        rows = [row for row in reading.taxa if row.rank == "genus" and not row.unassigned]
    largest = max(rows, key=lambda row: row.percent, default=None)
    if not {LEFT_OUT, UNANSWERED}.isdisjoint(reading.profile.notes):
        return  # what is left of such a table is no whole that one of them could fill
    if largest is not None and microbes > 0 and largest.percent / microbes * 100 > ONE_ORGANISM_PERCENT:
        share = largest.percent / microbes * 100
        name = "One kind" if carried([(largest.rank, largest.name)]) else largest.name  # no name of an illness
        yield Remark(
            "one_organism",
            f"{name} alone is {share:.0f} % of what could be named. That is not usual for a stool sample: "
            "it may be a culture, an isolate or another kind of material.",
        )


def _about_body_sites(reading: Reading, microbes: float) -> Iterator[Remark]:
    genera = [row for row in reading.taxa if row.rank == "genus" and row.name in _ORAL_OR_SKIN]
    together = sum(row.percent for row in genera)
    if microbes > 0 and together / microbes * 100 > ORAL_OR_SKIN_PERCENT:
        names = ", ".join(row.name for row in sorted(genera, key=lambda row: -row.percent)[:3])
        yield Remark(
            "oral_or_skin",
            f"Groups that mostly live in mouths or on skin are {together / microbes * 100:.0f} % of what could be "
            f"named ({names}). The material may not be stool, or something else got into it.",
        )


def _about_name(profile: Profile) -> Iterator[Remark]:
    name = profile.sample or ""
    if is_elsewhere(name):
        yield Remark(
            "another_place", "The sample's name speaks of another part of the body than the gut. Is it this one?"
        )
    if is_control(name):
        yield Remark("control_sample", "The sample's name sounds like a laboratory's control. Is it the right one?")


def _about_typing(profile: Profile) -> Iterator[Remark]:
    if profile.format == TYPED:
        yield Remark(
            "typed_by_hand",
            "These numbers were typed by hand from the laboratory's document. Nothing certain is known of the method, "
            "so they are compared with nothing.",
        )


def _about_names(profile: Profile) -> Iterator[Remark]:
    if (said := profile.notes.get(UNANSWERED)) is not None:
        yield Remark(
            "names_left_out",
            "The table holds names that are not known here, and nobody confirmed that they are groups of bacteria or "
            f"other organisms. They were left out: {said}.",
        )


def _about_human(profile: Profile) -> Iterator[Remark]:
    share = human(profile.clades) / shares_of(profile).whole * 100
    if share > HUMAN_PERCENT:
        yield Remark(
            "human_reads",
            f"{share:.0f} % of the reads are human. They are left out of the rows; what remains is less deep.",
        )


def _about_sums(profile: Profile) -> Iterator[Remark]:
    clades = without_human(profile.clades)
    hundred = shares_of(profile).whole
    sums = [0.0] * len(clades)
    parents: set[int] = set()
    for clade in clades:
        if clade.parent is not None:
            sums[clade.parent] += clade.amount
            parents.add(clade.parent)
    off = [place for place in parents if _misses(profile, place, clades[place], sums[place], hundred)]
    tops = sum(clade.amount for clade in profile.clades if clade.parent is None) + (profile.unclassified or 0)
    whole_is_off = not profile.in_reads and abs(tops - 100) > SUMS_MAY_MISS_PERCENT
    whole_is_off = whole_is_off and (tops > 100 or profile.format != TYPED)  # nobody types a whole document
    if off or whole_is_off:
        left_out = not {LEFT_OUT, UNANSWERED}.isdisjoint(profile.notes)
        why = "Rows of it were left out." if left_out else "It may have been cut or edited."
        yield Remark("ranks_do_not_add_up", _sentence(clades, off, tops if whole_is_off else None, why))


def _misses(profile: Profile, place: int, clade: Clade, children: float, hundred: float) -> bool:
    own = profile.clades[place].own
    rest = (clade.amount - children - (own or 0)) / hundred * 100
    if rest > 0 and own is None and profile.format in _LEAVES_A_REST:
        return False
    return abs(rest) > SUMS_MAY_MISS_PERCENT


def _sentence(clades: Sequence[Clade], off: list[int], tops: float | None, why: str) -> str:
    parts = []
    if tops is not None:
        parts.append(f"the whole adds up to {tops:.1f} % instead of 100 %")
    if off:
        first = next((clades[place].name for place in sorted(off) if clades[place].name), "one group")
        parts.append(f"the parts of {first} do not add up to it")
    return f"The numbers of the file do not add up: {'; '.join(parts)}. {why}"


def _about_carried(reading: Reading) -> Iterator[Remark]:
    found = carried((row.rank, row.name) for row in reading.taxa if row.percent > 0)
    if found:
        names = ", ".join(found[:_NAMES_SHOWN])
        yield Remark(
            "confirm_clinically",
            f"Among the names is {names}. Some people carry such organisms and are well; a table like this finds "
            "fragments of DNA, no illness. Where there are complaints, a clinical test is what tells.",
        )


def _about_ranks(profile: Profile) -> Iterator[Remark]:
    if profile.genera_from_names:
        yield Remark(
            "genera_from_names",
            "The file lists species alone. Each was counted to the genus that its name begins with; where it begins "
            "with none, the genus is not known.",
        )
    if profile.ranks_inferred:
        yield Remark(
            "ranks_inferred",
            f"The file leaves the rank of {profile.ranks_inferred:,} groups out (as some versions of Kraken 2 do). "
            "They were placed by their taxids, names and position.",
        )
