"""成长目标 of a class in a term: what each pupil resolved, what was looked at, what was reached (domain §8.5, §13 no. 48)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from activities.compliance.access import LEADS
from activities.compliance.rules import Subject
from activities.compliance.sources import rules_of
from activities.models import ChildGoal, ProgrammeItem
from activities.programmes import GOAL
from caretrack.access.history import Stale, save_if_unchanged
from caretrack.access.policy import Role
from caretrack.access.scopes import children_reached_by
from caretrack.schools.models import School, SchoolClass, Staff, Term
from children.models import Child
from children.models.child import ChildQuerySet

State = ChildGoal.State


@dataclass(frozen=True)
class Aim:
    """An item under which pupils set goals, in all its versions; `item` is the newest, for new goals."""

    programme: int
    order: int
    item: int
    name: str


@dataclass(frozen=True)
class GoalLine:
    """One pupil with the newest goal of the term under each aim; None where nothing is set."""

    child: Child
    goals: tuple[ChildGoal | None, ...]

    @property
    def lacks(self) -> int:
        return sum(goal is None for goal in self.goals)


@dataclass(frozen=True)
class GoalFigures:
    """Of some pupils: how many there are, have set a goal; how many goals there are, were looked at, are reached."""

    pupils: int
    with_goal: int
    goals: int
    looked_at: int
    reached: int


def goal_children(staff: Staff) -> ChildQuerySet:
    """The pupils on the roll whose goals `staff` keeps: the own class's, as a lead the school's."""
    reach = children_reached_by(staff, frozenset({Role.HOMEROOM, *LEADS}))
    return Child.objects.visible_to(staff).filter(reach).on_roll()


def aims_of(school: School, term: Term) -> tuple[Aim, ...]:
    """The items of the school's programmes under which goals are set in a term. One statement."""
    found: dict[tuple[int, int], Aim] = {}
    for rule in rules_of(school, term.starts_on, term.ends_on):
        if GOAL in rule.kinds and rule.subject == Subject.CHILD:
            found[rule.column] = Aim(*rule.column, rule.pk, rule.name)
    return tuple(found.values())


def asks_for_goals(schools: Iterable[School]) -> bool:
    """Whether one of the schools has taken on a programme under which pupils set goals, in any term. One statement."""
    items = ProgrammeItem.objects.filter(programme__school__in=schools, subject=Subject.CHILD)
    return any(GOAL in kinds for kinds in items.values_list("evidence", flat=True))


def goals_in(term: Term) -> "QuerySet[ChildGoal]":
    """The goals that were set in a term at its school."""
    within = (term.starts_on, term.ends_on)
    return ChildGoal.objects.filter(set_on__range=within, item__programme__school=term.school_id)


def lines_of(children: Sequence[Child], aims: Sequence[Aim], term: Term) -> list[GoalLine]:
    """A line for each pupil in the order given; one statement."""
    newest: dict[tuple[int, int, int], ChildGoal] = {}
    rows = goals_in(term).filter(child__in=children).select_related("item", "change")
    for goal in rows.order_by("set_on", "pk"):
        newest[goal.child_id, goal.item.programme_id, goal.item.order] = goal
    return [
        GoalLine(child, tuple(newest.get((child.pk, aim.programme, aim.order)) for aim in aims)) for child in children
    ]


def figures_of(children: ChildQuerySet, term: Term) -> GoalFigures:
    """The figures above a list, of each pupil's newest goal under an aim; two statements."""
    rows = goals_in(term).filter(child__in=children.order_by().values("pk")).order_by("set_on", "pk")
    told = {
        (child, programme, order): (looked is not None or reached is not None, reached is not None)
        for child, programme, order, looked, reached in rows.values_list(
            "child", "item__programme", "item__order", "looked_on", "reached_on"
        )
    }
    return GoalFigures(
        pupils=children.count(),
        with_goal=len({child for child, _, _ in told}),
        goals=len(told),
        looked_at=sum(looked for looked, _ in told.values()),
        reached=sum(reached for _, reached in told.values()),
    )


def without_goal(children: ChildQuerySet, term: Term) -> ChildQuerySet:
    """Those of `children` who have set no goal in the term."""
    return children.filter(~Exists(goals_in(term).filter(child=OuterRef("pk"))))


def not_looked_at(children: ChildQuerySet, term: Term) -> ChildQuerySet:
    """Those of `children` with a goal of the term that nobody has looked at yet."""
    same = {name: OuterRef(name) for name in ("child", "item__programme", "item__order")}
    later = Q(set_on__gt=OuterRef("set_on")) | Q(set_on=OuterRef("set_on"), pk__gt=OuterRef("pk"))
    newest = goals_in(term).filter(~Exists(goals_in(term).filter(later, **same)))
    return children.filter(Exists(newest.filter(child=OuterRef("pk"), looked_on__isnull=True, reached_on__isnull=True)))


@dataclass(frozen=True)
class SetResult:
    """What an entry for a class did."""

    new: int
    changed: int
    dropped: int


@transaction.atomic
def set_goals(
    new: Iterable[ChildGoal],
    changed: Iterable[ChildGoal],
    dropped: Sequence[ChildGoal],
    *,
    school_class: SchoolClass,
    term: Term,
    by: Staff,
) -> SetResult:
    """
    Write the goals of a class in a term: new ones, reworded ones, and those struck out. One entry after the other.

    What stands already in the same words, from a second press, is not written again. Raises ValidationError for
    impossible facts, Stale where another wrote meanwhile; then nothing is written.
    """
    SchoolClass.objects.select_for_update().get(pk=school_class.pk)
    added, reworded = _not_standing(list(new), term), list(changed)
    for goal in added:
        goal.set_by = by
        goal.full_clean(exclude=["change"])
    ChildGoal.objects.bulk_create(added)
    still = ChildGoal.objects.select_for_update().in_bulk([goal.pk for goal in (*reworded, *dropped)])
    for goal in (*reworded, *dropped):
        if goal.pk not in still or still[goal.pk].version != goal.version:
            raise Stale(still.get(goal.pk, goal))
    for goal in reworded:
        save_if_unchanged(goal, version=goal.version)
    for goal in dropped:
        goal.delete()
    return SetResult(len(added), len(reworded), len(dropped))


def _not_standing(goals: list[ChildGoal], term: Term) -> list[ChildGoal]:
    """Those of `goals` that are not set yet. Raises Stale where a pupil has another one under the same aim by now."""
    place = {pk: (programme, order) for pk, programme, order in ProgrammeItem.objects.filter(
        pk__in={goal.item_id for goal in goals}).values_list("pk", "programme", "order")}  # fmt: skip
    rows = goals_in(term).filter(child__in=[goal.child_id for goal in goals]).select_related("item")
    standing = {(row.child_id, row.item.programme_id, row.item.order): row for row in rows.order_by("set_on", "pk")}
    found = []
    for goal in goals:
        there = standing.get((goal.child_id, *place[goal.item_id]))
        if there is None:
            found.append(goal)
        elif there.aim != goal.aim:
            raise Stale(there)
    return found


def look(goal: ChildGoal, state: str, result: str, on: date) -> None:
    """
    Put what was seen into `goal` (not saved): reached, still trying, or (SET) not looked at after all.

    Days that were written stay while the outcome stays.
    """
    goal.result = result
    if state == goal.state:
        return
    goal.looked_on = None if state == State.SET else on
    goal.reached_on = on if state == State.REACHED else None


@transaction.atomic
def keep_looks(goals: Sequence[ChildGoal]) -> int:
    """Save goals that were looked at. Raises ValidationError or Stale, then nothing is written. Returns how many."""
    for goal in goals:
        goal.full_clean(exclude=["change"])
        save_if_unchanged(goal, version=goal.version)
    return len(goals)


@dataclass(frozen=True)
class GoalPaper:
    """The goals of a class on paper: (name, (aim, outcome) under each head) a line."""

    school: str
    class_name: str
    term: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    figures: GoalFigures


def goal_paper(term: Term, class_name: str, aims: Sequence[Aim], lines: Sequence[GoalLine], told: GoalFigures) -> GoalPaper:  # fmt: skip
    """The paper of a class; `lines` in the order of the roll."""
    return GoalPaper(
        term.school.name, class_name, str(term), tuple(aim.name for aim in aims),
        tuple((line.child.name, tuple(_on_paper(goal) for goal in line.goals)) for line in lines), told,
    )  # fmt: skip


def _on_paper(goal: ChildGoal | None) -> tuple[str, str]:
    if goal is None:
        return "", ""
    outcome = "" if goal.state == State.SET else goal.state.label
    return goal.aim, "：".join(filter(None, [str(outcome), goal.result]))
