"""重点对象: who is under care and paired, what the rules suggest, what is due for review."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.alerts.access import decidable, under_care, watched
from activities.alerts.facts import known_of
from activities.alerts.findings import answer, rules_by_school
from activities.alerts.levels import RHYTHM, Suggestion, lowered, review_day, suggest, suggestions
from activities.forms.alerts import AcceptForm, ClassFilter, DeclineForm, LevelFilter, named
from activities.models import AlertAnswer, rules_of
from activities.views.safety import SafetyTabs
from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response, xlsx_response
from caretrack.pdf import PRINT_SHEET, render_pdf
from caretrack.periods import chinese_date
from caretrack.sheets import table_book
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from children.life.papers import imprint
from children.models import Child, SupportDecision, codes
from children.services import decide_support_level


@allows(Act.ALERT_VIEW)
class LevelList(SafetyTabs, FilteredListView):
    """重点对象 with the check that all have an acting parent."""

    heading = "重点对象"
    lead = "帮扶级别由人认定，写明理由和复核日期。重点对象必须100%有代理家长。"
    place = "activities:level_list"
    template_name = "activities/level_list.html"
    rows_template = "activities/_level_rows.html"
    unit = "人"
    empty_text = "还没有认定重点对象。"
    empty_hint = "看“级别建议”，或在学生档案的“帮扶”一栏认定。"

    def get_filter(self) -> LevelFilter:
        today = timezone.localdate()
        return LevelFilter(self.request.GET, staff=self.request.user, children=watched(self.request.user), today=today)

    def get_queryset(self, staff: Any) -> "QuerySet[Child]":
        return under_care(staff, timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, staff = timezone.localdate(), self.request.user
        key = under_care(staff, today).filter(support_level__in=codes.KEY_LEVELS)
        due = under_care(staff, today).filter(review_on__lte=today).exclude(support_level=codes.SupportLevel.GENERAL)
        url = reverse("activities:level_list")
        context["rows"] = [_row(child, today) for child in context["rows"]]
        number, paired, late = key.count(), key.filter(paired=True).count(), due.count()
        context |= {
            "key": number,
            "paired": paired,
            "unpaired": number - paired,
            "rate": f"结对率 {paired * 100 / number:.1f}%（{paired}/{number}）" if number else "",
            "due": late,
            "due_tone": "warn" if late else "good",
            "level_url": url,
            "unpaired_url": f"{url}?show=unpaired",
            "due_url": f"{url}?show=due",
            "query": self.request.GET.urlencode(),
        }
        return context


def _row(child: Any, today: Any) -> dict[str, Any]:
    level = codes.SupportLevel(child.support_level)
    return {
        "child": child,
        "class_name": child.class_name(today),
        "mentor": "、".join(pairing.mentor.name for pairing in child.acting),
        "rhythm": RHYTHM[level],
        "overdue": child.review_on is not None and child.review_on <= today,
    }


def _listed(request: HttpRequest) -> list[dict[str, Any]]:
    today = timezone.localdate()
    form = LevelFilter(request.GET, staff=request.user, children=watched(request.user), today=today)
    return [_row(child, today) for child in form.narrow(under_care(request.user, today))]


@require_safe
@allows(Act.ALERT_VIEW)
def level_export(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, as it is filtered."""
    rows, today = _listed(request), timezone.localdate()
    note_each(request, Event.EXPORT, [row["child"].pk for row in rows], f"levels {len(rows)}")
    columns = ("班级", "姓名", "性别", "帮扶级别", "认定理由", "认定日期", "复核日期", "代理家长", "最低频次")
    lines = [
        (
            row["class_name"], row["child"].name, row["child"].get_sex_display(), row["child"].get_support_level_display(),
            row["child"].decided_why or "", str(row["child"].decided_on or ""), str(row["child"].review_on or ""),
            row["mentor"], row["rhythm"],
        )
        for row in rows
    ]  # fmt: skip
    book = table_book("重点对象名单", columns, lines, notes=[f"截至{chinese_date(today)}"])
    return xlsx_response(book, f"重点对象名单_{today}.xlsx")


@require_safe
@allows(Act.ALERT_VIEW)
def level_print(request: HttpRequest) -> HttpResponse:
    """The list on paper, for the file of the school."""
    rows, today = _listed(request), timezone.localdate()
    if not rows:
        raise Http404
    note_each(request, Event.PRINT, [row["child"].pk for row in rows], f"levels {len(rows)}")
    context = {
        "rows": rows,
        "school": rows[0]["child"].school.name,
        "on": today,
        "paired": sum(row["child"].paired for row in rows),
        "imprint": imprint(request.user, timezone.localtime()),
    }
    sheets = (PRINT_SHEET, "print/safety.css")
    return pdf_response(
        render_pdf("print/levels.html", context, title="重点帮扶对象名单", stylesheets=sheets),
        f"重点对象名单{today}.pdf",
    )


@allows(Act.LEVEL_DECIDE)
class SuggestionList(SafetyTabs, FilteredListView):
    """What the rules suggest and why, in words; taken up or not by a person."""

    heading = "级别建议"
    lead = "规则按档案和记录提出建议，说明理由；复核日期已到、没有规则再支持的，也建议降低。采纳与否由您决定，用自己的话写理由。"
    place = "activities:level_suggestions"
    template_name = "activities/safety_list.html"
    rows_template = "activities/_suggestion_rows.html"
    unit = "条"
    empty_text = "没有新的建议。"
    empty_hint = "情况有变化时，这里会自动出现。"

    def get_filter(self) -> ClassFilter:
        if not hasattr(self, "filter"):
            children, today = decidable(self.request.user), timezone.localdate()
            self.filter = ClassFilter(self.request.GET, staff=self.request.user, children=children, today=today)
        return self.filter

    def get_queryset(self, staff: Any) -> Any:
        return suggestions(self.get_filter().children_asked(decidable(staff)), timezone.localdate())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, found = timezone.localdate(), list(context["rows"])
        children = Child.objects.select_related("school_class__school").in_bulk([s.child_id for s in found])
        limits = rules_by_school({child.school_id for child in children.values()})
        context["rows"] = [
            {
                "suggestion": s,
                "child": children[s.child_id],
                "class_name": children[s.child_id].class_name(today),
                "review_on": review_day(s.level, today, limits[children[s.child_id].school_id]),
            }
            for s in found
        ]
        return context


class SuggestionPage(FormPage):
    """What taking up and refusing share."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        seen = decidable(request.user).select_related("school", "school_class__school")
        self.child = get_object_or_404(seen, pk=kwargs["pk"])
        note(request, Event.VIEW, self.child, "suggestion")
        self.rules = rules_of(self.child.school)
        (known,) = known_of(Child.objects.filter(pk=self.child.pk), self.today)
        found: Suggestion = suggest(known, self.today, self.rules)
        self.suggestion = next(iter(lowered([found], self.today)), found) if found.falls else found
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("级别建议", reverse("activities:level_suggestions"))]

    def get_lead(self) -> str:
        now = self.child.get_support_level_display()
        return (
            f"现在是“{now}”，规则建议“{self.suggestion.label}”：{self.suggestion.words or '没有发现需要提高的情况。'}"
        )

    def draft_key(self) -> str:
        return f"{type(self).__name__}:{self.child.pk}"

    def get_cancel_url(self) -> str:
        return reverse("activities:level_suggestions")

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:level_suggestions")


@allows(Act.LEVEL_DECIDE)
class SuggestionAccept(SuggestionPage):
    form_class = AcceptForm

    def get_heading(self) -> str:
        return f"认定{named(self.child, self.today)}的帮扶级别"

    def get_initial(self) -> dict[str, Any]:
        return {
            "level": self.suggestion.level,
            "reason": self.suggestion.words[:300],
            "review_on": review_day(self.suggestion.level, self.today, self.rules),
        }

    def save(self, form: Any) -> SupportDecision:
        staff: Any = self.request.user
        note(self.request, Event.WRITE, self.child, detail="support level")
        return decide_support_level(
            child=self.child, on=self.today, by=staff, suggested_by=self.suggestion.words[:200], **form.cleaned_data
        )

    def get_saved_text(self, result: SupportDecision) -> str:
        return f"{self.child.name}认定为“{result.get_level_display()}”，{chinese_date(result.review_on)}复核。"


@allows(Act.LEVEL_DECIDE)
class SuggestionDecline(SuggestionPage):
    form_class = DeclineForm

    def get_heading(self) -> str:
        return f"不采纳对{named(self.child, self.today)}的建议"

    def get_initial(self) -> dict[str, Any]:
        return {"until": self.today + min(timedelta(days=self.rules.review_days), self.suggestion.most_quiet)}

    def save(self, form: Any) -> AlertAnswer:
        staff: Any = self.request.user
        note(self.request, Event.WRITE, self.child, detail="suggestion declined")
        return answer(
            child=self.child, rule=self.suggestion.code, told=self.suggestion.words, by=staff, at=timezone.now(),
            most=self.suggestion.most_quiet, state=AlertAnswer.State.DISMISSED, **form.cleaned_data,
        )  # fmt: skip

    def get_saved_text(self, result: AlertAnswer) -> str:
        return f"已记下不采纳的理由，{chinese_date(result.until)}以前不再建议。"
