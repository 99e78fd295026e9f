"""
Advice that is tied to a finding of a stool sample: what no step of a plan may say. Pure.

Source: the project's domain guide, section 0, 1.1 and 8.1 (after Porcari et al., Lancet Gastroenterol Hepatol
2025;10:154-167): "taxon low" never becomes "take X"; a ratio or a score is said nowhere; a link to a taxon is context
that was noted, never the reason. A probiotic is named by its strain all the same (ISAPP, doi 10.1038/nrgastro.2014.66),
and so is a germ that food can carry: those names may stand in a step, and no claim about them may.

Whole sentences are judged, in the words that people write: wrongly passed is worse than wrongly asked again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from telegut.errors import FieldError

_OF_A_SAMPLE: Final = (
    r"akkermansia\w*|alistipes|anaerostipes|anaerobutyricum|bacteroides|barnesiella|bilophila|blautia|catenibacterium"
    r"|christensenella\w*|collinsella|coprobacter|coprococcus|desulfovibrio|dialister|dorea|eggerthella|eisenbergiella"
    r"|eubacterium|faecalibacteri\w+|fusicatenibacter|fusobacteri\w+|gemmiger|hungatella|lachnoclostridium|lachnospira"
    r"|megamonas|megasphaera|methanobrevibacter|odoribacter|oscillibacter|oscillospira|oxalobacter|parabacteroides"
    r"|paraprevotella|parasutterella|phascolarctobacterium|phocaeicola|prevotella|roseburia|ruminococcus"
    r"|ruminiclostridium|segatella|sellimonas|subdoligranulum|sutterella|turicibacter|veillonella"
    r"|firmicutes|bacillota|bacteroidetes|bacteroidota|actinobacteria|actinomycetota|proteobacteria|pseudomonadota"
    r"|verrucomicrobi\w+|clostridia|clostridiales|eubacteriales"
    r"|(?:lachnospir|ruminococc|oscillospir|bacteroid|bifidobacteri|lactobacill|enterobacteri|prevotell|rikenell"
    r"|erysipelotrich|peptostreptococc|desulfovibrion|veillonell|sutterell|coriobacteri|barnesiell|tannerell)aceae"
)
"""Groups of gut bacteria that nobody is given: their names come from a sample, or from an advertisement."""
_OF_A_PRODUCT: Final = (
    r"\w{0,12}lactobacill(?:us|i)|lactobacillales|\w{0,12}bifidobacteri\w+|lacti(?:case|planti)bacillus"
    r"|streptococc(?:us|i)|enterococc(?:us|i)|lactococc(?:us|i)|leuconostoc|pediococc(?:us|i)|propionibacteri\w+"
    r"|saccharomyces|bacillus|weizmannia|heyndrickxia|escherichia|e\. ?coli|clostridi(?:um|oides)|candida"
    r"|helicobacter|h\. ?pylori|salmonella|listeria|campylobacter|klebsiella"
    r"|[a-z]{3,16}(?:bacter|bacterium|bacteria|coccus|bacillus|monas|spira|vibrio)"
)
"""What a bottle or a food may hold, and any other name with the shape of one."""
_STRAIN: Final = re.compile(r"\bakkermansia\s+muciniphila\s+(?:muct\b|\S*\d\S*)", re.IGNORECASE)
"""A product's strain by its number, as the others have it: the one group of a sample that is sold as well."""

_NAME: Final = rf"\b(?:{_OF_A_PRODUCT})\b"
_A_DOSE: Final = (
    r"(?!(?:\s+[\w.\"'-]+){0,5}?\s+(?:capsules?|doses?|sachets?|tablets?|drops|drinks?|powder|products?|cfu|billion|mg"
    r"|supplements?|probiotics?|spoons?|spoonfuls?|yog?h?urts?|kefir|infections?|treatment)\b)"
)
_FEW: Final = r"(?:[\w'’-]+\s+){0,4}?"
_LOW_OR_HIGH: Final = (
    r"(?:too\s+)?(?:low(?:er|est)?|high(?:er|est)?|few(?:er)?|little|much|many|missing|absent|deficient|depleted|reduced"
    r"|raised|elevated|increased|decreased|abnormal|unbalanced|imbalanced|overgrown|weak(?:ened)?|below|above|gone)"
)
_CLAIMS: Final = (
    # "Lactobacillus is low", "bifidobacteria levels look low", "your Klebsiella count was high"
    rf"{_NAME}(?:\s+[\w'’-]+){{0,3}}?\s+(?:is|are|was|were|seems?|looks?|came|comes|stays?|has|have|levels?|counts?"
    rf"|numbers?|share|value|result)\s+(?:[\w'’-]+\s+){{0,3}}?{_LOW_OR_HIGH}\b",
    # "low Lactobacillus", "a lack of bifidobacteria"
    rf"\b(?:low|lower|lowered|lack(?:s|ing)?|shortage|deficiency|missing|depleted|too\s+(?:little|few|much|many)|high"
    rf"|excess|excessive|overgrowth|imbalance)\s+(?:(?:in|of|on|your|the|levels?)\s+){{0,3}}{_NAME}{_A_DOSE}",
    # "to raise your bifidobacteria", "for more Lactobacillus", "so that Lactobacillus …"
    rf"\b(?:rais(?:e|es|ing)|increas(?:e|es|ing)|lower(?:s|ing)?|reduc(?:e|es|ing)|decreas(?:e|es|ing)|more|fewer|less)\s+"
    rf"{_FEW}{_NAME}{_A_DOSE}",
    rf"\b(?:boost|feed|fed|nourish|grow|restor|rebalanc|balanc|replenish|strengthen|stimulat|encourag|promot|multipl"
    rf"|suppress|starv|kill|fight|crowd|bring\s+(?:back|down|up)|build\s+up|support|favou?r|help)\w*\s+"
    rf"{_FEW}{_NAME}",
    rf"\b(?:food|fuel|fertili[sz]er|good|great|ideal|best)\s+for\s+{_FEW}{_NAME}",
    # "bifidobacteria love oats", "Lactobacillus feeds on it"
    rf"{_NAME}\s+(?:will\s+|can\s+)?(?:grow|thrive|bloom|recover|love|like|feed|eat|multipl|flourish|improve|help"
    rf"|ferment)\w*\b",
    # "your Lactobacillus", "Lactobacillus in your gut"
    rf"\b(?:your|his|her|their|my)\s+(?:own\s+|gut\s+)?{_NAME}{_A_DOSE}",
    rf"{_NAME}(?:\s+[\w'’-]+){{0,3}}?\s+(?:in|of|from)\s+(?:your|the|his|her|their|my)\s+(?:gut|bowel|stool|sample"
    rf"|report|result|results|test|profile|microbiome|microbiota|flora)\b",
    rf"\b(?:because|due|since|against)\s+(?:of\s+|to\s+)?(?:the\s+)?{_NAME}{_A_DOSE}",
)
_SCORES: Final = (
    r"\bdys(?:biosis|biotic)\b|\beubiosis\b|\bf\s?[/:]\s?b\b|\bb\s?[/:]\s?f\b"
    r"|\b(?:gut|microbiome|microbiota|microbial|bowel|flora|diversity|bacteria\w*|biome|biotic)\s+(?:\w+\s+){0,2}?"
    r"(?:scores?|index|indices|ratios?|age|grades?|percentiles?)\b"
    r"|\b(?:scores?|index|ratios?)\s+of\s+(?:your\s+|the\s+)?(?:gut|microbiome|microbiota|bacteria\w*|diversity)\b"
    r"|\b(?:good|bad|friendly|unfriendly|harmful|beneficial|healthy|unhealthy|protective|pathogenic)\s+(?:gut\s+)?"
    r"(?:bacteria|microbes|bugs|germs|flora)\b"
    r"|\byour\s+(?:gut\s+|microbial\s+|microbiome\s+|bacterial\s+)?(?:diversity|richness|shannon\w*)\b"
    r"|\byour\s+(?:\w+\s+){0,2}?(?:microbiome|microbiota|gut\s+flora)\s+(?:\w+\s+){0,2}?"
    r"(?:is|looks|seems|was|shows?|lacks?|needs?|has)\b"
)
_FOUND: Final = re.compile(
    "|".join([rf"\b(?:{_OF_A_SAMPLE})\b", _SCORES, *_CLAIMS]),
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<!\b[A-Za-z])(?<!spp)(?<!sp)[.!?;\n]+(?=\s|$)|\n+")
_SHOWN: Final = 60
"""Characters of what was found that a refusal quotes."""


def tied_to_a_finding(text: str) -> str | None:
    """
    The words of *text* that tie a step to a taxon, a ratio or a score; None when there are none.

    >>> tied_to_a_finding("Because Coprococcus is low, more oats."), tied_to_a_finding("L. rhamnosus GG, one capsule")
    ('Coprococcus', None)
    """
    return next(iter(tied_sentences(text).values()), None)


def tied_sentences(text: str) -> dict[str, str]:
    """Each sentence of *text*, as it is looked at, that is tied to a finding, with the words that tie it; in order."""
    written = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    sentences = _SENTENCE.split(_STRAIN.sub("the strain", written))
    found = {sentence: _FOUND.search(sentence) for sentence in sentences}
    return {sentence: " ".join(one[0].split())[:_SHOWN] for sentence, one in found.items() if one}


def refused(texts: Iterable[tuple[str, str]]) -> list[FieldError]:
    """One error for each of *texts* (field, words) that is tied to a finding: what, and what to write instead."""
    found = [(field, tied_to_a_finding(words)) for field, words in texts]
    return [
        FieldError(
            field,
            f"“{words}” ties this to what a stool sample showed, and no study says that such a finding tells what "
            "helps. Please say it by the person: what they like, what they eat, how they feel, what they want to "
            "reach. What you looked at together can be noted beside the step, as context.",
        )
        for field, words in found
        if words is not None
    ]
