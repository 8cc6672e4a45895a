"""What the frame round every page needs: who is signed in, where, when, and the menu. Asked only if it is drawn."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from caretrack.periods import Month
from caretrack.schools.models import Term
from caretrack.web import navigation, sessions

ON_PHONE = 4  # and "更多": five places are all that thumbs can tell apart at 360 px


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
    def items(self) -> list[navigation.Item]:
        """The whole menu of this person."""
        return navigation.menu_for(self.staff, self.request.path) if self.staff else []

    @property
    def sections(self) -> list[tuple[str, list[navigation.Item]]]:
        """The menu by groups, for the side; empty groups are left out."""
        groups = [
            (section.value, [item for item in self.items if item.section is section]) for section in navigation.Section
        ]
        return [(name, items) for name, items in groups if items]

    @property
    def on_phone(self) -> list[navigation.Item]:
        """What stands in the bottom bar."""
        return self.items[:ON_PHONE]

    @cached_property
    def more(self) -> list[navigation.Item]:
        """What stands behind 更多."""
        return self.items[ON_PHONE:]

    @cached_property
    def more_active(self) -> bool:
        """Whether the page shown is behind 更多."""
        return any(item.active for item in self.more)

    @cached_property
    def search_url(self) -> str:
        """Where the search box leads; empty for those who may not look at children."""
        try:
            listed, url = reverse("children:child_list"), reverse("children:child_find")
        except NoReverseMatch:
            return ""
        return url if any(item.url == listed for item in self.items) else ""

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
