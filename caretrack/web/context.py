"""What the frame round every page needs: who is signed in, where, when, and the menu. Asked only if it is drawn."""

from functools import cached_property, lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.safestring import SafeString

from caretrack.access.policy import Act
from caretrack.periods import Month
from caretrack.schools.models import Term
from caretrack.web import navigation, sessions
from caretrack.web.addresses import address
from caretrack.web.components import Tab

ON_PHONE = 4  # and "更多": five places are all that thumbs can tell apart at 360 px


@lru_cache(maxsize=200)
def drawn_menu(template: str, items: tuple[navigation.Item, ...]) -> SafeString:
    """A menu as HTML, drawn once for all who have the same entries before them on the same page."""
    groups = [(section.value, [item for item in items if item.section is section]) for section in navigation.Section]
    return render_to_string(template, {"items": items, "groups": [group for group in groups if group[1]]})


class Frame:
    """Each part is worked out when a template first asks for it; a fragment asks for none."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def staff(self) -> Any:
        """Who is signed in, or None."""
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def items(self) -> tuple[navigation.Item, ...]:
        """The whole menu of this person."""
        return tuple(navigation.menu_for(self.staff, self.request.path)) if self.staff else ()

    @cached_property
    def tabs(self) -> list[Tab]:
        """The pages that share an entry of the menu with this one; empty on pages that stand alone."""
        match = self.request.resolver_match
        if self.staff is None or match is None:
            return []
        return [Tab(*tab) for tab in navigation.tabs_for(self.staff, match.view_name)]

    @property
    def side(self) -> SafeString:
        """The menu at the side, by groups; empty groups are left out."""
        return drawn_menu("web/_menu_side.html", self.items)

    @property
    def on_phone(self) -> SafeString:
        """What stands in the bottom bar."""
        return drawn_menu("web/_menu_bottom.html", self.items[:ON_PHONE])

    @property
    def more(self) -> tuple[navigation.Item, ...]:
        """What stands behind 更多."""
        return self.items[ON_PHONE:]

    @property
    def behind_more(self) -> SafeString:
        """The list behind 更多."""
        return drawn_menu("web/_menu_more.html", self.more)

    @property
    def more_active(self) -> bool:
        """Whether the page shown is behind 更多."""
        return any(item.active for item in self.more)

    @cached_property
    def search_url(self) -> str:
        """Where the search box leads; empty for those who may not look at children."""
        try:
            listed, url = address("children:child_list"), address("children:child_find")
        except NoReverseMatch:
            return ""
        return url if any(item.url == listed for item in self.items) else ""

    @cached_property
    def worry_url(self) -> str:
        """Where a worry is reported, about the child whose dossier is open; empty for those who have no school."""
        if self.staff is None or not self.staff.may(Act.WORRY_REPORT):
            return ""
        try:
            url = address("activities:worry_add")
        except NoReverseMatch:
            return ""
        match = self.request.resolver_match
        about = match.kwargs.get("pk") if match is not None and match.view_name == "children:child_show" else None
        return f"{url}?child={about}" if about else url

    @property
    def seconds_left(self) -> int:
        """How long the session lasts if nothing is done."""
        return max(sessions.seconds_left(self.request), 0)

    @cached_property
    def school(self) -> Any:
        """The school of the first appointment; None for an account without one."""
        return self.staff.home_school() if self.staff else None

    @cached_property
    def term(self) -> Term | None:
        """The running term of the school."""
        return Term.objects.current(self.school, timezone.localdate()) if self.school else None

    @cached_property
    def month(self) -> Month | None:
        """The running reporting month; it follows the school's closing day, not the calendar."""
        return Month.of(timezone.localdate(), self.school.closing_day) if self.school else None


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"frame": Frame(request)}
