"""Monthly feedback: who was not told, one child's month with the teacher's words, sent, paper."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.family import feedback
from activities.family.feedback import families, parents_away, progress, written
from activities.family.jobs import FEEDBACK
from activities.family.month import LIMIT, facts_of_month, last_contacts, message, teacher_name
from activities.family.papers import feedback_pdf, feedback_title
from activities.forms.family import FeedbackFilter, FeedbackForm, SentForm
from activities.models import FamilyFeedback
from activities.picking import classes_of
from activities.views.family.frame import closing_day, in_roll_order, month_of, picked, tabs
from activities.views.links import dossier_url
from caretrack.access.gates import allows
from caretrack.access.history import Stale, save_if_unchanged
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.jobs.services import enqueue
from caretrack.periods import Month
from caretrack.web import drafts
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.versions import KeepsVersion
from children.models import Child
from children.queries import roll_order

#: So many sheets are laid out while somebody waits: a class.
AT_ONCE = 80


def texts_of(children: list[Child], month: Month, staff: Any) -> dict[int, str]:
    """Child id → the text for the phone."""
    facts, rows = facts_of_month(children, month), written([child.pk for child in children], month)
    return {
        child.pk: message(
            facts[child.pk],
            school=child.school.label,
            name=child.name,
            month=month,
            teacher=teacher_name(staff),
            words=rows[child.pk].words if child.pk in rows else "",
            next_step=rows[child.pk].next_step if child.pk in rows else "",
        )
        for child in children
    }


def filter_of(request: HttpRequest) -> FeedbackFilter:
    """What the address asks of the list of families."""
    staff: Any = request.user
    today = timezone.localdate()
    return FeedbackFilter(
        request.GET,
        staff=staff,
        today=today,
        closing_day=closing_day(staff),
        classes=classes_of(families(staff), today),
    )


@allows(Act.FAMILY)
class FeedbackList(FilteredListView):
    """Families with a parent away: whom nobody told this month stands first."""

    heading = "每月反馈"
    lead = "每月把孩子的学习和生活告诉在外的父母：系统按记录写好，老师加一句话，就能打印或复制成短信。"
    template_name = "activities/family/feedback_list.html"
    rows_template = "activities/family/_feedback_rows.html"
    unit = "人"
    empty_text = "没有父母外出的学生。"
    empty_hint = "在学生档案里登记父亲或母亲外出务工后，会出现在这里。"

    def get_filter(self) -> FeedbackFilter:
        if not hasattr(self, "filter"):
            self.filter = filter_of(self.request)
        return self.filter

    def get_queryset(self, staff: Any) -> Any:
        rows = feedback.with_state(families(staff), self.get_filter().month)
        return in_roll_order(rows).order_by("told", "contacted", *roll_order())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff, asked = self.request.user, self.get_filter()
        children, month, today = list(context["rows"]), asked.month, timezone.localdate()
        ids = [child.pk for child in children]
        texts, away = texts_of(children, month, staff), parents_away(ids)
        rows, spoken = written(ids, month), last_contacts(ids, month)
        return context | {
            "tabs": tabs("feedback_list", staff),
            "month": month,
            "figures": progress(asked.of_class(families(staff)), month),  # type: ignore[arg-type]
            "query": self.request.GET.urlencode(),
            "at_once": AT_ONCE,
            "rows": [
                {
                    "child": child,
                    "class_name": child.class_name(today),
                    "parents": away.get(child.pk, []),
                    "feedback": rows.get(child.pk),
                    "spoken": spoken.get(child.pk),
                    "text": texts[child.pk],
                }
                for child in children
            ],
        }


@allows(Act.FAMILY)
class FeedbackEdit(KeepsVersion):
    """One child's month: the facts beside the teacher's words, the text to copy."""

    form_class = FeedbackForm
    template_name = "activities/family/feedback_edit.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.month = month_of(request, timezone.localdate())
        self.child = get_object_or_404(in_roll_order(families(request.user)), pk=kwargs["pk"])  # type: ignore[arg-type]
        note(request, Event.VIEW, self.child, f"feedback {self.month.key}")
        return super().dispatch(request, *args, **kwargs)

    def find_row(self) -> FamilyFeedback:
        return feedback.of(self.child, self.month)

    def get_heading(self) -> str:
        return f"{self.child.name} {self.month.label}反馈"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("每月反馈", list_url(self.month)), Crumb(self.child.name, dossier_url(self.child))]

    def draft_key(self) -> str:
        return words_key(self.child, self.month)

    def save(self, form: Any) -> FamilyFeedback:
        row: FamilyFeedback = form.instance
        note(self.request, Event.WRITE, self.child, f"feedback {self.month.key}")
        if row.pk is not None:
            save_if_unchanged(row, version=form.cleaned_data["version"])
            return row
        row.version = 1
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise Stale(feedback.of(self.child, self.month)) from None
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}的{self.month.label}反馈已保存，可以打印或复制短信了。"

    def get_cancel_url(self) -> str:
        return list_url(self.month)

    def get_redirect_url(self, result: Any) -> str:
        return edit_url(self.child, self.month)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "child": self.child,
            "month": self.month,
            "class_name": self.child.class_name(timezone.localdate()),
            "facts": facts_of_month([self.child], self.month)[self.child.pk],
            "parents": parents_away([self.child.pk]).get(self.child.pk, []),
            "text": texts_of([self.child], self.month, self.request.user)[self.child.pk],
            "limit": LIMIT,
            "feedback": feedback.of(self.child, self.month),
            "dossier": dossier_url(self.child),
        }


def words_key(child: Child, month: Month) -> str:
    """What the teacher's unsaved words for a month are kept under."""
    return f"feedback:{child.pk}:{month.key}"


def list_url(month: Month) -> str:
    return f"{reverse('activities:feedback_list')}?month={month.key}"


def edit_url(child: Child, month: Month) -> str:
    return f"{reverse('activities:feedback_edit', args=[child.pk])}?month={month.key}"


@allows(Act.FAMILY)
class FeedbackSent(FormPage):
    """Mark the feedback of the ticked families as sent; it becomes a record of contact."""

    form_class = SentForm
    template_name = "activities/family/feedback_sent.html"
    heading = "标记为已反馈"
    crumbs = (("每月反馈", "activities:feedback_list"),)
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.month = month_of(request, timezone.localdate())
        self.children = picked(request, families(request.user))  # type: ignore[arg-type]
        if not self.children:
            messages.info(request, "请先勾选学生。")
            return redirect(list_url(self.month))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate(), "sent_as": "微信"}

    def save(self, form: Any) -> Any:
        staff: Any = self.request.user
        made = feedback.mark_sent(
            children=self.children,
            month=self.month,
            texts=texts_of(self.children, self.month, staff),
            by=staff,
            today=timezone.localdate(),
            **form.cleaned_data,
        )
        for record in made:
            note(self.request, Event.WRITE, record.child_id, f"feedback {self.month.key} sent")
        return made

    def get_saved_text(self, result: Any) -> str:
        left = len(self.children) - len(result)
        return f"已记下向 {len(result)} 名学生的家长反馈。" + (f"另有 {left} 名本月已经反馈过。" if left else "")

    def get_cancel_url(self) -> str:
        return list_url(self.month)

    def get_redirect_url(self, result: Any) -> str:
        return list_url(self.month)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ids = [child.pk for child in self.children]
        rows, away = written(ids, self.month), parents_away(ids)
        texts = texts_of(self.children, self.month, self.request.user)
        today = timezone.localdate()
        begun = drafts.begun(self.request.user, [words_key(child, self.month) for child in self.children])
        return super().get_context_data(**kwargs) | {
            "month": self.month,
            "unsaved": [
                (child.name, edit_url(child, self.month))
                for child in self.children
                if words_key(child, self.month) in begun
            ],
            "rows": [
                (
                    child,
                    child.class_name(today),
                    away.get(child.pk, []),
                    texts[child.pk],
                    child.pk in rows and rows[child.pk].record is not None and rows[child.pk].record.reached,  # type: ignore[union-attr]
                )
                for child in self.children
            ],
        }


@allows(Act.FAMILY)
@require_safe
def feedback_print(request: HttpRequest) -> HttpResponse:
    """The sheets of the ticked families or of a class; ?two=1 puts two on a page."""
    staff: Any = request.user
    today = timezone.localdate()
    month = month_of(request, today)
    children = picked(request, families(staff))
    if not children:
        messages.info(request, "请先勾选学生，或先选一个班级。")
        return redirect(list_url(month))
    if len(children) > AT_ONCE:
        messages.info(request, f"一次打开的联系单不超过 {AT_ONCE} 份，请在名单下面点“打印全部”，由后台排好。")
        return redirect(list_url(month))
    return _sheets(request, children, month, two=request.GET.get("two") == "1")


@allows(Act.FAMILY)
@require_POST
def feedback_print_all(request: HttpRequest) -> HttpResponse:
    """The sheets of the whole list as the filter in the address leaves it; many become background work."""
    staff: Any = request.user
    asked, two = filter_of(request), request.POST.get("two") == "1"
    children = list(in_roll_order(asked.narrow(families(staff))))  # type: ignore[arg-type]
    if not children:
        messages.info(request, "没有需要打印的联系单。")
        return redirect(list_url(asked.month))
    if len(children) <= AT_ONCE:
        return _sheets(request, children, asked.month, two=two)
    params = {
        "month": asked.month.key,
        "closing_day": asked.month.closing_day,
        "children": [child.pk for child in children],
        "two": two,
    }
    job = enqueue(FEEDBACK, staff, params, title=f"打印家校联系单（{len(children)} 份）")
    return redirect("jobs:job_show", job.pk)


def _sheets(request: HttpRequest, children: list[Child], month: Month, *, two: bool) -> HttpResponse:
    """The sheets of a handful, while the person waits."""
    staff: Any = request.user
    for child in children:
        note(request, Event.PRINT, child, f"feedback {month.key}")
    title = feedback_title(month, children[0].name if len(children) == 1 else f"{len(children)}份")
    content = feedback_pdf(children, month, title=title, two=two, by=staff, now=timezone.localtime())
    return pdf_response(content, f"{title}.pdf")
