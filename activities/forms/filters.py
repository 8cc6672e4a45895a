"""The filters over records, silences and follow-ups."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from activities.left_open import unseen_by
from activities.models import CareRecord, Kind, RecordRemark
from activities.picking import classes_of
from activities.queries import TALKS, cared_for, occasions, own_children, without_talk
from caretrack.access.policy import Act
from caretrack.periods import Month
from caretrack.web.forms import FilterForm
from caretrack.web.numbers import LARGEST
from children.models import Child, codes
from children.name_search import name_matches


class SeenClasses(forms.ChoiceField):
    """The classes of the children that somebody may see; filled by the filter that holds it."""

    def fill(self, children: "QuerySet[Child]", on: date) -> None:
        self.choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes_of(children, on))]


class RecordFilter(FilterForm):
    """Which records: the month they happened in, kind, class, child, by whom, whether they took place."""

    month = forms.ChoiceField(label="统计期", required=False)
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部类别"), *Kind.choices])
    school_class = SeenClasses(label="班级", required=False)
    author = forms.ChoiceField(label="记录人", required=False, choices=[("", "所有人"), ("me", "我写的")])
    reached = forms.ChoiceField(
        label="结果", required=False, choices=[("", "全部"), ("yes", "已完成"), ("no", "没联系上")]
    )
    review = forms.ChoiceField(
        label="批阅",
        required=False,
        choices=[("", "全部"), ("unread", "我还没批阅"), ("open", "提问待答复")],
    )
    child = forms.IntegerField(required=False, max_value=LARGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, closing_day: int, children: "QuerySet[Child]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.closing_day = closing_day
        if not self.staff.may(Act.RECORD_REVIEW):
            del self.fields["review"]
        months = [Month.of(today, closing_day)]
        while len(months) < 12:
            months.append(months[-1].previous())
        asked = self.data.get("month", "") if self.data else ""
        keys = {m.key for m in months}
        extra = [_month_or_none(asked, closing_day)] if asked and asked not in keys else []
        self.fields["month"].choices = [("", "全部时间"), *((m.key, m.label) for m in [*months, *filter(None, extra)])]
        self.fields["school_class"].fill(children, today)

    def narrow(self, rows: QuerySet[CareRecord]) -> QuerySet[CareRecord]:
        """The records of a group that are left stand as one."""
        return occasions(super().narrow(rows))

    def narrow_valid(self, rows: QuerySet[CareRecord]) -> QuerySet[CareRecord]:
        asked = self.cleaned_data
        if asked["month"]:
            month = Month.parse(asked["month"], self.closing_day)
            rows = rows.between(month.first, month.last)  # type: ignore[attr-defined]
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if asked["child"]:
            rows = rows.filter(child=asked["child"])
        if asked["author"]:
            rows = rows.filter(author=self.staff)
        if asked["reached"]:
            rows = rows.filter(reached=asked["reached"] == "yes")
        if asked.get("review") == "unread":
            mine = RecordRemark.objects.filter(record=OuterRef("pk"), author=self.staff)
            rows = rows.filter(~Exists(mine)).exclude(author=self.staff).exclude(kind=Kind.COUNSELLING)
        elif asked.get("review") == "open":
            rows = rows.filter(pk__in=RecordRemark.objects.unanswered().values("record"))
        return rows


def _month_or_none(text: str, closing_day: int) -> Month | None:
    try:
        return Month.parse(text, closing_day)
    except ValueError:
        return None


#: Other silences than the talk's: name in the address → (label, kinds; none for any).
CONTACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "any": ("任何联系", ()),
    "home_visit": ("家访", (Kind.HOME_VISIT,)),
    "parent_contact": ("教师联系家长", (Kind.PARENT_CONTACT,)),
    "calls": ("亲子通话", (Kind.CALL, Kind.VIDEO)),
}


class SilenceFilter(FilterForm):
    """Whose silence: which children, which class, only those without a talk this month."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = SeenClasses(label="班级", required=False)
    who = forms.ChoiceField(
        label="范围",
        required=False,
        choices=[("", "留守和重点学生"), ("key", "只看重点"), ("all", "全部在校学生")],
    )
    contact = forms.ChoiceField(
        label="看哪种联系",
        required=False,
        choices=[("", "谈心"), *((name, label) for name, (label, _) in CONTACTS.items())],
    )
    missing = forms.BooleanField(label="只看本月还没有的", required=False)
    mine = forms.BooleanField(label="我班上和结对的", required=False)

    def __init__(self, *args: Any, month: Month, today: date, children: "QuerySet[Child]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.month = month
        self.fields["school_class"].fill(children, today)

    def narrow_valid(self, rows: "QuerySet[Child]") -> "QuerySet[Child]":
        asked = self.cleaned_data
        if asked["who"] == "key":
            rows = rows.filter(support_level__in=codes.KEY_LEVELS)
        elif asked["who"] != "all":
            rows = cared_for(rows)
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        if q := asked["q"].strip():
            rows = rows.filter(name_matches(q))
        if asked["mine"]:
            rows = rows.filter(own_children(self.staff))
        if not asked["missing"]:
            return rows
        return without_talk(rows, self.month.first, self.month.last, self.staff, self.kinds)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of contact whose silence is asked for; empty for any."""
        asked = self.data.get("contact", "") if self.data else ""
        return CONTACTS[asked][1] if asked in CONTACTS else TALKS

    @property
    def contact_label(self) -> str:
        """谈心, 家访, 任何联系."""
        asked = self.data.get("contact", "") if self.data else ""
        return CONTACTS[asked][0] if asked in CONTACTS else "谈心"


class FollowUpFilter(FilterForm):
    """Which follow-ups: due by now, all open, or closed; mine or everybody's."""

    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "未办结"), ("due", "已到期"), ("overdue", "已过期"), ("retry", "没联系上的"), ("done", "已办结")],
    )
    owner = forms.ChoiceField(
        label="负责人",
        required=False,
        choices=[("", "所有人"), ("me", "我负责的"), ("given", "我交办的")],
    )
    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    child = forms.IntegerField(required=False, max_value=LARGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if self.staff.may(Act.RECORD_REVIEW):
            self.fields["owner"].choices += [("gone", "已看不到学生的")]

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.cleaned_data
        if asked["owner"] == "gone":
            rows = rows.filter(unseen_by("owner", self.today))
        elif asked["owner"]:
            rows = rows.filter(**{"owner" if asked["owner"] == "me" else "given_by": self.staff})
        if q := asked["q"].strip():
            rows = rows.filter(child__in=Child.objects.visible_to(self.staff).named(q))
        if asked["child"]:
            rows = rows.filter(child=asked["child"])
        if asked["state"] == "done":
            return rows.filter(done_on__isnull=False).order_by("-done_on", "-pk")
        rows = rows.filter(done_on__isnull=True)
        narrowed = {
            "due": Q(due_on__lte=self.today), "overdue": Q(due_on__lt=self.today), "retry": ~Q(retry=""),
        }  # fmt: skip
        return rows.filter(narrowed.get(asked["state"], Q()))
