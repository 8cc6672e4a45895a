"""
What the records of a term say about candidates: evidence beside the nominator's words, never an order of merit.

Every function takes all candidates of a page at once and costs a constant number of statements.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Count, QuerySet

from activities.compliance.board import Board
from activities.compliance.rules import Figures
from activities.compliance.sources import rules_of
from activities.compliance.spans import view_of_term
from activities.compliance.words import percent
from activities.models import ActivityParticipant, AwardNomination, CareRecord, ChildGoal, GroupMember, Kind
from caretrack.periods import chinese_date
from caretrack.schools.models import Staff, Term
from children.life.results import UP, term_before, with_move
from children.models import Award, Child, Result
from mentoring.models import Mentor, Pairing

#: Of these a list of merits says nothing.
UNTOLD = (Kind.COUNSELLING, Kind.ILLNESS)


@dataclass(frozen=True)
class Fact:
    """One line of evidence: 兴趣小组 → 篮球组、朗诵组."""

    label: str
    text: str


Facts = dict[int, tuple[Fact, ...]]
Told = TypeVar("Told")


def child_facts(children: Collection[int], term: Term, staff: Staff, today: date) -> Facts:
    """Child id → what `staff` may read of the pupil's term: records, activities, groups, results, goals, awards."""
    ids = list(children)
    first, last = term.starts_on, min(term.ends_on, today)
    told: dict[int, list[Fact]] = {pk: [] for pk in ids}

    records = CareRecord.objects.visible_to(staff).reached().filter(child__in=ids).between(first, last)
    _tell(told, "关爱记录", _by_kind(records, "child"))

    came = ActivityParticipant.objects.present().filter(child__in=ids, activity__on__range=(first, last))
    times: dict[int, int] = defaultdict(int)
    prizes: dict[int, list[str]] = defaultdict(list)
    for child, name, prize in came.order_by("activity__on").values_list("child", "activity__name", "prize"):
        times[child] += 1
        if prize:
            prizes[child].append(f"{name}{prize}")
    _tell(told, "参加活动", {pk: f"{number} 次" for pk, number in times.items()})
    _tell(told, "活动获奖", prizes, "；".join)

    groups: dict[int, list[str]] = defaultdict(list)
    for child, name in GroupMember.objects.on(last).filter(child__in=ids).values_list("child", "group__name"):
        groups[child].append(name)
    _tell(told, "兴趣小组", groups, "、".join)

    _tell(told, "学习成绩", _progress(Result.objects.visible_to(staff).filter(child__in=ids, term=term), term))

    goals: dict[int, list[bool]] = defaultdict(list)
    aims = ChildGoal.objects.visible_to(staff).filter(child__in=ids, set_on__range=(first, last))
    for child, reached in aims.values_list("child", "reached_on"):
        goals[child].append(reached is not None)
    _tell(told, "成长目标", goals, lambda kept: f"定了 {len(kept)} 个，达成 {sum(kept)} 个")

    awards: dict[int, list[str]] = defaultdict(list)
    earlier = Award.objects.visible_to(staff).filter(child__in=ids).order_by("-on", "pk")
    for child, title, on in earlier.values_list("child", "title", "on"):
        awards[child].append(f"{title}（{on:%Y-%m}）")
    _tell(told, "得过的奖励", awards, lambda titles: "、".join(titles[:4]) + ("等" if len(titles) > 4 else ""))
    return {pk: tuple(facts) for pk, facts in told.items()}


def mentor_facts(mentors: Sequence[Mentor], term: Term, staff: Staff, today: date) -> Facts:
    """Mentor id → mentees, records of the term, what of the programmes was done, the yearly check, earlier honours."""
    told: dict[int, list[Fact]] = {mentor.pk: [] for mentor in mentors}
    if not mentors:
        return {}
    last = min(term.ends_on, today)
    seen = Child.objects.visible_to(staff).filter(school=term.school_id)
    pairings = Pairing.objects.on(last).acting_parents().filter(mentor__in=told)
    mentees = pairings.order_by().values("mentor").annotate(number=Count("child")).values_list("mentor", "number")
    _tell(told, "结对学生", {pk: f"{number} 人" for pk, number in mentees})

    of_staff = {mentor.staff_id: mentor.pk for mentor in mentors if mentor.staff_id}
    records = CareRecord.objects.visible_to(staff).reached().filter(author__in=of_staff)
    written = _by_kind(records.between(term.starts_on, last), "author")
    _tell(told, "关爱记录", {of_staff[pk]: text for pk, text in written.items()})

    view = view_of_term(term)
    rules = [rule for rule in rules_of(term.school, view.first, last) if rule.of_mentor]
    if rules:
        paired = seen.filter(pk__in=pairings.order_by().values("child"))
        board = Board(term.school, view, today, children=paired, rules=rules)
        members: dict[int, list[int]] = defaultdict(list)
        for pupil in board.pupils:
            members[board.mentor_of(pupil)].append(pupil.pk)
        sums = {pk: sum(parts.values(), Figures()) for pk, parts in board.totals(members).items() if pk in told}
        _tell(told, "关爱项目", {pk: f"应做 {one.due} 次，做到 {one.done} 次（{percent(one)}）" for pk, one in sums.items() if one.due})  # fmt: skip

    for mentor in mentors:
        on = mentor.background_checked_on
        stands = f"{chinese_date(on)}{'' if mentor.checked_on(today) else '，已超过一年'}" if on else "没有登记"
        told[mentor.pk].append(Fact("从业查询", stands))

    honours: dict[int, list[str]] = defaultdict(list)
    before = AwardNomination.objects.visible_to(staff).granted().filter(mentor__in=told, kind__round__awarded_on__isnull=False)  # fmt: skip
    for pk, title, on in before.values_list("mentor", "kind__name", "kind__round__awarded_on"):
        honours[pk].append(f"{title}（{on:%Y-%m}）")
    _tell(told, "得过的荣誉", honours, "、".join)
    return {pk: tuple(facts) for pk, facts in told.items()}


def facts_of(rows: Iterable[AwardNomination], term: Term, staff: Staff, today: date) -> Facts:
    """Nomination id → the facts about who was nominated."""
    listed = list(rows)
    children = {row.child_id for row in listed if row.child_id}
    mentors = {row.mentor_id: row.mentor for row in listed if row.mentor}
    of_child = child_facts(children, term, staff, today) if children else {}
    of_mentor = mentor_facts(list(mentors.values()), term, staff, today)
    return {row.pk: of_child.get(row.child_id or 0, ()) or of_mentor.get(row.mentor_id or 0, ()) for row in listed}


def _by_kind(records: "QuerySet[CareRecord]", whose: str) -> dict[int, str]:
    """Id → 谈心 5 次、家访 1 次, most first."""
    counted = records.exclude(kind__in=UNTOLD).order_by().values(whose, "kind").annotate(number=Count("pk"))
    found: dict[int, list[str]] = defaultdict(list)
    for row in counted.order_by("-number", "kind"):
        found[row[whose]].append(f"{Kind(row['kind']).label} {row['number']} 次")
    return {pk: "、".join(parts) for pk, parts in found.items()}


def _progress(results: "QuerySet[Result]", term: Term) -> dict[int, str]:
    """Child id → in how many subjects the pupil got better since the term before."""
    subjects: dict[int, set[str]] = defaultdict(set)
    better: dict[int, set[str]] = defaultdict(set)
    moved = with_move(results, term_before(term)).order_by()
    for child, subject, move in moved.values_list("child", "subject", "move"):
        subjects[child].add(subject)
        if move == UP:
            better[child].add(subject)
    return {
        pk: f"{len(names)} 科，{'比上学期进步：' + '、'.join(sorted(better[pk])) if better[pk] else '没有比上学期进步的记录'}"
        for pk, names in subjects.items()
    }


def _tell(
    told: dict[int, list[Fact]], label: str, values: Mapping[int, Told], words: Callable[[Told], str] = str
) -> None:
    for pk, value in values.items():
        told[pk].append(Fact(label, words(value)))
