"""
Phones of a family: in which order they are called, and whether somebody got through (domain §3.3 D, §4).

The order is the child's, over all members: who is tried first when something happens.
"""

import re
from collections.abc import Collection, Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace, Right

from children.models import CareArrangement, Child, Phone, PhoneState

#: What people write between the digits of a number; the forms take away most of it, old lists were not asked.
SEPARATORS = " \u3000-－—+()（）"
OUTCOMES = (PhoneState.OK, PhoneState.NO_ANSWER, PhoneState.DEAD)


def calling_order(phones: list[Phone], carer: int | None = None) -> list[Phone]:
    """
    The numbers of one child in the order in which they are tried; dead ones last.

    Where nobody has put them in order, those of the `carer` (id of the member) come first (domain §11.6).
    """
    return sorted(
        phones, key=lambda p: (p.state == PhoneState.DEAD, p.order, carer is None or p.member_id != carer, p.pk)
    )


def carers_of(children: Iterable[int | Child]) -> dict[int, int | None]:
    """Child id → the id of the member who cares for the child now; one statement."""
    return dict(CareArrangement.objects.open().filter(child__in=children).values_list("child", "carer"))


def digits_of(number: str) -> str:
    """A number to compare: 138 0000 1111 and +86 13800001111 are one."""
    return re.sub(r"\D", "", number)[-11:]


def digits_in(field: str) -> Combinable:
    """The same for a column of numbers, as far as they are written with `SEPARATORS`."""
    bare: Combinable = F(field)
    for sign in SEPARATORS:
        bare = Replace(bare, Value(sign), Value(""))
    return Right(bare, 11)


@transaction.atomic
def move_phone(*, phone: Phone, up: bool, unseen: Collection[int] = ()) -> None:
    """
    Call this number one place earlier (or later). The first cannot go up, the last not down: nothing happens.

    It goes past those that are `unseen` (ids of phones), so that each press moves it on the list as it is shown.
    """
    Child.objects.select_for_update().get(pk=phone.child_id)
    listed = calling_order(
        list(Phone.objects.filter(child=phone.child_id)), carers_of([phone.child_id]).get(phone.child_id)
    )
    here = next(place for place, other in enumerate(listed) if other.pk == phone.pk)
    step = -1 if up else 1
    there = here + step
    while 0 <= there < len(listed) and listed[there].pk in unseen:
        there += step
    if 0 <= there < len(listed):
        listed.insert(there, listed.pop(here))
    for place, other in enumerate(listed, start=1):
        if other.order != place:
            other.order = place
            other.save(update_fields=["order"])


@transaction.atomic
def check_phone(*, phone: Phone, outcome: str, on: date) -> Phone:
    """
    Somebody called: through (`ok`, verified that day), `no_answer`, or `dead`. Raises ValidationError for anything else.

    An unanswered call does not take back that the number was good before; a dead one does.
    """
    if outcome not in OUTCOMES:
        raise ValidationError("请选择打通、打不通或停机空号。")
    row = Phone.objects.select_for_update().get(pk=phone.pk)
    row.state, row.tried_on = outcome, on
    if outcome == PhoneState.OK:
        row.verified_on = on
    row.save(update_fields=["state", "tried_on", "verified_on"])
    return row
