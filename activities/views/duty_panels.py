"""What the workbench says about programmes: whom one still owes what this week and this month, one press to the form."""

from datetime import date
from typing import Any

from activities.compliance.access import own_ids, own_reach, reaches
from activities.compliance.board import Board
from activities.compliance.matrix import class_names, in_order
from activities.compliance.rules import Every, Obligation
from activities.compliance.sources import rules_of
from activities.compliance.spans import view_of
from activities.compliance.words import asked_for
from activities.views.duty_links import Entries
from caretrack.access.policy import Act, Role
from caretrack.web.addresses import address
from caretrack.web.workbench import Figure, Panel

SHOWN, ITEMS = 6, 4
NOW = frozenset({Every.WEEK, Every.MONTH, Every.FESTIVAL, Every.BIRTHDAY})


def duties(staff: Any, today: date) -> Panel | None:
    """Class teacher and mentor: what is still missing for their own children, those with most first."""
    if not staff.may(Act.PROGRAMME_VIEW) or staff.roles().isdisjoint({Role.HOMEROOM, Role.MENTOR}):
        return None
    found = reaches(staff)
    if not found:
        return None
    # A lead who is somebody's mentor answers for these children like any mentor.
    reach = next((one for one in found if not one.leads), None) or own_reach(staff, found[0].school)
    view = view_of(reach.school, "month", "", today)
    asked = [
        rule
        for rule in rules_of(reach.school, view.first, view.last)
        if rule.about_child and rule.every in NOW and (not reach.mentor_only or rule.of_mentor)
    ]
    if not asked:
        return None
    children = [pk for (pk,) in own_ids(staff, reach.school.pk)]
    board = Board(reach.school, view, today, children=children, rules=asked)
    lacking: list[tuple[Any, list[Obligation]]] = []
    for pupil in in_order(board, board.pupils):
        if open_ones := board.still_owed(pupil.pk):
            lacking.append((pupil, open_ones))
    lacking.sort(key=lambda pair: -sum(one.open for one in pair[1]))
    names = class_names(board)
    shown = lacking[:SHOWN]
    entries = Entries(staff, [pupil.pk for pupil, _ in shown], address("workbench"), today)
    rows = [
        {
            "name": pupil.name,
            "class_name": names.get(board.class_of(pupil), ""),
            "url": address("activities:child_duties", pupil.pk),
            "items": [_item(one, pupil.pk, entries) for one in open_ones[:ITEMS]],
            "more": max(len(open_ones) - ITEMS, 0),
        }
        for pupil, open_ones in shown
    ]
    url = address("activities:duty_matrix") + "?open=on"
    times = sum(one.open for _, open_ones in lacking for one in open_ones)
    figure = Figure("本月项目还差", times, url, "次", hint=f"{len(lacking)} 名学生", tone="warn" if times else "good")
    data = {
        "rows": rows,
        "hidden": max(len(lacking) - SHOWN, 0),
        "url": url,
        "last": view.last,
        "too_late": [pupil.name for pupil in in_order(board, board.paired_too_late)],
    }
    return Panel("本周、本月还差", "activities/panels/duties.html", data, url=url, link="全部", figures=(figure,))


def _item(one: Obligation, child: int, entries: Entries) -> dict[str, str]:
    times = f"（差{one.open}次）" if one.open > 1 else ""
    occasion = f"：{one.period.label}" if one.rule.occasions else ""
    week = "本周" if one.rule.every == Every.WEEK and one.period.last >= entries.today else ""
    return {
        "name": f"{week}{one.rule.name}{times}{occasion}",
        "why": f"{one.rule.programme}：{asked_for(one, entries.today)}",
        "url": entries.url(one, child) or f"{address('activities:child_duties', child)}",
        "tone": one.state.value,
    }
