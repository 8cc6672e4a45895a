"""The list of children, and the box that finds one while typing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet
from django.http import HttpResponse
from django.utils import timezone

from activities.models import CareRecord
from caretrack.access.gates import allows
from caretrack.access.policy import Act, DataClass, Level, Role, roles_for
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web.lists import FilteredListView
from children.forms.filters import ALWAYS_OPEN, SHORT, ChildFilter
from children.left_behind import NOT_LEFT_BEHIND, Definition, LeftBehind, statuses
from children.models import Child
from children.queries import carers_of
from children.search import looks_like_phone, may_be_number
from children.sight import Sight, sights
from children.views.page import level_badge
from mentoring.queries import mentors_of

SHOWN = (
    *("name", "pinyin", "sex", "birth_date", "support_level"),
    *(
        "school_class__entry_year",
        "school_class__number",
        "school_class__graduates_year",
        "school_class__school__stage",
    ),
)
NUMBERS_ABOVE = "身份证号和学籍号请在页面顶部的搜索框里查找（手机上先点底部的“更多”），号码不会留在网址里。"
NO_SUCH_PHONE = "没有登记这个电话，或者是不在您查看范围内的学生家里的。请核对号码，或按姓名查找。"


@dataclass(frozen=True)
class Row:
    """One child as the list shows it; what the person does not get of this child is empty."""

    child: Child
    class_name: str
    age: int | None
    away: str
    counts: bool
    sight: Sight
    last_record: date | None
    carer_words: str
    mentor_name: str

    @property
    def carer(self) -> str:
        """祖母 王桂英, where the person gets family data."""
        return self.carer_words if self.sight.reads(DataClass.CONTACT) else ""

    @property
    def mentor(self) -> str:
        return self.mentor_name if self.sight.reads(DataClass.CONTACT) else ""

    @property
    def level(self) -> str:
        """The badge of the support level; 一般 is said plainly, so that the others stand out."""
        if not self.sight.reads(DataClass.CARE):
            return ""
        return level_badge(self.child.support_level)


def away_words(answer: LeftBehind) -> str:
    """双方, 父 or 母: who works away."""
    if answer.both_away:
        return "双方"
    return "父" if answer.father_away else "母" if answer.mother_away else ""


def rows_of(staff: Any, children: Sequence[Child], definition: str, on: date) -> list[Row]:
    """The rows of a page, in a fixed number of statements."""
    ids = [child.pk for child in children]
    answers, seen = statuses(ids, on), sights(staff, ids)
    carers, mentors = carers_of(ids), mentors_of(ids, on)
    last = dict(_last_records(staff, tuple(ids)) if staff.may(Act.RECORD_LIST) else [])
    return [
        Row(
            child=child,
            class_name=child.class_name(on),
            age=child.age_on(on),
            away=away_words(answers.get(child.pk, NOT_LEFT_BEHIND)),
            counts=answers.get(child.pk, NOT_LEFT_BEHIND).under(definition),
            sight=seen[child.pk],
            last_record=last.get(child.pk),
            carer_words=carers.get(child.pk, ""),
            mentor_name=mentors.get(child.pk, ""),
        )
        for child in children
    ]


@fixed
def _last_records(staff: Staff, ids: tuple[int, ...]) -> QuerySet[CareRecord, Any]:
    seen = CareRecord.objects.visible_to(staff).filter(child__in=ids, reached=True)
    return seen.order_by().values_list("child").annotate(Max("on"))


@allows(Act.CHILD_LIST)
class ChildList(FilteredListView):
    """Everybody whom this person may see, narrowed by search and conditions."""

    template_name = "children/child_list.html"
    rows_template = "children/_child_rows.html"
    filter_class = ChildFilter
    unit = "人"
    no_match_text = "没有找到符合条件的学生。"
    no_match_hint = "可以少写几个字，或清除上面的条件再试。"

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        return Child.objects.visible_to(staff).select_related("school_class__school").only(*SHOWN)

    def get_filter(self) -> ChildFilter:
        self.filter = ChildFilter(self.request.GET, staff=self.request.user)
        if may_be_number(self.request.GET.get("q", "")):
            self.no_match_hint = NO_SUCH_PHONE if looks_like_phone(self.request.GET["q"]) else NUMBERS_ABOVE
        return self.filter

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if may_be_number(self.request.GET.get("q", "")):
            # A phone number is found here too, but the browser is to show and remember the address without it.
            kept = self.request.GET.copy()
            del kept["q"]
            response["HX-Push-Url"] = f"{self.request.path}?{kept.urlencode()}" if kept else self.request.path
        return response

    def get_template_names(self) -> list[str]:
        names = super().get_template_names()
        fragment = names != [self.template_name]
        return ["children/_child_answer.html"] if fragment and "school" in self.filter.fields else names

    def get_heading(self) -> str:
        wanted = self.request.GET.get("away", "")
        if not wanted or not self.filter.is_valid():
            return "学生"
        words = {
            "left": "留守学生",
            "both": "父母双方外出的留守学生",
            "one": "父母一方外出的留守学生",
            "not": "非留守学生",
        }
        return f"{words[wanted]}（{SHORT[self.filter.chosen_definition]}）"

    def head_context(self) -> dict[str, Any]:
        if not hasattr(self, "filter"):
            self.get_filter()
        return super().head_context()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff, today = self.request.user, timezone.localdate()
        definition: Definition = self.filter.chosen_definition
        may_import = staff.may(Act.ROSTER_IMPORT)  # type: ignore[union-attr]
        context |= {
            "filter_form": self.filter,
            "always_open": ALWAYS_OPEN,
            "rows": rows_of(staff, list(context["page"].object_list), definition, today),
            "definition": definition.label,
            "today": today,
            "columns": columns_for(staff),
            "empty_text": self.empty_sentence(staff),
            "empty_hint": "可以导入花名册，也可以逐个新建档案。" if may_import else "",
            "may_add": staff.may(Act.CHILD_EDIT),  # type: ignore[union-attr]
            "may_import": may_import,
            "may_export": staff.may(Act.CHILD_EXPORT),  # type: ignore[union-attr]
        }
        return context if context["rows"] else context | self.leavers_instead()

    def leavers_instead(self) -> dict[str, Any]:
        """Nobody on the roll fits: how many who left do, for those who see leavers, and where they are listed."""
        if "roll" not in self.filter.fields or not self.filter.is_valid() or self.filter.cleaned_data["roll"]:
            return {}
        asked = self.request.GET.copy()
        asked["roll"] = "left"
        asked.pop("page", None)
        left = ChildFilter(asked, staff=self.request.user)
        count = left.narrow(self.get_queryset(self.request.user)).count() if self.is_filtered(self.filter) else 0
        if not count:
            return {}
        return {
            "no_match_text": f"在校学生里没有找到；已离校 {count} 人符合条件。",
            "no_match_url": f"{self.request.path}?{asked.urlencode()}",
            "no_match_action": "查看已离校学生",
        }

    @staticmethod
    def empty_sentence(staff: Any) -> str:
        """Why nobody is listed, for the post that the person holds."""
        roles = staff.roles()
        if Role.REGISTRAR in roles or roles & {Role.PRINCIPAL, Role.CARE_LEAD, Role.COUNSELLOR}:
            return "学校还没有登记学生。"
        if Role.HOMEROOM in roles or Role.TEACHER in roles:
            return "您任教的班级还没有登记学生。"
        return "您目前没有结对的学生。"


def columns_for(staff: Any) -> dict[str, bool]:
    """Which columns the list has for this person, by the policy table."""
    roles = staff.roles()
    return {
        "contact": not roles.isdisjoint(roles_for(DataClass.CONTACT, Level.READ)),
        "level": not roles.isdisjoint(roles_for(DataClass.CARE, Level.READ)),
        "last": staff.may(Act.RECORD_LIST),
    }
