"""Writing down what was done, correcting it, adding to it, closing a follow-up."""

import uuid
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from activities.counselling import COUNSELLING_FOLLOW_UP
from activities.forms.kind_fields import (
    CONTENT_LIMIT,
    DETAIL,
    NOTE,
    NOTE_FIELDS,
    ChildPicker,
    Fold,
    RecordFields,
    fields_of,
)
from activities.forms.private_lines import LinesField, PrivateLines, StatesField
from activities.kinds import Shape, spec_of
from activities.known_facts import Known
from activities.models import CareRecord, CounsellingNote, FollowUp, Kind
from activities.picking import Picker
from caretrack.schools.models import Staff
from caretrack.web.forms import CareForm, ClientKeyForm, PillRadios, Side
from children.models import Child

FOLLOW_UP_TEXT = "再了解一次情况"
#: What stands for no choice where the words were moved from another child.
PASSES_ON = "不是我负责的学生交给班主任或代理家长"
FOLLOW_CHOICES = [("", "不用跟进"), ("7", "一周后"), ("14", "两周后"), ("day", "另选日期")]


class ChildrenField(forms.ModelMultipleChoiceField):
    """
    Children to tick. `fetched` are some that were read for this person already: they are not asked for again.

    `allowed` gives all that may be ticked; working out whom somebody may see is left until others are.
    """

    fetched: Sequence[Child] = ()
    allowed: "Callable[[], QuerySet[Child]]" = Child.objects.none

    def clean(self, value: Any) -> Any:
        chosen = set(value or ())
        if chosen and chosen <= {str(child.pk) for child in self.fetched}:
            return [child for child in self.fetched if str(child.pk) in chosen]
        self.queryset = self.allowed()
        return super().clean(value)


class RecordForm(RecordFields, ClientKeyForm, forms.Form):
    """
    Write down what was done for one child or several; what matters stands open, the rest is folded.

    `fetched` are those of `allowed()` that the page was opened for, `waiting` open follow-ups of the child that this record
    may close, `owners` those who may be given a new one.
    """

    again = forms.BooleanField(required=False, widget=forms.HiddenInput)
    children = ChildrenField(
        label="学生",
        queryset=Child.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选择一名学生。",
            "invalid_choice": "有一名学生现在不在您的名单里，请重新选择。",
        },
    )

    def __init__(
        self,
        *args: Any,
        allowed: "Callable[[], QuerySet[Child]]",
        fetched: Sequence[Child],
        picker: Picker,
        today: date,
        known: Known,
        waiting: "QuerySet[FollowUp] | None",
        owners: "QuerySet[Staff]",
        **kwargs: Any,
    ) -> None:
        self.picker, self.today = picker, today
        super().__init__(*args, **kwargs)
        children: Any = self.fields["children"]
        children.allowed, children.fetched = allowed, fetched
        self.begin_on(today)
        self.offer(known)
        if waiting is not None:
            self.fields["closes"].queryset = waiting  # type: ignore[attr-defined]
        else:
            del self.fields["closes"]
        if "follow_up_owner" in self.fields:
            self.fields["follow_up_owner"].queryset = owners  # type: ignore[attr-defined]
        if "follow_up_on" in self.fields:
            self.fields["follow_up_on"].widget.attrs["min"] = today.isoformat()

    def layout(self) -> list[Any]:
        head: list[Any] = [ChildPicker(self.picker)]
        if "closes" in self.fields:
            head.append("closes")
        first, *rest = self.kind_layout()
        if "lines" in self.fields and self.picker.single is None:
            after = rest.index("state") + 1 if "state" in rest else rest.index("content") + 2
            rest.insert(after, PrivateLines(self.picker))
        tail: list[Any] = []
        if "follow_in" in self.fields:
            asked = ("follow_in", Side("follow_up_on", "follow_up_owner"), "follow_up")
            tail = [Fold("跟进", *asked), Fold("知情范围", "visibility")]
        return [*head, first, *rest, *tail]

    def say_whose(self) -> None:
        """Say to whom the follow-up goes where nobody is chosen; for when a draft has filled the form."""
        if "follow_up_owner" in self.fields and self["follow_up_passes_on"].value():
            self.fields["follow_up_owner"].empty_label = PASSES_ON  # type: ignore[attr-defined]

    def private_lines(self) -> dict[int, str]:
        """Child id → the line for this child only, of those who were chosen."""
        return self._of_the_chosen("lines")

    def own_states(self) -> dict[int, str]:
        """Child id → how this child was, of those chosen who were not as the group."""
        return self._of_the_chosen("states")

    def _of_the_chosen(self, name: str) -> dict[int, str]:
        chosen = {child.pk for child in self.cleaned_data["children"]}
        told: dict[int, str] = self.cleaned_data.get(name) or {}
        return {pk: said for pk, said in told.items() if pk in chosen} if len(chosen) > 1 else {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("follow_in") == "day" and not cleaned.get("follow_up_on") and "follow_up_on" not in self.errors:
            self.add_error("follow_up_on", "请选择跟进日期。")
        return cleaned

    def follow_up(self) -> dict[str, Any]:
        """The promise to come back: {follow_up, follow_up_on} for a Contact, empty without one."""
        told = self.cleaned_data
        if self.spec.kind == Kind.COUNSELLING:
            after = told[NOTE + "next_on"]
            return {"follow_up": COUNSELLING_FOLLOW_UP, "follow_up_on": after} if after else {}
        chosen, text = told.get("follow_in", ""), told.get("follow_up", "").strip()
        day = told.get("follow_up_on")
        if chosen in {"7", "14"}:
            day = self.today + timedelta(days=int(chosen))
        if day is None:
            return {"follow_up": text} if text else {}
        return {
            "follow_up": text or FOLLOW_UP_TEXT,
            "follow_up_on": day,
            "follow_up_owner": told.get("follow_up_owner"),
            "follow_up_passes_on": told["follow_up_passes_on"],
        }


class RecordCorrection(RecordFields, forms.Form):
    """
    Correct a record of one's own while the school's edit window lasts; `version` tells whether it moved on.

    `others` is how many records of the same group talk may change with it.
    """

    button = "保存修改"
    version = forms.IntegerField(widget=forms.HiddenInput)
    whole = forms.BooleanField(label="", required=False, help_text="各人单独写的话、单独选的状态保留。")

    def __init__(self, *args: Any, today: date, known: Known, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if others:
            self.fields["whole"].label = f"同时改这次集体记录的其他 {others} 条"
        else:
            del self.fields["whole"]
        self.begin_on(today)
        self.offer(Known({}, known.numbers, known.adults))

    def layout(self) -> list[Any]:
        tail = [Fold("知情范围", "visibility")] if "visibility" in self.fields else []
        whole = ["whole"] if "whole" in self.fields else []
        return [*self.kind_layout(), *tail, *whole, "version"]


def _follow_up_fields() -> dict[str, forms.Field]:
    return {
        "follow_in": forms.ChoiceField(
            label="什么时候跟进", choices=FOLLOW_CHOICES, initial="", required=False, widget=PillRadios
        ),
        "follow_up_on": forms.DateField(label="跟进日期", required=False, help_text="选“另选日期”时填写。"),
        "follow_up_owner": forms.ModelChoiceField(
            label="谁来跟进",
            queryset=Staff.objects.none(),
            required=False,
            empty_label="我自己",
            help_text="只能交给看得到这名学生的老师；限知情人的记录，对方只看到要做的事，看不到记录。",
            error_messages={"invalid_choice": "这位老师看不到这名学生，请换一位。"},
        ),
        "follow_up_passes_on": forms.BooleanField(required=False, widget=forms.HiddenInput),
        "follow_up": forms.CharField(
            label="跟进什么", max_length=200, required=False, help_text=f"不写就记为“{FOLLOW_UP_TEXT}”。"
        ),
    }


@cache
def record_form(kind: str) -> type[RecordForm]:
    """The form class that writes records of a kind."""
    made = fields_of(spec_of(kind)) | ({} if kind == Kind.COUNSELLING else _follow_up_fields())
    made["closes"] = forms.ModelMultipleChoiceField(
        label="这次一并办结的跟进",
        queryset=FollowUp.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "有一项跟进刚才已经办结，请核对后再保存。"},
    )
    if "content" in made:
        made["lines"] = LinesField(label="各人另记一句", required=False)
        if "state" in made:
            made["lines"].label = "各人的状态，另记一句"
            made["states"] = StatesField(label="各人的状态", required=False)
    return type("RecordForm", (RecordForm,), {**made, "spec": spec_of(kind)})


@cache
def correction_form(kind: str) -> type[RecordCorrection]:
    """The form class that corrects records of a kind."""
    return type("RecordCorrection", (RecordCorrection,), {**fields_of(spec_of(kind)), "spec": spec_of(kind)})


def told_before(record: CareRecord, note: CounsellingNote | None) -> dict[str, Any]:
    """The answers of a saved record, as the fields of RecordCorrection hold them."""
    told = {
        name: getattr(record, name)
        for name in (
            "on", "at", "minutes", "place", "place_note", "way", "with_whom", "topics", "content", "state", "advice",
            "visibility", "version",
        )
    }  # fmt: skip
    told["reached"] = "yes" if record.reached else "no"
    told |= {DETAIL + name: value for name, value in record.detail.items()}
    if note is not None:
        told |= {NOTE + name: getattr(note, name) for name in NOTE_FIELDS}
    return told


def typed_again(
    record: CareRecord, note: CounsellingNote | None, promise: FollowUp | None = None
) -> dict[str, list[str]]:
    """
    What a saved record says, as a form for other children would send it; nothing of this child's own family.

    `promise` is what it promised and nobody has done yet: what and until when; it goes to who answers for the other child.
    """
    asks = spec_of(record.kind).asks
    family = {DETAIL + ask.name for ask in asks if ask.shape is Shape.NUMBER or (ask.fill and ask.fill != "self")}
    family.add("with_whom")
    if record.detail.get("number"):
        family.add(DETAIL + "relation")
    told = {name: value for name, value in told_before(record, note).items() if name not in {"version", *family}}
    if promise is not None:
        told |= {
            "follow_in": "day",
            "follow_up_on": promise.due_on,
            "follow_up": promise.what,
            "follow_up_passes_on": "on",
        }
    return {name: _as_sent(value) for name, value in told.items() if value not in (None, "", [])}


def _as_sent(value: Any) -> list[str]:
    """A kept answer as the browser sends it."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return [f"{value:%H:%M}" if isinstance(value, time) else str(value)]


class AddendumForm(CareForm, forms.Form):
    """Add to a record that may not be rewritten any more."""

    button = "保存补充"
    text = forms.CharField(label="补充内容", max_length=CONTENT_LIMIT, widget=forms.Textarea)
    reason = forms.CharField(label="补充原因", max_length=100, help_text="如：当时漏记、后来核实到的情况")


def refuse_repeat(form: RecordForm) -> ValidationError:
    """The page was saved before and then changed: say so, and let the next press make a second record."""
    form.data = form.data.copy()
    form.data["client_key"] = str(uuid.uuid4())
    return ValidationError(
        "这个页面刚才已经保存过一次。如果您要另记一条，请再按一次保存；如果是要改刚才那条，请到记录里修改。"
    )


def ask_again(form: RecordForm, told: Sequence[CareRecord]) -> ValidationError:
    """The same was recorded that day: ask whether it was meant, and let the next press make another record."""
    form.data = form.data.copy()
    form.data["again"] = "True"
    form.is_on_record = {record.child_id for record in told} == {child.pk for child in form.cleaned_data["children"]}
    names = list(dict.fromkeys(record.child.name for record in told))
    who = "、".join(names[:3]) + (f"等{len(names)}人" if len(names) > 3 else "")
    first = told[0]
    day = "今天" if first.on == form.today else f"{first.on.month}月{first.on.day}日"
    return ValidationError(
        f"{who}{day}已经记过同样内容的{first.get_kind_display()}，仍要再记一条吗？要再记，请再按一次保存；不要重复，离开这一页就行。"
    )
