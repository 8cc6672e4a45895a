"""
Who could care for whom: a proposal with its reasons in words, for a person to decide on (issue 4, features M2, M3).

Pure: facts in, proposals out, the same for the same facts. Never broken: a mentor has a valid check (P-22), stays
within the advised number and within the school's number of key-support children, and every child is proposed at most
once. Weighed against each other: brothers and sisters together, a mentor of earlier years, a woman for older girls,
the same class, the same village, an even load.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from children.models import codes

OLDER_GRADE, OLDER_AGE = 4, 10
FEMALE = str(codes.Sex.FEMALE.value)

# What a reason is worth. A woman for older girls outweighs all else but the rules, then sisters and brothers.
WOMAN, WITH_SIBLING, FORMER, ONCE, CLASS, VILLAGE = 250, 80, 50, 30, 18, 14
A_CHILD_MORE, FULLNESS, A_KEY_CHILD_MORE = 5, 12, 8

NO_MENTOR = "没有从业查询有效、还有空位的代理家长"
NO_KEY_ROOM = "有空位的代理家长都已带满 {most} 名重点学生"
NO_CONSENT = "只剩校外人员有空位，要先取得监护人同意（校外人员结对）"
NO_WOMAN = "没有女老师有空位，请斟酌"
NOT_A_WOMAN = "高年级女生，这位不是女老师，请斟酌"
SEX_UNKNOWN = "高年级女生宜由女老师带，这位没有登记性别"
SIBLINGS_APART = "与{names}不是同一位代理家长：没有人同时有这么多空位"


@dataclass(frozen=True, slots=True)
class Pupil:
    """
    A child without 代理家长. `former` are its mentors of before, the last one first; `household` joins brothers and
    sisters; `sibling_mentors` care for a brother or sister already; `family_agrees` to somebody from outside.
    """

    id: int
    name: str
    class_id: int
    class_name: str
    grade: int
    age: int | None = None
    sex: str = ""
    village: str = ""
    key: bool = False
    household: int | None = None
    former: tuple[int, ...] = ()
    sibling_mentors: tuple[tuple[int, str], ...] = ()
    family_agrees: bool = False

    @property
    def is_older_girl(self) -> bool:
        """A girl from grade 4 or from ten years on."""
        older = self.grade >= OLDER_GRADE or (self.age is not None and self.age >= OLDER_AGE)
        return self.sex == FEMALE and older


@dataclass(frozen=True, slots=True)
class Taker:
    """A mentor: how many children there are already (of them key-support ones), how many are advised."""

    id: int
    name: str
    load: int
    limit: int
    checked: bool
    key_load: int = 0
    sex: str = ""
    village: str = ""
    teaches: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()
    external: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What the school has set."""

    key_most: int = 2
    not_homeroom: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """One child with the mentor proposed (None: nobody could be), why, and what to mind."""

    pupil: Pupil
    taker: Taker | None
    reasons: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Seat:
    """A mentor while the children are given out."""

    taker: Taker
    load: int
    key_load: int
    given: set[int] = field(default_factory=set)

    def room_for(self, pupils: Sequence[Pupil], rules: Rules) -> bool:
        """Whether all of them fit: within the advised number, the key-support number, the school's and P-22's rules."""
        keys = sum(p.key for p in pupils)
        return (
            self.load + len(pupils) <= self.taker.limit
            and (not keys or self.key_load + keys <= rules.key_most)
            and not (rules.not_homeroom and any(p.class_id in self.taker.leads for p in pupils))
            and not (self.taker.external and not all(p.family_agrees for p in pupils))
        )

    def worth(self, pupil: Pupil, household: Collection[int]) -> int:
        """How well the child would be with this mentor."""
        taker = self.taker
        worth = -A_CHILD_MORE * self.load - FULLNESS * self.load // max(taker.limit, 1)
        if taker.id in household:
            worth += WITH_SIBLING
        if taker.id in pupil.former:
            worth += FORMER if taker.id == pupil.former[0] else ONCE
        if pupil.is_older_girl and taker.sex == FEMALE:
            worth += WOMAN
        if pupil.class_id in taker.teaches:
            worth += CLASS
        if pupil.village and pupil.village == taker.village:
            worth += VILLAGE
        if pupil.key:
            worth -= A_KEY_CHILD_MORE * self.key_load
        return worth


def suggest(pupils: Iterable[Pupil], takers: Iterable[Taker], rules: Rules) -> list[Proposal]:
    """
    One proposal for every pupil, in the order given.

    Takes children without 代理家长, mentors of the school and its rules. Key-support children and those with the
    fewest choices are served first; what remains open says why.
    """
    listed = list({pupil.id: pupil for pupil in pupils}.values())
    seats = [_Seat(taker, taker.load, taker.key_load) for taker in sorted(takers, key=lambda t: t.id) if taker.checked]
    found: dict[int, Proposal] = {}
    for group in _households(listed):
        _place_group(group, seats, rules, found)
    return [found[pupil.id] for pupil in listed]


def overtaxed(placed: Mapping[int, Sequence[Pupil]], takers: Iterable[Taker], rules: Rules) -> list[int]:
    """Of mentors (id → the pupils they are to be given) those to whom the rules do not allow them all, or any."""
    seats = {taker.id: _Seat(taker, taker.load, taker.key_load) for taker in takers if taker.checked}
    return [pk for pk, pupils in placed.items() if pk not in seats or not seats[pk].room_for(pupils, rules)]


def _households(pupils: Sequence[Pupil]) -> list[list[Pupil]]:
    """The children, brothers and sisters together; key support first, then large groups, then older girls."""
    groups: dict[tuple[str, int], list[Pupil]] = defaultdict(list)
    for pupil in pupils:
        groups[("alone", pupil.id) if pupil.household is None else ("home", pupil.household)].append(pupil)
    return sorted(
        groups.values(),
        key=lambda g: (
            not any(p.key for p in g),
            -len(g),
            not any(p.former or p.sibling_mentors for p in g),
            not any(p.is_older_girl for p in g),
            min(p.id for p in g),
        ),
    )


def _place_group(group: list[Pupil], seats: list[_Seat], rules: Rules, found: dict[int, Proposal]) -> None:
    near = {mentor for pupil in group for mentor, _ in pupil.sibling_mentors}
    if len(group) > 1:
        together = [seat for seat in seats if seat.room_for(group, rules)]
        if together:
            best = max(together, key=lambda s: (sum(s.worth(p, near) for p in group), -s.taker.id))
            for pupil in group:
                _give(pupil, best, seats, rules, found, group)
            return
    placed: set[int] = set()
    for pupil in group:
        free = [seat for seat in seats if seat.room_for((pupil,), rules)]
        if not free:
            found[pupil.id] = Proposal(pupil, None, (), (_why_nobody(pupil, seats, rules),))
            continue
        best = max(free, key=lambda s: (s.worth(pupil, near | placed), -s.taker.id))
        _give(pupil, best, seats, rules, found, group)
        placed.add(best.taker.id)


def _give(
    pupil: Pupil, seat: _Seat, seats: list[_Seat], rules: Rules, found: dict[int, Proposal], group: list[Pupil]
) -> None:
    seat.load += 1
    seat.key_load += pupil.key
    seat.given.add(pupil.id)
    cautions = []
    if pupil.is_older_girl and seat.taker.sex != FEMALE:
        free = any(one.taker.sex == FEMALE and one.room_for((pupil,), rules) for one in seats)
        cautions.append(SEX_UNKNOWN if not seat.taker.sex else NOT_A_WOMAN if free else NO_WOMAN)
    mates = [other for other in group if other.id != pupil.id]
    apart = [o.name for o in mates if o.id in found and found[o.id].taker not in (None, seat.taker)]
    if apart:
        cautions.append(SIBLINGS_APART.format(names="、".join(apart)))
    found[pupil.id] = Proposal(pupil, seat.taker, tuple(_reasons(pupil, seat, mates)), tuple(cautions))


def _reasons(pupil: Pupil, seat: _Seat, mates: list[Pupil]) -> Iterable[str]:
    taker = seat.taker
    same = [name for mentor, name in pupil.sibling_mentors if mentor == taker.id]
    same += [mate.name for mate in mates if mate.id in seat.given]
    if same:
        yield f"与兄弟姐妹{'、'.join(same)}同一位代理家长"
    if taker.id in pupil.former:
        yield "上一任就是这位老师" if taker.id == pupil.former[0] else "以前由这位老师带过"
    if pupil.is_older_girl and taker.sex == FEMALE:
        yield "高年级女生由女老师带"
    if pupil.class_id in taker.leads:
        yield f"是{pupil.class_name}班主任"
    elif pupil.class_id in taker.teaches:
        yield f"教{pupil.class_name}"
    if pupil.village and pupil.village == taker.village:
        yield f"同在{pupil.village}"
    if pupil.key:
        yield f"重点学生，这位老师带重点学生第 {seat.key_load} 名"
    left = taker.limit - seat.load
    yield f"安排后带 {seat.load} 人，" + (f"还可以再带 {left} 人" if left > 0 else "正好带满")


def _why_nobody(pupil: Pupil, seats: list[_Seat], rules: Rules) -> str:
    free = [seat for seat in seats if seat.load < seat.taker.limit]
    if free and not pupil.family_agrees and all(seat.taker.external for seat in free):
        return NO_CONSENT
    if free and pupil.key and all(seat.key_load >= rules.key_most for seat in free):
        return NO_KEY_ROOM.format(most=rules.key_most)
    return NO_MENTOR
