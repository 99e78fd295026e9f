"""
Whether a name of one database is certainly a name of another. Where it is not certain, nothing is compared.

Within one database and version a name is itself, however it is spelled. Between two, only what the table of
`telegut.reports.taxonomy.synonyms` has looked up is certain: a group that was renamed, or one that kept its name and
its members. A name that is absent from the table was not looked up, and not looked up is not certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegut.reports.formats.profile import readable
from telegut.reports.taxonomy.databases import Database, database_of
from telegut.reports.taxonomy.synonyms import Synonym, rows_of
from telegut.web.words import gettext as _

_PREFIX = re.compile(r"^(?:[dkpcofgst]|sk|D_[0-9]+)__")
_NODE = re.compile(r"(?<=[A-Za-z])_[0-9]{3,}$")
_INNER_PREFIX = re.compile(r"(?<= in )[dkpcofg]__")
_GTDB_SUFFIX = re.compile(r"[A-Za-z]_[A-Z]{1,2}(?= |$)")
_CLUSTER = re.compile(r"Clostridium [IVXl]+[a-c]?|.* (?:sensu stricto|group|incertae sedis)(?: [0-9]+)?", re.I)
_NUMBERED = re.compile(r"[A-Z][a-z]+ ?[0-9]+")


@dataclass(frozen=True, slots=True)
class Same:
    """*name*: what the other database certainly calls it, or ``None``. why: the source, or why nothing is certain."""

    name: str | None
    why: str


def spelled(name: str) -> str:
    """
    *name* as telegut writes it: no prefixes, quotes or node numbers, spaces for underscores that are not part of it.

    Square brackets stay: they say that a name is only borrowed (``[Ruminococcus]`` is not Ruminococcus).
    """
    bare = _NODE.sub("", _PREFIX.sub("", name.strip().strip('"').strip("'")))
    return _INNER_PREFIX.sub("", readable(bare))


def same_name(name: str, rank: str, from_database: str | None, to_database: str | None) -> Same:
    """
    What *to_database* certainly calls the group that *from_database* calls *name*.

    >>> same_name("Prevotella copri", "species", "mpa_v30_CHOCOPhlAn_201901", "mpa_vJun23_CHOCOPhlAnSGB_202307").name
    'Segatella copri'
    """
    here, there, plain = database_of(from_database), database_of(to_database), spelled(name)
    if here is None or there is None or here.version is None or there.version is None:
        return Same(None, _("The database of names, or its version, is not stated."))
    if here.same_as(there):
        return Same(plain, _("Both names are from the same database and version."))
    if "greengenes2" in {here.scheme, there.scheme}:
        return Same(
            None, _("Names of Greengenes2 are nodes of its own tree, with numbers; no other database has them.")
        )
    if why := _no_name_elsewhere(plain):
        return Same(None, why)
    return _looked_up(plain, rank, here, there)


def also_called(name: str, rank: str) -> tuple[str, ...]:
    """Other names under which people may look for this group: those it was renamed from or to."""
    plain = spelled(name)
    rows = [one for one in rows_of(plain, rank) if one.relation == "renamed"]
    return tuple(one.other if one.name == plain else one.name for one in rows)


def _no_name_elsewhere(name: str) -> str | None:
    """Why *name* means something in its own database alone; ``None`` when it does not."""
    if _GTDB_SUFFIX.search(name):
        return _("GTDB split this group and marks its parts with letters; no other database draws the same line.")
    if "[" in name:
        return _("The square brackets say that the name is only borrowed; databases differ in what they put there.")
    if _CLUSTER.fullmatch(name) or _NUMBERED.fullmatch(name):
        return _("This is a cluster of its own database; others draw the line elsewhere.")
    return None


def _looked_up(name: str, rank: str, here: Database, there: Database) -> Same:
    rows = rows_of(name, rank)
    if not rows:
        return Same(None, _("It was not looked up whether both databases mean the same group by this name."))
    for row in rows:
        if row.relation in {"split", "uncertain"} and not _same_side(row, here, there):
            return Same(
                None, _("Databases do not mean the same group by this name: %(source)s.") % {"source": row.source}
            )
    kept = next((row for row in rows if row.relation in {"renamed", "unchanged"}), rows[0])
    if not {here.scheme, there.scheme} <= kept.schemes:
        return Same(None, _("For one of the two databases this name was not looked up."))
    if kept.relation == "renamed" and there.month is not None and there.month < kept.since:
        return Same(kept.name, kept.source)
    return Same(kept.other if kept.relation == "renamed" else name, kept.source)


def _same_side(row: Synonym, here: Database, there: Database) -> bool:
    """Whether both databases use the names of one time, before or after *row*; false when a time is not known."""
    if row.relation == "uncertain" or here.month is None or there.month is None:
        return False
    return (here.month < row.since) == (there.month < row.since)
