"""What a page of the matrix is about: whose children, which span, which programme; told by its address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from activities.compliance.access import Reach, reaches
from activities.compliance.board import Board, board_of
from activities.compliance.matrix import UnitLine, in_order, unit_lines
from activities.compliance.rules import Every, Rule, Subject
from activities.compliance.sources import Pupil, rules_of
from activities.compliance.spans import SpanKind, View, neighbour, view_of
from caretrack.web.components import Tab
from caretrack.web.numbers import number
from children.models import Child


@dataclass(frozen=True)
class Asked:
    """What a page of the matrix is about, from the address."""

    reach: Reach
    all_reaches: tuple[Reach, ...]
    view: View
    programme: int | None
    programmes: tuple[tuple[int, str], ...]
    school_class: int | None
    mentor: int | None
    open_only: bool
    today: date

    def given(self) -> dict[str, Any]:
        """The names and values of the address; None for what it leaves out."""
        return {
            "school": self.reach.school.pk if len(self.all_reaches) > 1 else None,
            "span": self.view.kind.value,
            "key": self.view.key,
            "programme": self.programme or "all",
            "class": self.school_class,
            "mentor": self.mentor,
            "open": "on" if self.open_only else None,
        }

    def url(self, name: str = "activities:duty_matrix", **changed: Any) -> str:
        """The address of a page about the same, with something changed (None takes it away)."""
        query = urlencode({key: value for key, value in (self.given() | changed).items() if value is not None})
        return f"{reverse(name)}?{query}"


def _daily_work(rules: Sequence[Rule]) -> int | None:
    """The newest programme that asks something each week or month, which pages open with; else the newest."""
    often = [rule for rule in rules if rule.about_child and rule.every in (Every.WEEK, Every.MONTH)]
    return next((rule.programme_id for rule in (*often, *rules)), None)


def asked_of(request: HttpRequest) -> Asked | None:
    """What the address asks for; None for somebody who answers for no child. Raises Http404 for a foreign school."""
    today, given = timezone.localdate(), request.GET
    found = reaches(request.user)  # type: ignore[arg-type]
    if not found:
        return None
    wanted = number(given.get("school"))
    reach = next((one for one in found if one.school.pk == wanted), None) if wanted else found[0]
    if reach is None:
        raise Http404
    view = view_of(reach.school, given.get("span", ""), given.get("key", ""), today)
    rules = rules_of(reach.school, view.first, view.last)
    names = {rule.programme_id: rule.programme for rule in rules}
    programme = number(given.get("programme"))
    if programme not in names:
        programme = None if given.get("programme") == "all" else _daily_work(rules)
    return Asked(
        reach=reach, all_reaches=tuple(found), view=view, programme=programme, programmes=tuple(names.items()),
        school_class=number(given.get("class")), mentor=number(given.get("mentor")), open_only="open" in given, today=today,
    )  # fmt: skip


def board_for(asked: Asked, *, whole: bool = False) -> Board:
    """The board of what is asked for: the whole school for its leads, else the person's own children."""
    reach = asked.reach
    children = None if reach.leads else reach.children
    if asked.school_class and not whole:
        stayed = Q(enrollments__school_class=asked.school_class, enrollments__starts_on__lte=asked.view.last)
        stayed &= Q(enrollments__ends_on__isnull=True) | Q(enrollments__ends_on__gte=asked.view.first)
        children = reach.children.filter(pk__in=Child.objects.filter(stayed).values("pk"))
    board = board_of(reach.school, asked.view, asked.today, children=children, programme=asked.programme)
    if reach.mentor_only:
        mine = [rule for rule in board.sources.rules if rule.of_mentor]
        board = Board(reach.school, asked.view, asked.today, children=children, rules=mine)
    return board


def pupils_of(asked: Asked, board: Board) -> tuple[list[Pupil], int]:
    """The children of the page in order, and how many are counted but may not be named (gone to another school)."""
    seen = set(asked.reach.children.values_list("pk", flat=True))
    found = [pupil for pupil in in_order(board, board.pupils) if pupil.pk in seen]
    hidden = len(board.pupils) - len(found)
    return [pupil for pupil in found if _is_asked_for(pupil, asked, board)], hidden


def _is_asked_for(pupil: Pupil, asked: Asked, board: Board) -> bool:
    if asked.school_class and board.class_of(pupil) != asked.school_class:
        return False
    return asked.mentor is None or board.mentor_of(pupil) == asked.mentor


def paired_too_late(asked: Asked, board: Board) -> list[Pupil]:
    """Of `Board.paired_too_late` those whom the page is about and who may be named, in order."""
    others = board.paired_too_late
    seen = set(asked.reach.children.filter(pk__in=[p.pk for p in others]).values_list("pk", flat=True))
    return in_order(board, [p for p in others if p.pk in seen and _is_asked_for(p, asked, board)])


def frame(asked: Asked, tab: str) -> dict[str, Any]:
    """What stands above every page of the matrix."""
    before, after = (neighbour(asked.reach.school, asked.view, asked.today, step) for step in (-1, 1))
    kinds = [Tab(kind.label, asked.url(span=kind.value, key=None), kind == asked.view.kind) for kind in SpanKind]
    tabs = [Tab("按学生", asked.url(), tab == "children")]
    if not asked.reach.mentor_only:
        tabs.append(Tab("按班级", asked.url("activities:duty_groups", by="class", open=None), tab == "class"))
        tabs.append(Tab("按代理家长", asked.url("activities:duty_groups", by="mentor", open=None), tab == "mentor"))
    return {
        "asked": asked,
        "spans": kinds,
        "tabs": tabs,
        "before": asked.url(key=before.key, page=None) if before else "",
        "after": asked.url(key=after.key, page=None) if after and after.first <= asked.today else "",
        "programmes": [
            *({"name": name, "url": asked.url(programme=pk), "active": pk == asked.programme} for pk, name in asked.programmes),
            *([{"name": "全部项目", "url": asked.url(programme="all"), "active": asked.programme is None}] if len(asked.programmes) > 1 else []),
        ],
        "schools": [{"name": one.school.label, "url": asked.url(school=one.school.pk, programme=None, key=None), "active": one is asked.reach} for one in asked.all_reaches] if len(asked.all_reaches) > 1 else [],
        "print_url": asked.url("activities:duty_print"),
        "export_url": asked.url("activities:duty_export"),
        "keep": [(name, value) for name, value in asked.given().items() if name not in ("class", "open") and value is not None],
        "open_url": asked.url(open=None if asked.open_only else "on"),
    }  # fmt: skip


def school_lines(asked: Asked) -> list[UnitLine]:
    """
    What the school itself owes under the programmes asked for, for somebody who does not answer for it.

    Judged from all there is, so on a board of its own.
    """
    if asked.reach.leads:
        return []
    mine = [
        rule
        for rule in rules_of(asked.reach.school, asked.view.first, asked.view.last)
        if rule.subject == Subject.SCHOOL and asked.programme in (None, rule.programme_id)
    ]
    return unit_lines(Board(asked.reach.school, asked.view, asked.today, rules=mine)) if mine else []


def units_of(asked: Asked, board: Board) -> list[UnitLine]:
    """The obligations of the school and of its classes, for those who answer for them."""
    if asked.reach.mentor_only or asked.mentor is not None:
        return []
    if asked.reach.leads and not asked.school_class:
        return unit_lines(board)
    return unit_lines(board, [asked.school_class] if asked.school_class else asked.reach.classes)
