"""The fields and the layout that a kind of record brings into its form (activities.kinds says which)."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from activities.forms.phrases import PhraseBar
from activities.kinds import Ask, KindSpec, Shape
from activities.known_facts import Known, called_relation
from activities.models import CounsellingNote, Kind, Phrase, Topic
from activities.models.record import ChildState, Place, Visibility, Way
from activities.picking import Picker
from activities.services import Contact
from caretrack.web.forms import CareForm, PillCheckboxes, PillRadios, Section, Side
from caretrack.web.suggesting import Suggesting

DETAIL = "detail_"
NOTE = "note_"
NOTE_FIELDS = ("complaint", "assessment", "process", "advice", "referral", "risk", "next_on")
CONTENT_LIMIT = 4000
TEXT_LIMIT = 1000


class Fold(Section):
    """A folded group that opens when an answer differs from what the form would have offered by itself."""

    def __init__(self, title: str, *fields: Any, note: str = "") -> None:
        super().__init__(title, *fields, note=note, folded=True)

    def render(self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        content = self.get_rendered_fields(form, context, template_pack, **kwargs)
        names = {pointer.name for pointer in self.get_field_names()} & set(form.fields)
        if not names:
            return SafeString("")
        wrong = form.is_bound and bool(names & set(form.errors))
        told = any((form[name].value() or "") != (form.fields[name].initial or "") for name in names)
        given = {
            "title": self.title,
            "note": self.note,
            "folded": True,
            "unfolded": wrong or told,
            "content": content,
        }
        return render_to_string("components/form_section.html", given)


class ChildPicker(LayoutObject):
    """The children of a record: one that the page was opened for, or a list to tick."""

    def __init__(self, picker: Picker) -> None:
        self.picker = picker

    def render(self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        """The list as HTML."""
        form.rendered_fields.add("children")
        chosen = {str(getattr(value, "pk", value)) for value in form["children"].value() or ()}
        given = {"field": form["children"], "picker": self.picker, "chosen": chosen}
        return render_to_string("activities/_child_picker.html", given)


def _answer(ask: Ask) -> forms.Field:
    """The form field of one question of a kind."""
    shared = {"label": ask.label, "help_text": ask.help, "required": False}
    if ask.shape is Shape.PICK:
        return forms.ChoiceField(choices=ask.options, widget=PillRadios, **shared)
    if ask.shape is Shape.TEXT:
        return forms.CharField(max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": "2"}), **shared)
    if ask.shape is Shape.NUMBER:
        return forms.ChoiceField(choices=(), widget=PillRadios, **shared)
    if ask.shape is Shape.DAY:
        return forms.DateField(**shared)
    if ask.shape is Shape.TIME:
        return forms.TimeField(**shared)
    return forms.CharField(max_length=100, **shared)


def _area(label: str, limit: int, rows: int, help_text: str = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": str(rows)})
    return forms.CharField(label=label, max_length=limit, required=False, widget=area, help_text=help_text)


def _pills(label: str, choices: Any, *, initial: str = "", required: bool = False, help_text: str = "") -> forms.Field:
    return forms.ChoiceField(
        label=label, choices=choices, initial=initial, required=required, widget=PillRadios, help_text=help_text
    )


def fields_of(spec: KindSpec) -> dict[str, forms.Field]:
    """The form fields of a kind by name, with what is most likely filled in."""
    made: dict[str, forms.Field] = {"on": forms.DateField(label="日期")}
    if spec.reached:
        yes, no = spec.reached
        made["reached"] = _pills("结果", [("yes", yes), ("no", no)], initial="yes", required=True)
    if spec.with_whom:
        made["with_whom"] = forms.CharField(label=spec.with_whom, max_length=60, required=False)
    if spec.topics:
        made["topics"] = forms.MultipleChoiceField(
            label="话题", choices=Topic.choices, required=False, widget=PillCheckboxes
        )
    if spec.keeps_content:
        made["content"] = _area(spec.content_label, CONTENT_LIMIT, 5, spec.content_help)
    if spec.state:
        made["state"] = _pills("学生状态", ChildState.choices)
    made["place"] = _pills("地点", Place.choices, initial=spec.place)
    made["place_note"] = forms.CharField(label="地点说明", max_length=60, required=False)
    if spec.ways:
        made["way"] = _pills("方式", Way.choices, initial=spec.way, required=True)
    made["at"] = forms.TimeField(label="时间", required=False)
    if spec.minutes:
        made["minutes"] = forms.IntegerField(label="时长（分钟）", min_value=1, max_value=600, required=False)
    made |= {DETAIL + ask.name: _answer(ask) for ask in spec.asks}
    if spec.kind == Kind.COUNSELLING:
        return made | _note_fields()
    made["advice"] = _area("建议和措施", 500, 2)
    made["visibility"] = _pills(
        "知情范围",
        Visibility.choices,
        initial=Visibility.NORMAL,
        required=True,
        help_text="“限知情人”的记录只有您本人、德育主任和校长能看到。",
    )
    return made


def _note_fields() -> dict[str, forms.Field]:
    labels = {name: str(CounsellingNote._meta.get_field(name).verbose_name) for name in NOTE_FIELDS}
    made: dict[str, forms.Field] = {
        NOTE + name: _area(labels[name], CONTENT_LIMIT, 5 if name == "process" else 2)
        for name in ("complaint", "assessment", "process", "advice", "referral")
    }
    made[NOTE + "risk"] = _pills(labels["risk"], CounsellingNote._meta.get_field("risk").choices)
    made[NOTE + "next_on"] = forms.DateField(
        label=labels["next_on"], required=False, help_text="到期会在您的工作台提醒。"
    )
    return made


class RecordFields(CareForm):
    """Layout and reading of one kind's fields, shared by writing and correcting a record."""

    button = "保存"
    spec: KindSpec
    known = Known({})
    phrases: Sequence[Phrase] = ()

    def begin_on(self, today: date) -> None:
        """Offer today as the day it happened, and no later one."""
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def offer(self, known: Known) -> None:
        """
        Fill in what is known already, and the family's numbers to choose from.

        A number that was kept before stays on offer; without any number there is nothing to choose.
        """
        for ask in self.spec.asks:
            field = self.fields[DETAIL + ask.name]
            if ask.fill and DETAIL + ask.name not in self.initial:
                field.initial = known.answers.get(ask.fill)
            if ask.fill == "carer" and len(known.adults) > 1:
                field.widget = Suggesting([name for name, _ in known.adults])
                field.help_text = f"家里有{known.adults_in_words}；写这次见到或告知的人。"
            if ask.shape is not Shape.NUMBER:
                continue
            offered = {number.masked: number.label for number in known.numbers}
            if kept := self.initial.get(DETAIL + ask.name):
                offered.setdefault(kept, kept)
            field.choices = list(offered.items())  # type: ignore[attr-defined]
            if not offered:
                del self.fields[DETAIL + ask.name]
        self.known = known

    def kind_layout(self) -> list[Any]:
        """The open part, then the folded ones."""
        spec = self.spec
        asked = [ask for ask in spec.asks if DETAIL + ask.name in self.fields]
        first = [DETAIL + ask.name for ask in asked if ask.first]
        folded = [DETAIL + ask.name for ask in asked if not ask.first and ask.name != "until"]
        names = ["on", "reached", DETAIL + "number", "with_whom", *first, "topics", "content"]
        names = list(dict.fromkeys(names))
        if spec.kind == Kind.COUNSELLING:
            names += [NOTE + name for name in ("complaint", "process", "risk")]
        open_part: list[Any] = [name for name in [*names, "state"] if name in self.fields]
        if "content" in open_part:
            open_part.insert(open_part.index("content") + 1, PhraseBar("content", spec.kind, self.phrases))
        more: list[Any] = []
        if spec.kind == Kind.COUNSELLING:
            kept = [NOTE + name for name in ("assessment", "advice", "referral", "next_on")]
            more.append(Fold("评估、建议、转介和下次", *kept))
        if folded:
            more.append(Fold(f"{spec.kind.label}的更多项目", *folded))
        if "advice" in self.fields:
            more.append(Fold("建议和措施", "advice"))
        where = [name for name in ("place", "place_note", "way") if name in self.fields]
        short = [name for name in ("at", DETAIL + "until", "minutes") if name in self.fields]
        more.append(Fold(self._where_title(), *where, Side(*short)))
        return [*open_part, *more]

    def _where_title(self) -> str:
        """地点、时间（办公室，当面）: what is assumed is said, so that nobody need open it to know."""
        said = [dict(Place.choices).get(self["place"].value() or "", "")]
        if "way" in self.fields:
            said.append(dict(Way.choices).get(self["way"].value() or "", ""))
        words = "，".join(filter(None, said))
        return f"地点、方式和时间（{words}）" if words else "地点和时间"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.spec.kind == Kind.COUNSELLING and self.took_place:
            if not (cleaned.get(NOTE + "complaint", "").strip() or cleaned.get(NOTE + "process", "").strip()):
                self.add_error(NOTE + "process", "请写几句主诉或辅导过程。")
            day, after = cleaned.get("on"), cleaned.get(NOTE + "next_on")
            if day and after and after < day:
                self.add_error(NOTE + "next_on", "下次辅导不能早于这一次。")
        self._clean_number(cleaned)
        self._clean_relation(cleaned)
        self._clean_span(cleaned)
        return cleaned

    def _clean_number(self, cleaned: dict[str, Any]) -> None:
        """Whoever answers the chosen number was spoken with, unless somebody else is named."""
        number = self.known.number(cleaned.get(DETAIL + "number", ""))
        if number is None:
            return
        cleaned["with_whom"] = cleaned.get("with_whom") or number.name or number.relation
        if not cleaned.get(DETAIL + "relation"):
            cleaned[DETAIL + "relation"] = called_relation(number.code)

    def _clean_relation(self, cleaned: dict[str, Any]) -> None:
        """Whoever of the family is named as met need not be told the relation of."""
        name = DETAIL + "carer_relation"
        relation = dict(self.known.adults).get(cleaned.get(DETAIL + "carer_met", "").strip())
        if relation and name in self.fields and not cleaned.get(name):
            cleaned[name] = relation

    def _clean_span(self, cleaned: dict[str, Any]) -> None:
        """From when to when tells how long; both must be in order."""
        begun, ended = cleaned.get("at"), cleaned.get(DETAIL + "until")
        if not begun or not ended:
            return
        length = (ended.hour - begun.hour) * 60 + ended.minute - begun.minute
        if length <= 0:
            self.add_error(DETAIL + "until", "结束时间要晚于开始时间。")
        elif not cleaned.get("minutes"):
            cleaned["minutes"] = length

    def add_refusal(self, refusal: ValidationError) -> None:
        """Show what is refused of a kind's own answer at its field."""
        if hasattr(refusal, "error_dict"):
            own = {DETAIL + ask.name for ask in self.spec.asks} & set(self.fields)
            named = {DETAIL + name if DETAIL + name in own else name: of for name, of in refusal.error_dict.items()}
            refusal = ValidationError(named)
        super().add_refusal(refusal)

    @property
    def took_place(self) -> bool:
        """Whether it came about; kinds that are not asked always did."""
        return self.cleaned_data.get("reached", "yes") != "no"

    def contact(self, **follow_up: Any) -> Contact:
        """What was filled in, as the services take it."""
        told = self.cleaned_data
        detail = {}
        for ask in self.spec.asks:
            value = told.get(DETAIL + ask.name)
            if value:
                detail[ask.name] = _as_kept(value)
        return Contact(
            kind=self.spec.kind,
            on=told["on"],
            content=told.get("content", ""),
            at=told.get("at"),
            minutes=told.get("minutes"),
            place=told.get("place", ""),
            place_note=told.get("place_note", ""),
            way=told.get("way") or self.spec.way,
            with_whom=told.get("with_whom", ""),
            reached=self.took_place,
            topics=tuple(told.get("topics", ())),
            state=told.get("state", ""),
            advice=told.get("advice", ""),
            visibility=told.get("visibility", Visibility.NORMAL),
            detail=detail,
            **follow_up,
        )

    def counselling(self) -> dict[str, Any] | None:
        """The fields of the counselling note; None for every other kind."""
        if self.spec.kind != Kind.COUNSELLING:
            return None
        return {name: self.cleaned_data[NOTE + name] for name in NOTE_FIELDS}


def _as_kept(value: Any) -> Any:
    """An answer as `detail` holds it."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value
