"""What to do with a form that arrives when its session or its security token is gone."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from caretrack.web import drafts
from caretrack.web.drafts import Sheet
from caretrack.web.models import Draft
from caretrack.web.origin import form_page, own_page, same_origin
from caretrack.web.sessions import last_signed_in

KEPT = "登录已超时。您刚才填写的内容已经存好，登录后会自动回到原来的页面并填回。"
NOT_KEPT = "登录已超时，请重新登录后继续。"
FILES_LOST = "选择的照片或文件不能暂存，需要重新选择。"


def sheet_for(request: HttpRequest) -> Sheet | None:
    """
    Whose text a refused POST is, and of which form.

    The form says so itself by its signed sheet. A form without one belongs to the only person who signed in with this
    browser lately; when there were two, nobody can tell, and nothing is kept.
    """
    if sheet := drafts.sheet_of(request):
        return sheet
    last = last_signed_in(request)
    owner = last.only_one if last else None
    if owner is None or (request.user.is_authenticated and request.user.pk != owner):
        return None
    page = form_page(request)
    return Sheet(owner, drafts.page_key(page), page)


def rescue(request: HttpRequest) -> Draft | None:
    """Keep the text of a refused POST for its writer; None when it came from elsewhere or holds nothing to keep."""
    if request.method != "POST" or not same_origin(request):
        return None
    sheet = sheet_for(request)
    return drafts.keep(sheet, drafts.typed_fields(request.POST)) if sheet else None


def to_login(request: HttpRequest, draft: Draft | None) -> HttpResponse:
    """The way to the login page and from there back to the form."""
    page = own_page(draft.resume_url) if draft else form_page(request)
    response = redirect_to_login(page)
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = response["Location"]
        return answer
    return response
