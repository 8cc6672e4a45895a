"""The filter over the list of children."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from caretrack.access.policy import SCHOOL_ROLES, Act, DataClass, Level, roles_for
from caretrack.access.scopes import children_seen_by
from caretrack.periods import school_year
from caretrack.schools.class_names import class_choices
from caretrack.schools.models import School, Stage
from caretrack.web.forms import FilterForm
from caretrack.web.numbers import number
from children.completeness import incomplete, lacking, lacks
from children.left_behind import Definition
from children.models import Child, codes
from children.queries import (
    classes_by_id,
    classes_of,
    classes_of_school,
    in_hardship,
    left_behind_ids,
    roll_order,
    term_start,
)
from children.search import search
from mentoring.queries import unpaired

SHORT = {
    Definition.SEED: "学校口径",
    Definition.EDU: "学籍口径",
    Definition.MCA: "民政口径",
    Definition.STAT: "教育统计口径",
}
#: The classes of so many schools fit into one list; who sees more chooses the school first.
SCHOOLS_AT_ONCE = 3
ALWAYS_OPEN = ("q", "school", "school_class", "away", "definition")
AWAY = [("", "全部"), ("left", "留守"), ("both", "父母双方外出"), ("one", "父母一方外出"), ("not", "非留守")]


class ChildFilter(FilterForm):
    """Search words and conditions; a condition over data that the person does not get is not offered."""

    q = forms.CharField(
        label="查找",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    school = forms.ChoiceField(label="学校", required=False)
    school_class = forms.ChoiceField(label="班级", required=False)
    grade = forms.ChoiceField(label="年级", required=False)
    away = forms.ChoiceField(label="留守情况", required=False, choices=AWAY)
    definition = forms.ChoiceField(
        label="留守口径", required=False, choices=[(d.value, name) for d, name in SHORT.items()]
    )
    level = forms.ChoiceField(
        label="帮扶级别", required=False, choices=[("", "全部"), *codes.SupportLevel.choices, ("key+", "重点和紧急")]
    )
    boarding = forms.ChoiceField(label="就读方式", required=False, choices=[("", "全部"), *codes.Boarding.choices])
    hardship = forms.ChoiceField(
        label="困难类别",
        required=False,
        choices=[("", "全部"), ("any", "有困难的"), ("none", "没有登记困难"), *codes.Hardship.choices],
    )
    roll = forms.ChoiceField(
        label="在校情况", required=False, choices=[("", "在校"), ("left", "已离校"), ("all", "在校和离校")]
    )
    order = forms.ChoiceField(label="排列", required=False, choices=[("", "按姓名拼音"), ("class", "按班级")])
    unpaired = forms.BooleanField(label="没有代理家长", required=False)
    incomplete = forms.BooleanField(label="档案不完整", required=False)
    missing = forms.ChoiceField(label="档案缺少", required=False)

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        super().__init__(data, staff=staff, **kwargs)
        self.today = timezone.localdate()
        roles = staff.roles()
        self.contact = not roles.isdisjoint(roles_for(DataClass.CONTACT, Level.READ))
        self.care = not roles.isdisjoint(roles_for(DataClass.CARE, Level.READ))
        self.fields["q"].widget.attrs["placeholder"] = (
            "姓名、拼音、电话尾号、监护人、村组" if self.contact else "姓名、拼音、首字母"
        )
        if not self.care:
            del self.fields["level"]
        if not self.contact:
            del self.fields["unpaired"]
        if roles.isdisjoint(roles_for(DataClass.ECONOMY, Level.READ)):
            del self.fields["hardship"]
        if not staff.may(Act.CHILD_EDIT):
            del self.fields["incomplete"], self.fields["missing"]
        else:
            listed = lacks(self.today)  # the day matters to whom they find, not to what they are
            self.fields["missing"].choices = [("", "不限"), *((lack.key, lack.label) for lack in listed)]
        if not roles.intersection(roles_for(DataClass.IDENTITY, Level.READ)) - {"mentor", "teacher", "homeroom"}:
            del self.fields["roll"]  # leavers are seen by those who serve the whole school only
        schools = staff.schools_as(*SCHOOL_ROLES)
        if len(schools) > SCHOOLS_AT_ONCE:
            self._offer_schools(schools)
        else:
            del self.fields["school"]
            self._offer_classes()

    def _offer_classes(self) -> None:
        classes = classes_of(self.staff)
        self.fields["school_class"].choices = [("", "全部"), *class_choices(classes, self.today)]
        self._offer_grades((c.grade_on(self.today), Stage(c.school.stage)) for c in classes)

    def _offer_schools(self, schools: list[School]) -> None:
        """Many schools have too many classes for one list: first the school, then its classes."""
        self.fields["school"].choices = [("", "全部"), *((str(school.pk), school.label) for school in schools)]
        wanted, at = self.data.get("school", ""), self.data.get("school_class", "")
        if (asked := number(at)) and not wanted:  # a link to a class names no school
            wanted = next((str(c.school_id) for c in classes_by_id(self.staff, (asked,))), "")
        chosen = next((school for school in schools if str(school.pk) == wanted), None)
        classes = classes_of_school(self.staff, chosen.pk) if chosen else []
        offered = class_choices(classes, self.today)
        self.fields["school_class"].choices = [("", "全部" if chosen else "请先选学校"), *offered]
        # Another school was chosen: the class of the one before is asked for no more.
        self.data = self.data.copy()
        self.data["school"] = wanted
        self.data["school_class"] = at if at in dict(offered) or not chosen else ""
        self._offer_grades((number, Stage(s.stage)) for s in schools for number in Stage(s.stage).grades)

    def _offer_grades(self, taught: Iterable[tuple[int, Stage]]) -> None:
        grades: dict[str, str] = {}
        for grade, stage in taught:
            if grade in stage.grades:
                small = stage == Stage.KINDERGARTEN
                grades[f"{'k' if small else ''}{grade}"] = stage.grade_name(grade)
        self.fields["grade"].choices = [("", "全部"), *grades.items()]

    @property
    def chosen_definition(self) -> Definition:
        """The definition asked for; the school's own when none or an unknown one was."""
        value = (getattr(self, "cleaned_data", None) or {}).get("definition")
        return Definition(value) if value else Definition.SEED

    @property
    def more_in_use(self) -> bool:
        """Whether a condition behind 更多条件 narrows the list."""
        return any(self.data.get(name) for name in self.fields if name not in ALWAYS_OPEN)

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        given = self.cleaned_data
        rows = search(rows, self.staff, given["q"])
        if given.get("school"):
            rows = rows.filter(school=given["school"])
        if given["school_class"]:
            rows = rows.filter(school_class=given["school_class"])
        if given["grade"]:
            rows = rows.filter(self._of_grade(given["grade"]))
        if given["boarding"]:
            rows = rows.filter(boarding=given["boarding"])
        rows = {"left": rows.filter(school_class__isnull=True), "all": rows}.get(
            given.get("roll", ""), rows.filter(school_class__isnull=False)
        )
        if level := given.get("level"):
            wanted = codes.KEY_LEVELS if level == "key+" else (level,)
            rows = rows.filter(children_seen_by(self.staff, DataClass.CARE, Level.READ), support_level__in=wanted)
        if hardship := given.get("hardship"):
            known = rows.filter(children_seen_by(self.staff, DataClass.ECONOMY, Level.READ))
            rows = in_hardship(known, hardship)
        if given.get("unpaired"):
            known = rows.filter(children_seen_by(self.staff, DataClass.CONTACT, Level.READ))
            rows = unpaired(known, self.today)
        if given.get("incomplete"):
            rows = incomplete(rows, since=term_start(self.staff.home_school(), self.today))
        if key := given.get("missing"):
            rows = lacking(rows, key, since=term_start(self.staff.home_school(), self.today))
        if given["away"]:
            rows = self._by_absence(rows, given["away"])
        return rows.order_by(*roll_order()) if (given["order"] == "class") else rows.order_by("pinyin", "pk")

    def _by_absence(self, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        plain = Child.objects.filter(pk__in=rows.order_by().values("pk"))
        parents = {"both": 2, "one": 1}.get(wanted, 0)
        ids = left_behind_ids(plain, self.chosen_definition, self.today, parents_away=parents)
        return rows.exclude(pk__in=ids) if wanted == "not" else rows.filter(pk__in=ids)

    def _of_grade(self, grade: str) -> Q:
        """The condition on Child that the class is in this grade today; the grade follows from the entry year."""
        kindergarten, number = grade.startswith("k"), int(grade.lstrip("k"))
        found = Q(pk__in=[])
        for stage in Stage:
            if number in stage.grades and (stage == Stage.KINDERGARTEN) == kindergarten:
                entry = school_year(self.today) - number + stage.grades.start
                found |= Q(school_class__school__stage=stage, school_class__entry_year=entry)
        return found
