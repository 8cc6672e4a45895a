"""The printed list of a pairing plan, to be signed: by mentor, nothing on it that marks a child."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from children.queries import roll_order
from mentoring.models import Pairing, PairingPlan, PlanState
from mentoring.planning import faults


@dataclass(frozen=True)
class Charge:
    """One child on the list."""

    name: str
    sex: str
    class_name: str
    #: Why the line cannot be published as it stands; empty where it can.
    why: str = ""


@dataclass(frozen=True)
class Share:
    """A mentor with the children that are to be theirs, and how many they then have in all."""

    mentor: str
    title: str
    unit: str
    children: tuple[Charge, ...]
    total: int


@dataclass(frozen=True)
class PlanPaper:
    """The whole list. `draft` says that it does not hold yet."""

    school: str
    title: str
    starts_on: date
    state: str
    draft: bool
    shares: tuple[Share, ...]
    open: tuple[Charge, ...]
    heads: int
    as_of: date
    faulty: tuple[Charge, ...] = ()


def plan_paper(plan: PairingPlan, on: date) -> PlanPaper:
    """
    The paper of a plan (school loaded). Once published it holds what was published; an open plan names the lines that
    cannot be published as they stand, so that nobody signs for them unawares. The number of lines costs no statements.
    """
    lines = plan.lines.select_related("child__school_class__school", "mentor__staff").order_by(
        "mentor__pinyin", "mentor", *roll_order("child__")
    )
    published = plan.state == PlanState.PUBLISHED
    why = {fault.line.pk: fault.why for fault in faults(plan, lines)} if plan.is_open else {}
    shares: dict[int, list[Charge]] = {}
    mentors = {}
    left = []
    for line in lines:
        child = line.child
        charge = Charge(child.name, child.get_sex_display(), child.class_name(on), why.get(line.pk, ""))
        if line.mentor is None or line.skipped:
            left.append(charge)
            continue
        mentors[line.mentor.pk] = line.mentor
        shares.setdefault(line.mentor.pk, []).append(charge)
    as_of = max(on, plan.starts_on)
    held = _held(plan, mentors, as_of)
    return PlanPaper(
        school=plan.school.name,
        title=plan.title,
        starts_on=plan.starts_on,
        state=plan.get_state_display(),
        draft=not published,
        shares=tuple(
            Share(
                mentors[pk].name,
                mentors[pk].title,
                mentors[pk].unit,
                tuple(children),
                held[pk] + (len(children) if plan.is_open else 0),
            )
            for pk, children in shares.items()
        ),
        open=tuple(left),
        heads=sum(map(len, shares.values())),
        as_of=as_of,
        faulty=tuple(charge for children in shares.values() for charge in children if charge.why),
    )


def _held(plan: PairingPlan, mentors: Iterable[int], on: date) -> Counter[int]:
    """How many children each mentor has on the day; of a plan that is still open without those it is about."""
    held = Pairing.objects.on(on).acting_parents().filter(mentor__in=mentors)
    if plan.is_open:
        held = held.exclude(child__in=plan.lines.values("child"))
    return Counter(held.values_list("mentor", flat=True))
