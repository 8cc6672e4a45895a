"""What the children say to the mentors who were chosen for them (P-32; domain §13, system 27)."""

from datetime import date
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from children.models import Child
from mentoring.models import Pairing


class Said(StrEnum):
    """What most children say; anything else is written in the child's own words."""

    GLAD = "愿意，喜欢这位老师"
    WILLING = "愿意"
    NOTHING = "没有意见"
    RELUCTANT = "不太愿意"
    ANOTHER = "想换一位"


#: Who says so should not be left with the choice unasked.
DOUBTFUL = frozenset({Said.RELUCTANT, Said.ANOTHER})


def unheard(children: "QuerySet[Child]", on: date) -> "QuerySet[Pairing]":
    """The pairings with a 代理家长, running on the day or still to come, to which the child of `children` was not heard."""
    silent = Pairing.objects.not_over(on).acting_parents().filter(child_view="")
    return silent.filter(child__in=children.order_by().values("pk"))  # type: ignore[no-any-return]


@transaction.atomic
def hear(*, pairing: Pairing, words: str) -> Pairing:
    """Write down what the child said, where nothing was. Raises ValidationError for other words than Said, or a second time."""
    if words not in list(Said):
        raise ValidationError("请选一项，或者用孩子自己的话写。")
    current = Pairing.objects.select_for_update(of=("self",)).select_related("child", "mentor").get(pk=pairing.pk)
    if current.child_view:
        raise ValidationError(f"{current.child}的意见刚刚已经由别人登记：{current.child_view}")
    current.child_view = words
    current.save(update_fields=["child_view"])
    return current
