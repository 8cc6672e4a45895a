"""
Whom of a family nobody from school calls or writes to, and no pupil calls: told by the apps that know why (domain §11.4).

It holds wherever the program itself offers somebody to be reached: numbers a child may call, whom to call first,
numbers offered in a form, lists of riders and boarders, letters and feedback. There the person and every number that
leads to them are left out for everybody, without a word to those who may not know the reason.

It does not hold where the register is copied: the members in the dossier, contact cards, registration and monthly
forms, ledgers. The family and many hands hold such papers. One without a number that stood on it before would tell
them of the suspicion, and the fingerprint of a contact card would call every copy out void and name that number as
gone. Who may know is warned on the pages from which a card is printed instead. Beside the members in every dossier, on
the page and on paper, stands the same sentence for every child and reader: whom to call is said by the order alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from caretrack.fixed import fixed
from children.contacts import calling_order, carers_of, digits_of
from children.models import FamilyMember, Phone, PhoneState

#: From nobody or somebody of the staff to the condition on members: all there are, or those of whom this person may know.
Reason = Callable[[Any], Q]

_reasons: list[Reason] = []


def register(reason: Reason) -> None:
    """Enter a reason, once."""
    if reason not in _reasons:
        _reasons.append(reason)


@dataclass(frozen=True)
class NotCalled:
    """Those of some families who are not called: names by the ids of members, and the digits of their numbers."""

    members: dict[int, str]
    numbers: frozenset[str] = frozenset()

    def bars(self, phone: Phone) -> bool:
        """Whether a number leads to one of them, whoever it is registered for."""
        return phone.member_id in self.members or digits_of(phone.number) in self.numbers


def who_is_not_called(known_to: Any = None) -> Q:
    """The condition on members of families that they are not called; with `known_to` only as far as that person may know."""
    return reduce(or_, (reason(known_to) for reason in _reasons), Q(pk__in=()))


def not_called(children: Iterable[int], *, known_to: Any = None) -> NotCalled:
    """Who of the families of `children` is not called; one statement."""
    ids = tuple(children)
    found = _of_everybody(ids) if known_to is None else list(_told(ids, known_to))
    return NotCalled(
        {pk: name for pk, name, _ in found}, frozenset(digits_of(number) for *_, number in found if number)
    )


def _told(children: tuple[int, ...], known_to: Any) -> QuerySet[FamilyMember, Any]:
    rows = FamilyMember.objects.filter(who_is_not_called(known_to), child__in=children).order_by()
    return rows.values_list("pk", "name", "phones__number")


@fixed
def _of_everybody(children: tuple[int, ...]) -> QuerySet[FamilyMember, Any]:
    return _told(children, None)


def phones_to_call(children: Iterable[int]) -> dict[int, list[Phone]]:
    """Child id → the living numbers of the family in calling order, each with its member; three statements."""
    ids = list(children)
    barred = not_called(ids)
    found: dict[int, list[Phone]] = {}
    for phone in Phone.objects.filter(child__in=ids).exclude(state=PhoneState.DEAD).select_related("member"):
        if not barred.bars(phone):
            found.setdefault(phone.child_id, []).append(phone)
    carers = carers_of(ids)
    return {pk: calling_order(found.get(pk, []), carers.get(pk)) for pk in ids}
