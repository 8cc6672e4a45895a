"""Whom to call about a child, one after the other: the family, neighbour, village cadre (domain §11.6)."""

import re
from dataclasses import dataclass, replace

from caretrack.schools.models import Staff
from children.contacts import calling_order, digits_of
from children.models import CareArrangement, Child, FamilyMember, PhoneState, codes
from children.not_called import not_called

_NUMBER = re.compile(r"\+?\d[\d\- ]{5,}\d")


@dataclass(frozen=True)
class Branch:
    """
    One step of the tree: who it is, the name, the numbers in calling order with a word on each.

    `suspected`: not to be called. `withheld`: a number of theirs was left out because it reaches somebody suspected.
    `dead`: every number of theirs is known as dead.
    """

    step: str
    name: str
    numbers: tuple[tuple[str, str], ...]
    member: int | None = None
    suspected: bool = False
    withheld: bool = False
    dead: bool = False

    @property
    def empty(self) -> bool:
        return not self.numbers


def call_tree(child: Child, staff: Staff) -> list[Branch]:
    """
    The tree of one child as `staff` gets it, steps without anybody left out; six statements. Needs `school` loaded.

    The family stands in the calling order of its numbers, as in the dossier. Dead numbers are not called; who
    cannot be reached comes after everybody who can. The carer who is a parent stands once, as carer. Who is suspected in an incident file
    keeps the place without a number for those who may open that file; for everybody else the person is simply not
    there, nor a line or a number that leads to them (domain §11.4).
    """
    care = CareArrangement.objects.open().filter(child=child).select_related("carer").first()
    carer = care.carer_id if care else None
    phones: dict[int | None, list[tuple[str, str]]] = {}
    turn: dict[int | None, int] = {}
    dead: set[int | None] = set()
    for phone in calling_order(list(child.phones.all()), carer):
        if phone.state == PhoneState.DEAD:
            dead.add(phone.member_id)
            continue
        word = "" if phone.state == PhoneState.OK else phone.get_state_display()
        phones.setdefault(phone.member_id, []).append((phone.number, word))
        turn.setdefault(phone.member_id, len(turn))
    members = list(FamilyMember.objects.filter(child=child))

    def branch(step: str, name: str, member: int | None) -> Branch:
        numbers = tuple(phones.get(member, ()))
        return Branch(step, name, numbers, member, dead=not numbers and member in dead)

    def of(step: str, wanted: list[FamilyMember]) -> list[Branch]:
        return [branch(step, m.name if m.relation_words == step else str(m), m.pk) for m in wanted]

    gone = codes.GONE
    parents = [m for m in members if m.pk != carer and m.status not in gone]
    found = of("照护人", [m for m in members if m.pk == carer])
    found += of("父亲", [m for m in parents if m.relation in codes.FATHERS])
    found += of("母亲", [m for m in parents if m.relation in codes.MOTHERS])
    with_phone = phones.keys() | dead
    rest = [m for m in members if m.pk != carer and m.relation not in codes.PARENTS and m.pk in with_phone]
    found += of("其他家人", rest)
    if None in with_phone:
        found.append(branch("家庭电话", "", None))
    found.sort(key=lambda one: turn.get(one.member, 0))
    for step, text in (
        ("紧急联系人", child.emergency_contact),
        ("第二紧急联系人", child.emergency_contact_2),
        ("邻居或村干部", child.neighbour_contact),
    ):
        if text:
            found.append(_written(step, text))
    school = child.school
    if school.helper_name or school.helper_phone:
        numbers = ((school.helper_phone, ""),) if school.helper_phone else ()
        found.append(Branch("包片村干部", school.helper_name, numbers))
    return _without_suspects(sorted(found, key=lambda one: one.empty), child, staff)


def _without_suspects(branches: list[Branch], child: Child, staff: Staff) -> list[Branch]:
    barred = not_called([child.pk])
    if not barred.members:
        return branches
    known = not_called([child.pk], known_to=staff)
    found = []
    for branch in branches:
        about = {pk for pk, name in barred.members.items() if pk == branch.member or _is_written(name, branch)}
        kept = tuple((number, word) for number, word in branch.numbers if digits_of(number) not in barred.numbers)
        if about:
            found += [replace(branch, numbers=(), suspected=True)] if about & known.members.keys() else []
        elif kept == branch.numbers:
            found.append(branch)
        # That a number is missing may only be told of those whose file this person may open.
        elif (withheld := any(digits_of(number) in known.numbers for number, _ in branch.numbers)) or kept:
            found.append(replace(branch, numbers=kept, withheld=withheld))
    return found


def _is_written(name: str, branch: Branch) -> bool:
    """Whether a contact that somebody wrote as a line is this person."""
    return branch.member is None and bool(name) and name in branch.name


def _written(step: str, text: str) -> Branch:
    """A contact written as one line: the name and the numbers in it."""
    numbers = tuple((number.strip(), "") for number in _NUMBER.findall(text))
    return Branch(step, _NUMBER.sub("", text).strip(" ，,:：、;；()（）"), numbers)
