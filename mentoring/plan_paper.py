"""The printed list of a pairing plan, to be signed: by mentor, nothing on it that marks a child."""

from dataclasses import dataclass
from datetime import date

from children.queries import roll_order
from mentoring.models import PairingPlan, PlanState


@dataclass(frozen=True)
class Charge:
    """One child on the list."""

    name: str
    sex: str
    class_name: str


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


def plan_paper(plan: PairingPlan, on: date) -> PlanPaper:
    """The paper of a plan (school loaded); one statement. Once published it holds what was published."""
    lines = plan.lines.select_related("child__school_class__school", "mentor").order_by(
        "mentor__pinyin", "mentor", *roll_order("child__")
    )
    published = plan.state == PlanState.PUBLISHED
    shares: dict[int, list[Charge]] = {}
    mentors = {}
    left = []
    for line in lines:
        child = line.child
        charge = Charge(child.name, child.get_sex_display(), child.class_name(on))
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
    )
