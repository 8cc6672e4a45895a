"""Editing the dossier section by section."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404

from caretrack.access.gates import allows
from caretrack.access.history import save_if_unchanged
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from children.forms.numbers import NO_SUCH
from children.forms.sections import section_form
from children.sections import PARTS
from children.views.guarded import GuardedPage


@allows(Act.CHILD_EDIT)
class SectionEdit(GuardedPage):
    """One section's fields, those of them that this person may write."""

    def prepare(self) -> None:
        part = PARTS.get(self.kwargs["section"])
        if part is None:
            raise Http404
        self.part, self.names = part, part.writable(self.sight)
        if not self.names:
            raise PermissionDenied(f"您对这名学生没有修改“{part.title}”的权限。")
        self.row = self.child

    def get_heading(self) -> str:
        return f"修改{self.child.name}的{self.part.title}"

    def draft_key(self) -> str:
        return f"child:{self.child.pk}:{self.part.key}"

    def get_form_class(self) -> Any:
        return section_form(self.part, self.names)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": self.request.user, "today": self.today}

    def save(self, form: Any) -> Any:
        try:
            save_if_unchanged(form.instance, version=self.version or form.instance.version)
        except IntegrityError:
            form.add_error(None, NO_SUCH)
            raise
        note(self.request, Event.WRITE, self.child, detail=self.part.key)
        return form.instance

    def get_saved_text(self, result: Any) -> str:
        return f"{result.name}的{self.part.title}已保存。"

    def get_redirect_url(self, result: Any) -> str:
        return f"{self.dossier_url}#{self.part.key}"
