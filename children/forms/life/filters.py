"""Filters over the lists of health checks, results, aid, awards and boarders."""

from typing import Any

from django import forms
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from caretrack.access.policy import DataClass
from caretrack.schools.class_names import class_choices
from caretrack.schools.models import Term
from caretrack.web.forms import FilterForm
from caretrack.web.numbers import number
from children.life.words import OCCASIONS
from children.models import AidGrant, Award, BoardingTerm, Child, Result, codes
from children.queries import classes_among
from children.search import search

ALL = ("", "全部")
EACH = ("each", "各次考查对照")


def terms_of(staff: Any) -> list[Term]:
    """The terms of the schools whose children `staff` sees, latest first."""
    schools = Child.objects.visible_to(staff).order_by().values("school")
    return list(Term.objects.filter(school__in=schools).select_related("school").order_by("-starts_on", "pk"))


class OfChildFilter(FilterForm):
    """
    Name, class and term; a subclass adds its own conditions in `narrow_more`.

    `data_class` is what the list shows of a child: other classes than those of whom one gets it are not offered.
    """

    q = forms.CharField(
        label="姓名",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "placeholder": "姓名、拼音、首字母"}),
    )
    school_class = forms.ChoiceField(label="班级", required=False)
    term = forms.ChoiceField(label="学期", required=False)
    needs_term = False
    data_class = DataClass.IDENTITY

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        self.today = timezone.localdate()
        self.terms = terms_of(staff)
        current = next((t for t in self.terms if t.starts_on <= self.today), self.terms[0] if self.terms else None)
        if self.needs_term and data is not None and not data.get("term"):
            data = data.copy()
            data["term"] = str(current.pk) if current else ""
        super().__init__(data, staff=staff, **kwargs)
        self.classes = classes_among(Child.objects.visible_to(staff, self.data_class))
        self.fields["school_class"].choices = [ALL, *class_choices(self.classes, self.today)]
        many = len({t.school_id for t in self.terms}) > 1
        named = [(str(t.pk), f"{t.school.label} {t}" if many else str(t)) for t in self.terms]
        self.fields["term"].choices = named if self.needs_term and named else [ALL, *named]

    @property
    def chosen_term(self) -> Term | None:
        """The term asked for, if any."""
        wanted = (getattr(self, "cleaned_data", None) or {}).get("term")
        return next((term for term in self.terms if str(term.pk) == wanted), None)

    def of_children(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the children who are asked for by name and class."""
        given = self.cleaned_data
        if given["q"]:
            rows = rows.filter(child__in=search(Child.objects.all(), self.staff, given["q"]).order_by().values("pk"))
        return rows.filter(child__school_class=given["school_class"]) if given["school_class"] else rows

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = self.of_children(rows)
        if (term := self.chosen_term) is not None:
            rows = rows.filter(child__school=term.school_id).in_term(term)  # type: ignore[attr-defined]
        return self.narrow_more(rows)

    def narrow_more(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that the conditions of one list leave."""
        return rows


class HealthFilter(OfChildFilter):
    data_class = DataClass.HEALTH
    state = forms.ChoiceField(
        label="复查",
        required=False,
        choices=[ALL, ("needs", "需要复查"), ("open", "还没有复查"), ("done", "已经复查")],
    )

    def narrow_more(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = {"needs": rows.filter(needs_follow_up=True), "open": rows.open(),  # type: ignore[attr-defined]
                 "done": rows.filter(followed_up_on__isnull=False)}  # fmt: skip
        return asked.get(self.cleaned_data["state"], rows)


class AidFilter(OfChildFilter):
    data_class = DataClass.ECONOMY
    programme = forms.ChoiceField(label="项目", required=False)

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        super().__init__(data, staff=staff, **kwargs)
        present = AidGrant.objects.visible_to(staff).order_by("programme").values_list("programme", flat=True)
        self.fields["programme"].choices = [ALL, *((name, name) for name in present.distinct())]

    def narrow_more(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.cleaned_data["programme"]
        return rows.filter(programme=wanted) if wanted else rows


class AwardFilter(OfChildFilter):
    scope = forms.ChoiceField(label="级别", required=False, choices=[ALL, *Award.Scope.choices])

    def narrow_more(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.cleaned_data["scope"]
        return rows.filter(scope=wanted) if wanted else rows


class ResultFilter(OfChildFilter):
    """Over children: a line of the list is a pupil with the results of one examination."""

    needs_term = True
    occasion = forms.ChoiceField(label="考查", required=False)

    def __init__(self, data: Any = None, *, staff: Any = None, **kwargs: Any) -> None:
        super().__init__(data, staff=staff, **kwargs)
        present = self.examinations()
        if self.is_bound and not self.data.get("occasion"):
            self.data = self.data.copy()
            self.data["occasion"] = present[0] if present else OCCASIONS[-1]
        self.known = [*present, *(name for name in OCCASIONS if name not in present)]
        self.fields["occasion"].choices = [(name, name) for name in self.known]

    def examinations(self) -> list[str]:
        """The examinations with results: those of the chosen term and class first, of these the latest first."""
        asked = {"term": self.data.get("term"), "child__school_class": self.data.get("school_class")}
        chosen = {name: pk for name, given in asked.items() if (pk := number(given))}
        named = Result.objects.visible_to(self.staff).order_by().values("occasion")
        dated = named.annotate(here=Max("pk", filter=Q(**chosen)), last=Max("pk"))
        return list(dated.order_by(F("here").desc(nulls_last=True), "-last").values_list("occasion", flat=True))

    def narrow_results(self, results: QuerySet[Any]) -> QuerySet[Any]:
        """The results of the examination that is asked for."""
        return results.filter(term=self.chosen_term, occasion=self.cleaned_data["occasion"])

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        given = self.cleaned_data
        mine = self.narrow_results(Result.objects.visible_to(self.staff))
        rows = search(rows, self.staff, given["q"]).filter(pk__in=mine.order_by().values("child"))
        return rows.filter(school_class=given["school_class"]) if given["school_class"] else rows


class ResultListFilter(ResultFilter):
    """One examination, or those of the term side by side."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occasion"].choices += [EACH]  # type: ignore[attr-defined]

    @property
    def is_of_each(self) -> bool:
        """Whether all examinations of the term are asked for."""
        return bool(self.data.get("occasion") == EACH[0])

    def narrow_results(self, results: QuerySet[Any]) -> QuerySet[Any]:
        return results.filter(term=self.chosen_term) if self.is_of_each else super().narrow_results(results)


class ResultExportFilter(ResultListFilter):
    """The same for the workbook, or with `every` all examinations of all terms."""

    every = forms.BooleanField(required=False)

    def narrow_results(self, results: QuerySet[Any]) -> QuerySet[Any]:
        return results if self.cleaned_data["every"] else super().narrow_results(results)


class BoardingFilter(OfChildFilter):
    """Over children: the boarders of a term."""

    needs_term = True
    sex = forms.ChoiceField(label="性别", required=False, choices=[ALL, *codes.Sex.choices[1:3]])
    gap = forms.ChoiceField(
        label="问题",
        required=False,
        choices=[
            ALL,
            ("bed", "没有床位"),
            ("clash", "床位重复"),
            ("keeper", "没有负责教师"),
            ("rating", "没有学期评价"),
        ],
    )

    def narrow_valid(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        given = self.cleaned_data
        rows = search(rows, self.staff, given["q"])
        if given["school_class"]:
            rows = rows.filter(school_class=given["school_class"])
        if given["sex"]:
            rows = rows.filter(sex=given["sex"])
        stays = BoardingTerm.objects.filter(term=self.chosen_term).order_by()
        if given["gap"] == "keeper":
            rows = rows.exclude(pk__in=stays.filter(keeper__isnull=False).values("child"))
        elif given["gap"] == "rating":
            rows = rows.exclude(pk__in=stays.exclude(rating="").values("child"))
        elif given["gap"] == "bed":
            rows = rows.filter(bed_shown="")
        elif given["gap"] == "clash":
            rows = rows.filter(bed_clash=True)
        return rows
