"""One entry about one pupil: add, change, delete."""

from abc import abstractmethod
from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from caretrack.access.history import save_if_unchanged
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage
from children.life.rows import enter
from children.views.guarded import GuardedPage
from children.views.life.kinds import Kind
from children.views.page import AboutChild


class OneEntry(AboutChild):
    """What adding, changing and deleting share: the row, and whether this person may write it."""

    kind: Kind
    row: Any = None

    def prepare(self) -> None:
        staff = self.request.user
        if "row" in self.kwargs:
            rows = self.kind.model.objects.filter(child=self.child).select_related("change")
            self.row = get_object_or_404(rows, pk=self.kwargs["row"])
            allowed = self.kind.may_change(self.sight, self.row, staff)
        else:
            allowed = self.kind.may_write(self.sight)
        if not allowed:
            raise PermissionDenied(f"您对这名学生没有登记{self.kind.title}的权限，请与班主任联系。")

    def get_crumbs(self) -> list[Crumb]:
        return [*super().get_crumbs(), Crumb(self.kind.title, self.kind.url("list"))]

    def get_redirect_url(self, result: Any) -> str:
        return self.back

    def get_cancel_url(self) -> str:
        return self.back

    @property
    def back(self) -> str:
        """The list when one came from there, else the dossier."""
        at_list = self.request.GET.get("from") == "list"
        return self.kind.url("list") if at_list else f"{self.dossier_url}#life-{self.kind.slug}"


class EntryPage(OneEntry, GuardedPage):
    """Add (no row) or change one entry."""

    template_name = "children/life/entry.html"

    def get_heading(self) -> str:
        return f"{'修改' if self.row else '登记'}{self.child.name}的{self.kind.title}"

    def draft_key(self) -> str:
        return f"{self.kind.slug}:{self.child.pk}:{self.row.pk if self.row else 'new'}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"child": self.child, "today": self.today}

    def save(self, form: Any) -> Any:
        row = form.instance
        if self.row is None:
            self.complete(row)
            enter(row)
        else:
            row.full_clean(exclude=["change"])
            save_if_unchanged(row, version=self.version or row.version)
        note(self.request, Event.WRITE, self.child, detail=self.kind.slug)
        return row

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        delete = self.kind.url("delete", self.child.pk, self.row.pk) if self.row else ""
        query = self.request.GET.urlencode()
        return super().get_context_data(**{"delete_url": f"{delete}?{query}" if delete else "", **kwargs})

    def complete(self, row: Any) -> None:
        """What a new row holds besides the fields of the form."""

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}的{self.kind.title}已保存。"


class EntryDelete(OneEntry, ConfirmPage):
    """Delete one entry; the history keeps it."""

    button = "删除"
    tone = "danger"

    def get_heading(self) -> str:
        return f"删除{self.child.name}的{self.kind.title}"

    def get_question(self) -> str:
        return f"删除{self.child.name}的这条{self.kind.title}：{self.told()}？"

    @abstractmethod
    def told(self) -> str:
        """The row in a few words."""

    def get_consequences(self) -> list[str]:
        return ["列表、统计和学生档案里不再有这一条。", "谁在什么时候删除的、原来写的什么，系统仍有记录。"]

    def save(self, form: Any) -> Any:
        self.row.delete()
        note(self.request, Event.WRITE, self.child, detail=f"{self.kind.slug}:delete")
        return self.row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.child.name}的这条{self.kind.title}已删除。"
