"""工作手册 of a class or a mentor, bound in the background (domain §13, system 39)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.jobs.models import Job
from caretrack.jobs.services import enqueue
from caretrack.web.lists import FormPage
from reports.access import books_for, books_together
from reports.forms.papers import WorkbookForm
from reports.jobs import WORKBOOK


@allows(Act.WORKBOOK)
class Workbooks(FormPage):
    """Whose book and of which term; other pages post straight to it, without a term for the running one."""

    form_class = WorkbookForm
    heading = "工作手册"
    lead = (
        "把一个学期的谈心、家访等记录装订成册：封面、目录、学生名单、按日期排列的记录卡，统一编页码。"
        "心理辅导、限知情人的记录和书信内容不装订。"
    )
    crumbs = (("打印", "reports:print_centre"),)
    cancel_url = "reports:print_centre"
    saved_text = "正在后台装订，完成后可以下载。"
    keeps_draft = False

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        staff: Any = self.request.user
        books = books_for(staff, today)
        together = books_together(staff, books)
        return super().get_form_kwargs() | {"books": books, "together": together, "today": today}

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"owner": self.request.GET.get("owner", "")}

    def save(self, form: WorkbookForm) -> Job:
        owner, term = form.cleaned_data["owner"], form.cleaned_data["term"]
        title = f"装订工作手册（{form.name_of(owner)}，{term}）"
        return enqueue(WORKBOOK, self.request.user, {"owner": owner, "term": term.pk}, title=title)  # type: ignore[arg-type]

    def get_redirect_url(self, result: Job) -> str:
        return reverse("jobs:job_show", args=[result.pk])
