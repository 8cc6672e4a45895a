"""What every page about one child begins with: fetch it through sight, ask what may be seen of it, note the look."""

from functools import lru_cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass, Level, roles_for
from caretrack.fixed import fixed
from caretrack.schools.models import Staff
from caretrack.web import components
from caretrack.web.components import Crumb
from children.models import Child, codes
from children.sight import Sight, sight_of

STATES = {"general": "level_general", "watch": "level_watch", "key": "level_key", "emergency": "level_urgent"}


@lru_cache
def level_badge(level: str) -> SafeString:
    """The mark of a support level in a list, drawn once: a page has one for every row."""
    if level == codes.SupportLevel.GENERAL:
        return format_html('<span class="care-quiet">{}</span>', codes.SupportLevel(level).label)
    return components.state(STATES[level])


def child_or_404(request: HttpRequest, pk: int) -> tuple[Child, Sight]:
    """The child if this person sees it, with what they get of it; the look is noted. Raises Http404 otherwise."""
    child = next(iter(_seen(request.user, pk)), None)  # type: ignore[arg-type]
    if child is None:
        raise Http404
    note(request, Event.VIEW, child)
    return child, sight_of(request.user, child)  # type: ignore[arg-type]


def demand(sight: Sight, data: DataClass, level: Level = Level.WRITE, act: Act = Act.CHILD_EDIT) -> None:
    """Raises PermissionDenied with the reason if the posts that reach the child do not give `level` of `data`."""
    if sight.level(data) < level or not sight.may(act):
        names = "、".join(sorted(role.label for role in roles_for(data, level)))
        doing = "修改" if level == Level.WRITE else "查看"
        raise PermissionDenied(f"“{data.value}”只能由这名学生的{names}{doing}；您对这名学生没有这项权限。")


@fixed
def _seen(staff: Staff, child: int) -> QuerySet[Child]:
    children = Child.objects.visible_to(staff).select_related("school", "school_class__school", "change")
    return children.filter(pk=child)


class AboutChild:
    """
    Mixin for a page about one child, before FormPage or TemplateView.

    Fetches in dispatch, after the gate: `self.child`, `self.sight`, `self.today`. A page that changes something states
    `data`, the class of data that it writes.
    """

    request: HttpRequest
    kwargs: dict[str, Any]
    data: DataClass | None = None
    child: Child
    sight: Sight

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.today = timezone.localdate()
        self.child, self.sight = child_or_404(request, kwargs["pk"])
        if self.data is not None:
            demand(self.sight, self.data)
        self.prepare()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def prepare(self) -> None:
        """Fetch what else the page is about; raise Http404 or PermissionDenied."""

    @property
    def dossier_url(self) -> str:
        return reverse("children:child_show", args=[self.child.pk])

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("学生", reverse("children:child_list")), Crumb(self.child.name, self.dossier_url)]

    def get_cancel_url(self) -> str:
        return self.dossier_url

    def get_redirect_url(self, result: Any) -> str:
        return self.dossier_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"child": self.child, "sight": self.sight, **kwargs})  # type: ignore[misc]
