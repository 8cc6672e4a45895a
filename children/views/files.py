"""Papers of the dossier: the list by kind, upload, open, take out."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import kept_response
from caretrack.fixed import fixed
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FormPage
from children.files import keep_file, opens, remove_file
from children.forms.papers import FileForm, RemovalForm, kinds_for
from children.models import CareArrangement, Child, ChildFile
from children.models.file import FILE_DATA, GROWTH_KINDS, entrustment_kinds
from children.sight import Sight
from children.views.page import AboutChild, child_or_404


def files_of(child: Child, sight: Sight, staff: Any) -> list[ChildFile]:
    """The papers in the dossier that this person may open, newest first."""
    return [row for row in _kept_of(child.pk) if opens(row, sight, staff)]


@fixed
def _kept_of(child: int) -> QuerySet[ChildFile]:
    return ChildFile.objects.kept().filter(child=child).select_related("uploaded_by")


def writable_kinds(sight: Sight) -> list[tuple[str, str]]:
    """The kinds of papers that this person may put into the dossier."""
    if not sight.may(Act.CHILD_EDIT):
        return []
    return kinds_for({kind for kind in ChildFile.Kind if sight.writes(FILE_DATA[kind])})


@allows(Act.CHILD_VIEW)
@require_safe
def file_list(request: HttpRequest, pk: int) -> HttpResponse:
    """All papers by kind, and which of the twelve kinds of the growth file are there (domain §3.1)."""
    child, sight = child_or_404(request, pk)
    found = files_of(child, sight, request.user)
    open_kinds = [kind for kind in ChildFile.Kind if sight.reads(FILE_DATA[kind])]
    if not open_kinds:
        raise PermissionDenied("档案附件不在您的查看范围内。")
    writable = dict(writable_kinds(sight))
    groups = [
        {
            "kind": kind,
            "files": [row for row in found if row.kind == kind],
            "growth": kind in GROWTH_KINDS,
            "may_add": kind.value in writable,
        }
        for kind in open_kinds
    ]
    context = {
        "child": child,
        "groups": [group for group in groups if group["files"] or group["growth"]],
        "number": len(found),
        "may_add": bool(writable),
        "there": sum(1 for group in groups if group["growth"] and group["files"]),
        "growth": sum(1 for group in groups if group["growth"]),
        "crumbs": [
            Crumb("学生", reverse("children:child_list")),
            Crumb(child.name, reverse("children:child_show", args=[pk])),
            Crumb("档案附件"),
        ],
    }
    return render(request, "children/file_list.html", context)


@allows(Act.CHILD_EDIT)
class FileAdd(AboutChild, FormPage):
    """Put a paper into the dossier."""

    form_class = FileForm
    keeps_draft = False

    def prepare(self) -> None:
        self.kinds = writable_kinds(self.sight)
        if not self.kinds:
            raise PermissionDenied("您对这名学生没有上传档案附件的权限。")

    def get_heading(self) -> str:
        return f"给{self.child.name}的档案添加附件"

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = self.request.GET.get("kind", "")
        first = {"on": self.today, "kind": asked if asked in dict(self.kinds) else None}
        return super().get_form_kwargs() | {"today": self.today, "kinds": self.kinds, "initial": first}

    def get_cancel_url(self) -> str:
        return reverse("children:file_list", args=[self.child.pk])

    def save(self, form: Any) -> ChildFile:
        given = form.cleaned_data
        care = None
        if given["kind"] in entrustment_kinds():
            care = CareArrangement.objects.open().filter(child=self.child).first()
        row = keep_file(child=self.child, by=self.request.user, care=care, **given)  # type: ignore[arg-type]
        note(self.request, Event.WRITE, self.child, detail=f"file {row.kind}")
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"“{result.title}”已存入{self.child.name}的档案。"

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()


def _kept(request: HttpRequest, child: Child, file: int) -> ChildFile:
    return get_object_or_404(ChildFile.objects.kept().visible_to(request.user), pk=file, child=child)


@allows(Act.CHILD_VIEW)
@require_safe
def file_open(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """The paper itself: a picture in the page, a PDF as a download; every look is logged."""
    child, _ = child_or_404(request, pk)
    row = _kept(request, child, file)
    response = kept_response(row)
    note(request, Event.EXPORT, child, detail=f"file {row.kind} {row.pk}")
    return response


@allows(Act.CHILD_EDIT)
class FileRemove(AboutChild, ConfirmPage):
    """Take a paper out, with the reason."""

    form_class = RemovalForm
    button = "移除"
    tone = "danger"

    def prepare(self) -> None:
        self.row = _kept(self.request, self.child, self.kwargs["file"])
        if not self.sight.may(Act.CHILD_EDIT) or not self.sight.writes(FILE_DATA[self.row.kind]):
            raise PermissionDenied("您对这份材料没有移除的权限。")

    def get_heading(self) -> str:
        return f"移除“{self.row.title}”"

    def get_question(self) -> str:
        return f"{self.child.name}档案里的“{self.row.title}”（{self.row.get_kind_display()}）将被移除。"

    def get_consequences(self) -> list[str]:
        return ["文件内容会删除，不能恢复。", "修改记录里留下谁在什么时候、为什么移除。"]

    def get_cancel_url(self) -> str:
        return reverse("children:file_list", args=[self.child.pk])

    def save(self, form: Any) -> ChildFile:
        remove_file(row=self.row, reason=form.cleaned_data["reason"], on=self.today)
        note(self.request, Event.WRITE, self.child, detail=f"file {self.row.kind} removed")
        return self.row

    def get_saved_text(self, result: Any) -> str:
        return f"“{result.title}”已从{self.child.name}的档案移除。"

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()
