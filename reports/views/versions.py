"""Two people write the same text: the second one is shown both, and nothing is lost."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from caretrack.access.history import Stale
from caretrack.web.components import Difference
from caretrack.web.lists import FormPage


class KeepsVersion(FormPage):
    """A form over a versioned row: who comes second sees both texts and loses neither."""

    labels: dict[str, str] = {}
    conflict: dict[str, Any] | None = None

    def get_row(self) -> Any:
        raise NotImplementedError

    def stored(self, row: Any) -> dict[str, str]:
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        row = self.get_row()
        return {**self.stored(row), "version": row.version}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Stale as stale:
            current: Any = stale.current
            theirs = self.stored(current)
            differing = [
                Difference(label, form.cleaned_data[name], theirs[name], "")
                for name, label in self.labels.items()
                if form.cleaned_data[name].strip() != theirs[name].strip()
            ]
            who = current.change.staff_name
            self.conflict = {"differences": differing, "who": who}
            # The next press saves over what was just shown: the person has seen it.
            form.data = form.data.copy()
            form.data["version"] = current.version
            return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"clash": self.conflict, **kwargs})
