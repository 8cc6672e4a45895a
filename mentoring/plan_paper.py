"""The printed list of a pairing plan, to be signed: by mentor, nothing on it that marks a child."""

from dataclasses import dataclass
from datetime import date

from children.queries import roll_order
from mentoring.models import PairingPlan, PlanState
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
    """A mentor with the children that are to be theirs; nobody for those still open."""

    mentor: str
    title: str
    unit: str
    children: tuple[Charge, ...]


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
    return PlanPaper(
        school=plan.school.name,
        title=plan.title,
        starts_on=plan.starts_on,
        state=plan.get_state_display(),
        draft=not published,
        shares=tuple(
            Share(mentors[pk].name, mentors[pk].title, mentors[pk].unit, tuple(children))
            for pk, children in shares.items()
        ),
        open=tuple(left),
        heads=sum(map(len, shares.values())),
        faulty=tuple(charge for children in shares.values() for charge in children if charge.why),
    )
