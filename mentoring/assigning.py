"""A mentor for a child who has none, or whose mentor works there no more: one, several, or as the board has shown."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from caretrack.schools.models import Staff
from children.models import Child
from mentoring.candidates import without_room
from mentoring.handover import change_mentor
from mentoring.models import Mentor, Pairing
from mentoring.services import pair

NO_ROOM = "{mentors}现在不能再按推荐接这些学生（人数已满或情况有变），没有安排。推荐已重新计算，请再看一遍。"


@transaction.atomic
def assign(*, child: Child, mentor: Mentor, on: date, by: Staff, child_view: str = "") -> Pairing:
    """
    Give the child a 代理家长 from `on`. One who works there no more is relieved: the follow-ups go to the new one.

    Raises ValidationError as `pair` and `change_mentor` do.
    """
    left = Pairing.objects.open().acting_parents().abandoned(on).filter(child=child)
    abandoned = left.select_related("child", "mentor__school", "mentor__staff").first()
    if abandoned is None:
        return pair(child=child, mentor=mentor, on=on, by=by, child_view=child_view)
    today, reason = timezone.localdate(), Pairing.EndReason.MENTOR_LEFT
    return change_mentor(
        pairing=abandoned, mentor=mentor, on=on, today=today, by=by, reason=reason, child_view=child_view
    )


@transaction.atomic
def pair_several(
    *, children: Sequence[Child], mentor: Mentor, on: date, by: Staff, child_view: str = ""
) -> list[Pairing]:
    """
    Give several children the same 代理家长 from `on`: all of them or none.

    Raises ValidationError as `assign` does, with the names of the children where it is about them.
    """
    made, refused = [], []
    for child in children:
        try:
            made.append(assign(child=child, mentor=mentor, on=on, by=by, child_view=child_view))
        except ValidationError as refusal:
            if hasattr(refusal, "error_dict") and "mentor" in refusal.error_dict:
                raise
            refused += [f"{child.name}：{text}" for text in refusal.messages]
    if refused:
        raise ValidationError(refused)
    return made


@transaction.atomic
def pair_as_shown(*, chosen: Mapping[Child, Mentor], on: date, by: Staff) -> list[Pairing]:
    """
    Give every child the mentor that a person has seen proposed for it: all of them or none.

    Raises ValidationError as `pair_several` does, and for mentors to whom the rules of the
    suggestion would no longer give the children (others have given them some meanwhile).
    """
    for school in {child.school_id: child.school for child in chosen}.values():
        mine = {child.pk: mentor.pk for child, mentor in chosen.items() if child.school_id == school.pk}
        if full := without_room(mine, school, on):
            raise ValidationError(NO_ROOM.format(mentors="、".join(full)))
    made: list[Pairing] = []
    for mentor in dict.fromkeys(chosen.values()):
        theirs = [child for child, one in chosen.items() if one == mentor]
        made += pair_several(children=theirs, mentor=mentor, on=on, by=by)
    return made
