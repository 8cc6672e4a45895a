"""The roll of pairings that hold today, by mentor: on paper to be signed, and as rows of a workbook."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from caretrack.periods import chinese_date
from caretrack.schools.class_names import class_labels
from children.models import Child
from mentoring.models import Mentor, Pairing
from mentoring.plan_paper import Charge, Share
from mentoring.queries import acting_pairings, followers

COLUMNS = ("代理家长", "职务", "单位", "学生", "性别", "班级", "起始日期", "说明")


@dataclass(frozen=True)
class Paired(Charge):
    """A child that has a mentor: since when, and in words what is to change."""

    since: date | None = None
    remark: str = ""


@dataclass(frozen=True)
class PairingRoll:
    """The whole roll. `open` are those without a mentor at work, with the one who left; `filters` says what is listed."""

    school: str
    filters: str
    shares: tuple[Share, ...]
    open: tuple[Charge, ...]
    heads: int
    as_of: date

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """A row of `COLUMNS` for each child, those without a mentor last."""
        paired = [
            (
                share.mentor,
                share.title,
                share.unit,
                child.name,
                child.sex,
                child.class_name,
                str(child.since),
                child.remark,
            )
            for share in self.shares
            for child in share.children
            if isinstance(child, Paired)
        ]
        left = [("", "", "", c.name, c.sex, c.class_name, "", c.why or "还没有代理家长") for c in self.open]
        return [*paired, *left]


def pairing_roll(children: Iterable[Child], filters: str, on: date) -> PairingRoll:
    """The roll of these children (class and school loaded), in their order with each mentor; three statements."""
    listed = list(children)
    held = acting_pairings([child.pk for child in listed], on)
    following = followers(held.values())
    classes = {child.school_class.pk: child.school_class for child in listed if child.school_class}
    names = class_labels(classes.values(), on)
    mentors: dict[int, Mentor] = {}
    shares: dict[int, list[Charge]] = {}
    left = []
    for child in listed:
        pairing = held.get(child.pk)
        told = child.name, child.get_sex_display(), names.get(child.school_class_id or 0, "")
        if pairing is None or pairing.gone:  # type: ignore[attr-defined]
            left.append(Charge(*told, f"{pairing.mentor.name}已离岗" if pairing else ""))
            continue
        mentors[pairing.mentor_id] = pairing.mentor
        said = _to_come(pairing, following.get(pairing.pk))
        shares.setdefault(pairing.mentor_id, []).append(Paired(*told, since=pairing.starts_on, remark=said))
    of_mentors = Pairing.objects.on(on).acting_parents().filter(mentor__in=mentors)
    loads = Counter(of_mentors.order_by().values_list("mentor", flat=True))
    in_order = sorted(mentors.values(), key=lambda mentor: (mentor.pinyin, mentor.pk))
    return PairingRoll(
        school="、".join(dict.fromkeys(place.school.name for place in classes.values())),
        filters=filters,
        shares=tuple(Share(m.name, m.title, m.unit, tuple(shares[m.pk]), loads[m.pk]) for m in in_order),
        open=tuple(left),
        heads=len(listed) - len(left),
        as_of=on,
    )


def _to_come(pairing: Pairing, following: Pairing | None) -> str:
    """Who takes over and when, else the last day; empty for a pairing that goes on."""
    if following is not None:
        return f"{chinese_date(following.starts_on)}起由{following.mentor.name}带"
    return f"到{chinese_date(pairing.ends_on)}为止" if pairing.ends_on else ""
