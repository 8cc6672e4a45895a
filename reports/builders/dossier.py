"""One child's dossier (留守儿童档案), domain §3, as it is printed for the file or handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.builders.paper import FactSection


@dataclass(frozen=True)
class FamilyLine:
    relation: str
    name: str
    age: str
    situation: str
    place: str
    phones: tuple[str, ...]
    guardian: bool = False


@dataclass(frozen=True)
class RecordLine:
    """A record in the timeline; `content` is empty when the reader may only know that it exists."""

    on: date
    kind: str
    way: str
    by: str
    content: str
    withheld: bool = False


@dataclass(frozen=True)
class ChangeLine:
    on: date
    kind: str
    before: str
    after: str
    basis: str


@dataclass(frozen=True)
class DefinitionLine:
    """One of the four definitions of 留守 (domain §3.2) and what it says on the cut-off date."""

    name: str
    rule: str
    verdict: str


@dataclass(frozen=True)
class Dossier:
    school: str
    child: str
    number: str
    class_name: str
    as_of: date
    opened_on: date | None
    photo: str
    complete: str
    basics: FactSection
    definitions: tuple[DefinitionLine, ...]
    family: tuple[FamilyLine, ...]
    sections: tuple[FactSection, ...]
    changes: tuple[ChangeLine, ...]
    records: tuple[RecordLine, ...]
    records_since: date | None = None
    records_total: int = 0
