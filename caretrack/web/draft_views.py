"""Where the browser saves what is being typed, where a draft is thrown away, and what one has begun."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web import drafts
from caretrack.web.lists import FilteredListView
from caretrack.web.models import Draft
from caretrack.web.origin import own_page, same_origin


@login_not_required
@require_POST
def draft_save(request: HttpRequest) -> HttpResponse:
    """
    Keep what a form holds now. Answers with the time, so that the page can say that the text is safe.

    Open to a session that has ended: the signed sheet in the form says whose text it is, and only that person gets it
    back. Without a valid sheet from a page of ours nothing is stored.
    """
    sheet = drafts.sheet_of(request)
    if sheet is None or not same_origin(request):
        return JsonResponse({"error": "暂存失败，请刷新页面。"}, status=400)
    draft = drafts.keep(sheet, drafts.typed_fields(request.POST))
    answer = {"saved": draft is not None, "at": f"{timezone.localtime():%H:%M}"}
    if request.user.pk != sheet.staff_id:
        answer["login"] = f"{reverse('login')}?{urlencode({'next': sheet.page})}"
        return JsonResponse(answer, status=401)
    return JsonResponse(answer)


@allows(Act.ACCOUNT)
@require_POST
def draft_discard(request: HttpRequest) -> HttpResponse:
    """Throw a draft away and open its form empty, or go on with the list that the button stood in."""
    sheet = drafts.sheet_of(request)
    if sheet is None or sheet.staff_id != request.user.pk:
        return HttpResponseBadRequest("页面已过期，请返回后刷新。", content_type="text/plain; charset=utf-8")
    drafts.close(request.user, sheet.key, sheet)
    messages.success(request, "已清空暂存的内容。")
    return redirect(own_page(request.POST.get("next") or sheet.page))


@allows(Act.ACCOUNT)
class DraftList(FilteredListView):
    """Everything that one began to type and has not saved, newest first."""

    heading = "没写完的"
    lead = "写到一半没有保存的内容，只有您自己看得到，暂存 14 天后自动清除。"
    crumbs = (("工作台", "workbench"),)
    rows_template = "web/_draft_rows.html"
    empty_text = "没有写到一半的内容。"

    def get_queryset(self, staff: Any) -> QuerySet[Draft]:
        return Draft.objects.visible_to(staff).open().order_by("-saved_at", "-pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = drafts.with_names(self.request.user, context["rows"])
        return context | {"rows": [(draft, drafts.sheet_of_draft(draft).token()) for draft in rows]}
