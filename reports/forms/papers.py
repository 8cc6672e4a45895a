"""Forms of the print centre: whose papers, with whole or masked numbers, for what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from caretrack.schools.class_names import class_choices as named_choices
from caretrack.schools.models import SchoolClass, Term
from caretrack.web.forms import CareForm, PillCheckboxes, PillRadios, Side
from children.models import Child
from children.timeline import sources
from mentoring.models import Mentor
from reports.builders.history import VARIANTS, Variant

MASKED, WHOLE = "masked", "whole"
ALL = "all"


def class_choices(children: QuerySet[Child]) -> list[tuple[str, str]]:
    """(id, name) of the classes of these children, lowest grade first; the school before it where there are several."""
    today = timezone.localdate()
    found = SchoolClass.objects.filter(pk__in=children.order_by().values("school_class")).select_related("school")
    return named_choices(found.order_by("school_id", "-entry_year", "number"), today)


class WorkbookForm(CareForm, forms.Form):
    """Whose book, of which term; without a term of the running one, so that other pages lead to it in one press."""

    button = "装订"
    owner = forms.ChoiceField(label="谁的手册")
    term = forms.ModelChoiceField(
        Term.objects.none(), label="学期", required=False, empty_label="本学期", help_text="假期并入前面的学期。"
    )

    def __init__(
        self,
        *args: Any,
        books: Mapping[str, SchoolClass | Mentor],
        together: Mapping[str, list[str]],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.books, self.together, self.today = books, together, today
        classes = named_choices([one for one in books.values() if isinstance(one, SchoolClass)], today)
        mentors = [(code, one.name) for code, one in books.items() if isinstance(one, Mentor)]
        several = len({one.school_id for one in books.values()}) > 1
        whole = [(code, self._together(code, several=several)) for code in self.together]
        groups = [
            ("班主任工作手册", [(f"c{pk}", name) for pk, name in classes]),
            ("代理家长工作手册", mentors),
            ("一次全部装订", whole),
        ]
        self.fields["owner"].choices = [(label, listed) for label, listed in groups if listed]
        terms = Term.objects.filter(school__in={one.school_id for one in books.values()}, starts_on__lte=today)
        self.fields["term"].queryset = terms

    def _together(self, code: str, *, several: bool = False) -> str:
        school = f"{self.books[self.together[code][0]].school.label}：" if several else ""
        return f"{school}全部班级，每班一册" if code[-1] == "c" else f"{school}全部代理家长，每人一册"

    def name_of(self, code: str) -> str:
        """四（1）班, the mentor's name, or whose books are bound together."""
        if code in self.together:
            return self._together(code)
        whose = self.books[code]
        return whose.name if isinstance(whose, Mentor) else whose.name_on(self.today)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if owner := data.get("owner"):
            school = self.books[self.together.get(owner, [owner])[0]].school
            data["term"] = data.get("term") or Term.objects.current(school, self.today)
            if data["term"] is None:
                self.add_error("term", "学校还没有设置学期，请系统管理员在“学期”里登记开学和放假日期。")
            elif data["term"].school_id != school.pk:
                self.add_error("term", "这个学期不是该校的，请重新选择。")
        return data


class RegistrationPrintForm(CareForm, forms.Form):
    """Which children's registration forms, and whether ID numbers are printed whole."""

    button = "打印"
    scope = forms.ChoiceField(label="范围")
    numbers = forms.ChoiceField(
        label="身份证号",
        choices=[(MASKED, "遮盖中间各位"), (WHOLE, "完整打印")],
        initial=MASKED,
        widget=PillRadios,
        help_text="留在学校的档案用遮盖的；上报民政、教育部门需要完整号码时才选完整打印。",
    )
    purpose = forms.CharField(
        label="用途", required=False, max_length=100, help_text="完整打印时必填，记入访问日志。如：镇民政办 11 月核查"
    )

    def __init__(self, *args: Any, children: QuerySet[Child], child: Child | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.children = children
        choices = class_choices(children)
        if child is not None:
            choices.insert(0, (f"child-{child.pk}", child.name))
        elif len(choices) > 1:
            choices.append((ALL, "全部班级"))
        self.fields["scope"].choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("numbers") == WHOLE and not data.get("purpose", "").strip():
            self.add_error("purpose", "完整打印身份证号须写明用途。")
        return data

    def chosen(self) -> QuerySet[Child]:
        """The children of the scope."""
        scope = self.cleaned_data["scope"]
        if scope == ALL:
            return self.children
        if scope.startswith("child-"):
            return self.children.filter(pk=int(scope.removeprefix("child-")))
        return self.children.filter(school_class=int(scope))

    @property
    def whole(self) -> bool:
        return self.cleaned_data["numbers"] == WHOLE


class HistoryForm(CareForm, forms.Form):
    """How much of a timeline is printed, of which days and kinds; for outsiders also why."""

    button = "打印"
    variant = forms.ChoiceField(
        label="详略", choices=list(VARIANTS.items()), initial=Variant.SUMMARY, widget=PillRadios
    )
    first = forms.DateField(label="从", required=False, help_text="不填从建档起。")
    last = forms.DateField(label="到")
    kinds = forms.MultipleChoiceField(label="类别", required=False, widget=PillCheckboxes, help_text="不选为全部类别。")
    purpose = forms.CharField(label="用途", required=False, max_length=100, help_text="对外打印时必填，记入访问日志。")

    def __init__(self, *args: Any, outside: bool, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["last"].initial = today
        self.fields["kinds"].choices = [(source.kind, source.label) for source in sources()]
        if not outside:
            self.fields["variant"].choices = [
                (value, label) for value, label in VARIANTS.items() if value != Variant.OUTSIDE
            ]
            del self.fields["purpose"]

    def layout(self) -> list[Any]:
        return ["variant", Side("first", "last"), "kinds", *(["purpose"] if "purpose" in self.fields else [])]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", "结束日期不能早于开始日期。")
        if data.get("variant") == Variant.OUTSIDE and not data.get("purpose", "").strip():
            self.add_error("purpose", "对外打印须写明用途。")
        return data
