"""A roster row after reading: plain typed facts, still without any database."""

import re
from dataclasses import dataclass, field

from children.importing.findings import Fate
from children.importing.normalise.classes import ClassRef
from children.importing.normalise.dates import PartialDate
from children.importing.normalise.ethnic import ethnic_name
from children.importing.normalise.phones import Phone

_SENSITIVE = re.compile("自残|自杀|性侵|猥亵|吸毒|艾滋|家暴|虐待|遗弃|精神病|服刑")


@dataclass(slots=True)
class Person:
    """A parent, carer, mentor or other adult as one row states them; None means the row does not say."""

    name: str | None = None
    relation_code: str | None = None
    relation_text: str = ""
    maternal: bool = False
    status: str | None = None
    away_since: PartialDate | None = None
    work_place: str | None = None
    work_region: str | None = None
    work_unit: str | None = None
    phones: tuple[Phone, ...] = ()
    age: int | None = None
    birth_date: PartialDate | None = None
    id_no: str | None = None
    ethnic: str | None = None
    address: str | None = None
    health: str | None = None
    education: str | None = None
    job: str | None = None

    def __bool__(self) -> bool:
        return any((self.name, self.relation_code, self.status, self.work_place, self.work_unit, self.phones))

    def add_phone(self, phone: Phone) -> None:
        """One more number, unless it is known."""
        if phone.number not in {known.number for known in self.phones}:
            self.phones = (*self.phones, phone)

    def as_json(self) -> dict[str, object]:
        """The person with the keys of ``rosters/README.md``; what is not known is left out."""
        found: dict[str, object] = {
            "name": self.name,
            "status": self.status,
            "relation_code": self.relation_code,
            "work_place": self.work_place,
            "work_unit": self.work_unit,
        }
        result = {key: value for key, value in found.items() if value}
        if self.maternal:
            result["maternal"] = True
        if self.phones:
            result["phones"] = [phone.number for phone in self.phones]
        return result


@dataclass(slots=True)
class ChildRow:
    """
    One pupil as one row states them. ``clears`` names fields with the explicit token 【清空】, ``part`` counts the
    pupils of one row in a list of mentors, ``block`` the lists that stand side by side, ``class_origin`` says what the grade was taken from if not from its cell.
    """

    sheet: str | None
    row: int
    name: str | None = None
    former_name: str | None = None
    sex: str | None = None
    birth_date: PartialDate | None = None
    birth_lunar: str | None = None
    ethnic: str | None = None
    ethnic_text: str = ""
    id_no: str | None = None
    id_type: str | None = None
    student_no: str | None = None
    aux_no: str | None = None
    class_seq: str | None = None
    school: str | None = None
    klass: ClassRef | None = None
    enrolled_on: PartialDate | None = None
    boarding: str | None = None
    dorm: str | None = None
    bed: str | None = None
    commute: str | None = None
    commute_km: float | None = None
    needs_bus: bool | None = None
    address: str | None = None
    village_group: str | None = None
    hukou_place: str | None = None
    hukou_kind: str | None = None
    left_behind: str | None = None
    father: Person = field(default_factory=Person)
    mother: Person = field(default_factory=Person)
    carer: Person = field(default_factory=Person)
    mentors: list[Person] = field(default_factory=list)
    family: list[Person] = field(default_factory=list)
    away_parents: tuple[str, ...] = ()
    contact_phones: tuple[Phone, ...] = ()
    neighbour_phones: tuple[Phone, ...] = ()
    care_type: str | None = None
    care_rating: str | None = None
    entrusted: bool | None = None
    family_structure: str | None = None
    health: str | None = None
    disability: str | None = None
    disabled: bool | None = None
    blood_type: str | None = None
    personality: str | None = None
    hobby: str | None = None
    household_size: int | None = None
    income_per_head: int | None = None
    income_sources: tuple[str, ...] = ()
    aid: tuple[str, ...] = ()
    hardship: str | None = None
    orphan: bool | None = None
    boarding_subsidy: bool | None = None
    low_income: bool | None = None
    notes: list[str] = field(default_factory=list)
    restricted: list[str] = field(default_factory=list)
    hidden: bool = False
    part: int = 0
    block: int = 0
    class_origin: str = ""
    fate: Fate = Fate.IMPORT
    copied: frozenset[str] = frozenset()
    clears: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """The row in the key of a question, with the part of a row that holds several pupils: 9, 9.1."""
        return ".".join(str(part) for part in (self.row, self.block, self.part) if part)

    def guard_notes(self) -> bool:
        """
        Take remarks on violence, abuse or crime out of the open notes, whole: what is left of one would tell as much.

        Returns whether there were any (rosters fault 73).
        """
        found = [note for note in self.notes if _SENSITIVE.search(note)]
        self.notes = [note for note in self.notes if note not in found]
        self.restricted += [note for note in found if note not in self.restricted]
        return bool(found)

    def settle(self, fate: Fate) -> None:
        """Make the fate of the row worse, never better."""
        order = (Fate.IMPORT, Fate.ASK, Fate.REJECT)
        self.fate = max(self.fate, fate, key=order.index)

    def as_json(self) -> dict[str, object]:
        """The child with the field names of ``rosters/README.md``; what is not known is left out."""
        found: dict[str, object] = {"sheet": self.sheet, "row": self.row, "name": self.name, "sex": self.sex}
        if self.birth_date:
            found |= {"birth_date": self.birth_date.iso, "birth_precision": self.birth_date.precision}
        found |= {"id_no": self.id_no, "student_no": self.student_no}
        found["ethnic"] = (self.ethnic_text or ethnic_name(self.ethnic)) if self.ethnic else None
        if self.klass is not None:
            found["class"] = _class_json(self.klass)
        for key in ("boarding", "dorm", "bed", "commute", "address", "care_type", "care_rating", "family_structure"):
            found[key] = getattr(self, key)
        for key in ("father", "mother", "carer"):
            found[key] = getattr(self, key).as_json()
        if self.mentors:
            titled = [mentor.as_json() | ({"title": mentor.job} if mentor.job else {}) for mentor in self.mentors]
            found["mentor"] = titled[0]
            if len(titled) > 1:
                found["mentors"] = titled
        found["contact_phones"] = [phone.number for phone in self.contact_phones]
        found["away_parents"] = list(self.away_parents)
        found["family"] = [person.as_json() for person in self.family]
        result = {key: value for key, value in found.items() if value not in (None, "", [], {})}
        if self.hidden:
            result["hidden"] = True
        result["sheet"] = self.sheet
        result["expect"] = self.fate.value
        return result


def _class_json(klass: ClassRef) -> dict[str, object]:
    stated = {"stage": klass.stage, "grade": klass.grade, "number": klass.number}
    return {key: value for key, value in stated.items() if value}
