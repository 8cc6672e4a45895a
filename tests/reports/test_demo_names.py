"""The texts of the demo call pupils as their teachers would."""

import random
from datetime import date

import pytest

from caretrack.schools.models import School, SchoolClass
from children.models import Child, codes
from reports.demo.families import Pupil
from reports.demo.households import Adult, Household
from reports.demo.people import TOWN
from reports.demo.words import Words


def pupil(name: str, surname: str) -> Pupil:
    father, mother = (
        Adult(relation, "某人", date(1985, 1, 1)) for relation in (codes.Relation.FATHER, codes.Relation.MOTHER)
    )
    home = Household(
        surname, TOWN, "河街", 1, "at_home", father, mother, [], None, codes.CareType.ONE_PARENT, "", "", [], 3, 0
    )
    return Pupil(Child(name=name, sex=codes.Sex.MALE), home, SchoolClass(pk=1, school=School()), 4, date(2026, 9, 1))


@pytest.mark.parametrize(
    "name, surname, called",
    [
        ("谢成林", "谢", "成林"),
        ("谢颖", "谢", "谢颖"),
        ("欧阳宇航", "欧阳", "宇航"),
        ("阿依努尔·买买提", "阿依努尔", "阿依努尔·买买提"),
        ("沙马·拉且", "沙马", "沙马·拉且"),
    ],
)
def test_a_pupil_is_called_by_a_name(name: str, surname: str, called: str) -> None:
    assert pupil(name, surname).called == called


def test_nobody_is_their_own_friend() -> None:
    words = Words(random.Random(8), {1: ["成林", "小兰"]})
    said = {words.fill("带{n}和{f}在宿舍煮面。", pupil("谢成林", "谢")) for _ in range(20)}
    assert said == {"带成林和小兰在宿舍煮面。"}
