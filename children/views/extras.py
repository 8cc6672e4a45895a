"""What the dossier page shows beside fields and family: standing, siblings, papers, pledges, the counsellor's note."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from caretrack.access.policy import Act, DataClass
from caretrack.fixed import fixed
from caretrack.schools.models import Staff, Term
from caretrack.web.addresses import address
from children.models import Child, ChildFile, MindNote, RestrictedNote, SafetyPledge, SpecialStanding
from children.models.file import FILE_DATA, GROWTH_KINDS
from children.models.standing import SPECIAL_DATA
from children.siblings import Sibling, household
from children.sight import Sight
from children.views.files import files_of, writable_kinds
from children.views.standing import writable_groups

FILES_SHOWN = 5


@dataclass(frozen=True)
class Extras:
    """Plain values for the template; what the person does not get is empty or None."""

    special: list[tuple[SpecialStanding, str]] | None = None
    may_add_special: bool = False
    siblings: list[Sibling] = field(default_factory=list)
    proposals: list[Sibling] = field(default_factory=list)
    files: list[ChildFile] | None = None
    files_number: int = 0
    growth_there: int = 0
    growth_kinds: int = 0
    may_add_file: bool = False
    pledges: list[tuple[str, str, SafetyPledge | None]] = field(default_factory=list)
    mind: str | None = None
    restricted: str = ""
    may_edit_restricted: bool = False
    kinds: set[str] = field(default_factory=set)


def extras(child: Child, sight: Sight, staff: Staff, on: date, term: Term | None) -> Extras:
    """Everything of this page's lower half, in a fixed number of statements."""
    contact = sight.reads(DataClass.CONTACT)
    groups = [kind for kind, data in SPECIAL_DATA.items() if sight.reads(data)]
    edits = sight.may(Act.CHILD_EDIT)
    special = [
        (row, _standing_url(child, row) if edits and sight.writes(SPECIAL_DATA[row.kind]) else "")
        for row in (_standing_of(child.pk, on) if groups else [])
        if row.kind in groups
    ]
    brothers, proposals = household(child, staff, on, propose=edits) if contact else ([], [])
    readable = [kind for kind in ChildFile.Kind if sight.reads(FILE_DATA[kind])]
    files = files_of(child, sight, staff) if readable else None
    kinds = {file.kind for file in files or []}
    return Extras(
        special=special,
        may_add_special=bool(writable_groups(sight)),
        siblings=brothers,
        proposals=proposals,
        files=files[:FILES_SHOWN] if files is not None else None,
        files_number=len(files or []),
        growth_there=len(kinds & set(GROWTH_KINDS)),
        growth_kinds=len(set(readable) & set(GROWTH_KINDS)),
        may_add_file=bool(writable_kinds(sight)),
        pledges=_pledges(child, term) if contact else [],
        mind=_mind(child) if sight.reads(DataClass.COUNSELLING) else None,
        restricted=_restricted(child) if sight.reads(DataClass.INCIDENT) else "",
        may_edit_restricted=edits and sight.writes(DataClass.INCIDENT),
        kinds=kinds,
    )


@fixed
def _standing_of(child: int, on: date) -> QuerySet[Any]:
    return SpecialStanding.objects.on(on).filter(child=child)


@fixed
def _pledges_of(child: int, term: int) -> QuerySet[SafetyPledge]:
    return SafetyPledge.objects.filter(child=child, term=term)


def _standing_url(child: Child, row: SpecialStanding) -> str:
    return address("children:standing_edit", child.pk, row.pk)


def _pledges(child: Child, term: Term | None) -> list[tuple[str, str, SafetyPledge | None]]:
    """The parties of this term's pledge: (key, name, what was signed)."""
    signed = {row.party: row for row in _pledges_of(child.pk, term.pk)} if term else {}
    return [(party.value, party.label, signed.get(party)) for party in SafetyPledge.Party]


def _mind(child: Child) -> str:
    return "".join(note.text for note in _mind_of(child.pk))


def _restricted(child: Child) -> str:
    return "".join(note.text for note in _restricted_of(child.pk))


@fixed
def _mind_of(child: int) -> QuerySet[MindNote]:
    return MindNote.objects.filter(child=child)[:1]


@fixed
def _restricted_of(child: int) -> QuerySet[RestrictedNote]:
    return RestrictedNote.objects.filter(child=child)[:1]
