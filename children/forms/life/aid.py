"""Forms of aid: one grant, or one for many pupils."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from caretrack.schools.models import Term
from caretrack.web.forms import Side
from caretrack.web.suggesting import Suggesting
from children.forms.life.entry import EntryForm
from children.forms.life.grids import DatedGrid
from children.life.words import PROGRAMMES, SOURCES
from children.models import AidGrant, Child

OTHER_TERM = "发放日期在{own}。如果是补发所选学期的，请再按一次保存；不是的，请改选“{of_day}”。"
OF_DAY = "按发放日期"


class TermOfDay:
    """Mixin for a form of grants: the term is that of the day; for another one the form asks once."""

    def offer_terms(self: Any, terms: QuerySet[Term]) -> None:
        """The terms to choose from; none chosen is that of the day."""
        self.fields["term"].queryset = terms.order_by("-starts_on")
        self.fields["term"].empty_label = OF_DAY
        self.fields["term_meant"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.of_day: dict[date, dict[int, Term]] = {}

    def own_term(self: Any, school: int, day: date) -> Term | None:
        """The term of a day at a school; None in the holidays."""
        if day not in self.of_day:
            self.of_day[day] = {term.school_id: term for term in self.fields["term"].queryset.on(day)}
        found: Term | None = self.of_day[day].get(school)
        return found

    def check_term(self: Any, given: dict[str, Any]) -> None:
        """Another term than that of the day is a slip or an arrear: the next press with the same two takes it."""
        day, chosen = given.get("on"), given.get("term")
        own = self.own_term(chosen.school_id, day) if day and chosen else None
        if own in (None, chosen) or given.get("term_meant") == (meant := f"{chosen.pk} {day}"):
            return
        self.data = self.data.copy()
        self.data["term_meant"] = meant
        self.add_error("term", OTHER_TERM.format(own=own, of_day=OF_DAY))


class AidForm(TermOfDay, EntryForm):
    """One grant, in yuan or in goods."""

    class Meta:
        model = AidGrant
        fields = ("programme", "source", "amount", "goods", "on", "term", "batch", "received_by")
        widgets = {"programme": Suggesting(PROGRAMMES), "source": Suggesting(SOURCES)}  # noqa: RUF012

    not_compared = frozenset({"term_meant"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_terms(Term.objects.filter(school=self.child.school_id))
        self.fields["amount"].min_value = 0

    def layout(self) -> list[Any]:
        return [
            Side("programme", "source"),
            Side("amount", "goods"),
            Side("on", "term"),
            Side("batch", "received_by"),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        amount = given.get("amount")
        if amount is not None and amount <= 0:
            self.add_error("amount", "金额要大于0；发的是物资请只填物资。")
        elif amount is None and not given.get("goods") and "amount" not in self.errors:
            self.add_error("amount", "请填写金额或物资。")
        if not {"on", "term"}.isdisjoint(self.changed_data):
            self.check_term(given)
        if given.get("on") and "term" in given and given["term"] is None:
            given["term"] = self.own_term(self.child.school_id, given["on"])
        return given


class AidGrid(TermOfDay, DatedGrid):
    """One grant for many pupils; an amount of a pupil's own goes before the one for all."""

    model = AidGrant
    ticks = "发放"
    shared = ("programme", "source", "each", "goods", "on", "term", "batch")
    columns = ("amount", "received_by")
    programme = forms.CharField(label="资助项目", max_length=40, widget=Suggesting(PROGRAMMES))
    source = forms.CharField(label="资金来源", max_length=60, required=False, widget=Suggesting(SOURCES))
    each = forms.DecimalField(label="每人金额（元）", max_digits=9, decimal_places=2, required=False)
    goods = forms.CharField(label="每人物资", max_length=100, required=False, help_text="如“棉被1床”；只发钱可以不填。")
    on = forms.DateField(label="发放日期")
    term = forms.ModelChoiceField(label="学期", queryset=Term.objects.none(), required=False)
    batch = forms.CharField(label="批次", max_length=30, required=False)

    def __init__(self, *args: Any, terms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_terms(terms)

    @classmethod
    def column_labels(cls) -> list[str]:
        return ["金额不同时填（元）", "签收人"]

    def layout(self) -> list[Any]:
        return [Side("programme", "source"), Side("each", "goods"), Side("on", "term", "batch")]

    def clean_each(self) -> Any:
        amount = self.cleaned_data["each"]
        if amount is not None and amount <= 0:
            raise ValidationError("金额要大于0；发的是物资请只填物资。")
        return amount

    def check_row(self, child: Child, values: dict[str, Any]) -> None:
        super().check_row(child, values)
        amount = values["amount"]
        if amount is not None and amount <= 0:
            self.add_error(f"amount_{child.pk}", "金额要大于0。")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self.check_term(given)
        nothing = not given.get("each") and not given.get("goods") and "each" not in self.errors
        if nothing and any(row.amount is None for row in self.new):
            self.add_error("each", "请填写每人金额或物资；金额各不相同的，请给每名勾选的学生填上金额。")
        return given

    def new_row(self, child: Child, values: dict[str, Any]) -> Any:
        shared = {name: value for name, value in self.shared_values().items() if name != "each"}
        shared["term"] = shared["term"] or self.own_term(child.school_id, shared["on"])
        own = values["amount"]
        amount = own if own is not None else self.cleaned_data.get("each")
        return AidGrant(child=child, **shared, amount=amount, received_by=values["received_by"] or "")
