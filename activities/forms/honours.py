"""Forms of 评优: the round, its honours, a nomination, the verdicts, an objection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms import BoundField

from activities.forms.of_school import OfSchoolForm
from activities.honours.facts import Fact, Facts
from activities.honours.rounds import PUBLIC_DAYS, USUAL, Verdict
from activities.models import AwardKind, AwardNomination, AwardRound
from caretrack.periods import chinese_date
from caretrack.schools.models import School, Term
from caretrack.web.forms import CareForm, FilterForm, PillCheckboxes, PillRadios, SaveHelper, Section, Side
from caretrack.web.numbers import numbers
from caretrack.web.versions import VersionedForm

#: A list that hangs out later than that is a slip of the pen.
LIST_WITHIN = timedelta(days=365)


class RoundForm(OfSchoolForm):
    """One round; usual honours can be taken over at once."""

    button = "保存"
    usual = forms.MultipleChoiceField(
        label="设哪些称号",
        required=False,
        choices=[(one.name, one.name) for one in USUAL],
        widget=PillCheckboxes,
        help_text="名额、条件和公示名称保存以后可以逐个修改，也可以另加称号。",
    )

    class Meta:
        model = AwardRound
        fields = ("school", "term", "title", "nominate_until", "asks", "objections_to")
        widgets = {"asks": forms.Textarea(attrs={"rows": 3})}  # noqa: RUF012

    def __init__(self, *args: Any, schools: Sequence[School], terms: Sequence[Term], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].queryset = Term.objects.filter(pk__in=[t.pk for t in terms])
        self.fields["term"].empty_label = None
        self.ask_school(schools)
        if self.instance.pk:
            del self.fields["usual"], self.fields["term"]
            return
        self.suggest("usual", [one.name for one in USUAL])

    def layout(self) -> list[Any]:
        if self.instance.pk:
            return ["title", "nominate_until", "asks", "objections_to"]
        return [
            *self.school_fields(),
            Side("term", "nominate_until"),
            "title",
            "usual",
            Section("更多", "asks", "objections_to"),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        school, term = given.get("school"), given.get("term")
        if school is None and self.instance.school_id:
            school = self.instance.school
        if school and term and term.school_id != school.pk:
            self.add_error("term", f"请选{school}的学期。")
        return given


class RoundChange(VersionedForm, RoundForm):
    """A round that stands."""


class KindForm(CareForm, forms.ModelForm):
    """One honour."""

    button = "保存"

    class Meta:
        model = AwardKind
        fields = ("name", "shown_name", "audience", "nominators", "places", "per_class", "criteria")
        widgets = {  # noqa: RUF012
            "audience": PillRadios, "nominators": PillRadios, "criteria": forms.Textarea(attrs={"rows": 3}),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = AwardKind.Audience.choices
        self.fields["nominators"].choices = AwardKind.Nominators.choices
        if self.instance.pk and self.instance.nominations.exists():
            self.fields["audience"].disabled = True
            self.fields["audience"].help_text = "已有推荐，评选对象不能再改。"

    def layout(self) -> list[Any]:
        return [Side("name", "shown_name"), Side("audience", "nominators"), Side("places", "per_class"), "criteria"]


class KindChange(VersionedForm, KindForm):
    """An honour that stands."""


class NominationFilter(FilterForm):
    """Which nominations: for which honour, decided how."""

    kind = forms.ChoiceField(label="称号", required=False)
    verdict = forms.ChoiceField(label="评定", required=False, choices=[("", "全部"), *Verdict.choices])

    def __init__(self, *args: Any, kinds: Sequence[AwardKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "全部称号"), *((str(kind.pk), kind.name) for kind in kinds)]

    def narrow_valid(self, rows: Any) -> Any:
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return rows.filter(**asked)


class CandidateFilter(FilterForm):
    """Which pupils: of which class, by name."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))
    school_class = forms.ChoiceField(label="班级", required=False)

    def __init__(self, *args: Any, classes: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", "全部班级"), *((str(pk), name) for pk, name in classes)]

    def narrow_valid(self, rows: Any) -> Any:
        asked = self.cleaned_data
        if asked["school_class"]:
            rows = rows.filter(school_class=asked["school_class"])
        return rows.named(asked["q"].strip()) if asked["q"].strip() else rows


class MentorFilter(FilterForm):
    """Which mentors: by name."""

    q = forms.CharField(label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"}))

    def narrow_valid(self, rows: Any) -> Any:
        words = self.cleaned_data["q"].strip()
        return rows.filter(name__contains=words) if words else rows


class NominationForm(CareForm, forms.Form):
    """Why somebody is put forward."""

    button = "提交推荐"
    reason = forms.CharField(
        label="推荐理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写具体事例；上面列出的记录会一起给评定人看，不用再抄。",
    )


class NominationChange(VersionedForm, forms.ModelForm):
    """Other words for a nomination that nobody has decided yet."""

    button = "保存"

    class Meta:
        model = AwardNomination
        fields = ("reason",)
        widgets = {"reason": forms.Textarea(attrs={"rows": 5})}  # noqa: RUF012


class PublishForm(CareForm, forms.Form):
    """How long the list hangs out."""

    button = "开始公示"
    first = forms.DateField(label="公示开始日期")
    last = forms.DateField(label="公示结束日期", help_text=f"已按{PUBLIC_DAYS}个上学日填好，可以延长，不能缩短。")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest = today + LIST_WITHIN

    def layout(self) -> list[Any]:
        return [Side("first", "last")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in [name for name in ("first", "last") if given.get(name) and given[name] > self.latest]:
            self.add_error(name, f"请填{chinese_date(self.latest)}以前的日期。")
        return given


class HonourForm(CareForm, forms.Form):
    """The day that stands on certificates and among the awards."""

    button = "确认表彰"
    awarded_on = forms.DateField(label="表彰日期", help_text="印在奖状上。")


class ObjectionForm(VersionedForm, forms.ModelForm):
    """What was objected, and once it was looked into, what came of it."""

    button = "保存"
    keeps = forms.ChoiceField(
        label="核实以后",
        required=False,
        widget=PillRadios,
        choices=[("yes", "维持表彰"), ("no", "取消表彰")],
    )

    class Meta:
        model = AwardNomination
        fields = ("objected_on", "objection", "finding")
        widgets = {  # noqa: RUF012
            "objection": forms.Textarea(attrs={"rows": 3}), "finding": forms.Textarea(attrs={"rows": 3}),
        }  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        self.fields["objection"].required = self.fields["objected_on"].required = True
        self.fields["objection"].help_text = "反映了什么；不写反映人的姓名。"
        self.fields["finding"].help_text = "还没有核实就先空着。"

    def layout(self) -> list[Any]:
        return ["objected_on", "objection", Section("核实", "finding", "keeps")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("objected_on") and given["objected_on"] > self.today:
            self.add_error("objected_on", "日期不能在今天以后。")
        if given.get("finding") and not given.get("keeps"):
            self.add_error("keeps", "请选核实以后是维持还是取消。")
        if given.get("keeps") and not given.get("finding"):
            self.add_error("finding", "请写核实结果。")
        return given


CHANGED_MEANWHILE = "{who}刚刚由别人评定过。您选的还在；核对后再按一次保存，就以您选的为准。"


@dataclass(frozen=True)
class VerdictLine:
    """One nomination with its boxes; `own` when it is about the decider, who may not decide it."""

    row: AwardNomination
    class_name: str
    facts: tuple[Fact, ...]
    verdict: BoundField
    opinion: BoundField
    wrong: bool
    own: bool


class VerdictForm(CareForm, forms.Form):
    """
    A page of the nominations for one honour, each with verdict and opinion; only what was changed is written.

    A second button (`REST`) grants all of the page that still wait, besides what was chosen.
    """

    #: Each nomination sends three fields; a form may send 1,000 (Django's DATA_UPLOAD_MAX_NUMBER_FIELDS).
    A_PAGE = 60
    REST = "rest"
    button = "保存评定"
    wide = True

    def __init__(self, *args: Any, rows: Sequence[AwardNomination], by: Any, **kwargs: Any) -> None:
        self.rows, self.by = list(rows), by
        super().__init__(*args, **kwargs)
        self.own = {row.pk for row in self.rows if row.mentor is not None and row.mentor.staff_id == by.pk}
        for row in self.rows:
            shut = row.pk in self.own
            self.fields[f"verdict_{row.pk}"] = forms.ChoiceField(
                label="评定", choices=Verdict.choices, widget=PillRadios, initial=row.verdict, disabled=shut,
            )  # fmt: skip
            self.fields[f"opinion_{row.pk}"] = forms.CharField(
                label="意见", required=False, max_length=200, initial=row.opinion, disabled=shut,
            )  # fmt: skip
            self.fields[f"version_{row.pk}"] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=row.version
            )
        self.dress()
        self.changed: list[AwardNomination] = []
        self.stale: set[int] = set()

    def layout(self) -> list[Any]:
        return []

    @property
    def helper(self) -> SaveHelper:
        """Only what is wrong and the hidden fields: the page draws the lines, the form tag and the button."""
        helper = super().helper
        helper.form_tag = False
        return helper

    @staticmethod
    def sent(data: Mapping[str, Any]) -> list[int]:
        """The nominations that stood on the page which was sent: others may have come in between since."""
        return numbers(name.removeprefix("version_") for name in data if name.startswith("version_"))

    def lines(self, facts: Facts, today: date) -> list[VerdictLine]:
        """The lines in the order of the rows."""
        return [
            VerdictLine(
                row,
                row.child.class_name(today) if row.child else "",
                facts.get(row.pk, ()),
                *(self[f"{name}_{row.pk}"] for name in ("verdict", "opinion")),
                wrong=row.pk in self.stale,
                own=row.pk in self.own,
            )
            for row in self.rows
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for row in self.rows:
            told = {name: given.get(f"{name}_{row.pk}", getattr(row, name)) for name in ("verdict", "opinion")}
            if self.REST in self.data and told["verdict"] == Verdict.PENDING:
                told["verdict"] = Verdict.GRANTED
            if row.pk in self.own or all(getattr(row, name) == value for name, value in told.items()):
                continue
            if given.get(f"version_{row.pk}") != row.version:
                self.stale.add(row.pk)
                self.data = self.data.copy()
                self.data[f"version_{row.pk}"] = str(row.version)
                self.add_error(None, CHANGED_MEANWHILE.format(who=row.name))
                continue
            for name, value in told.items():
                setattr(row, name, value)
            self.changed.append(row)
        return given
