"""The facts that a suggestion weighs, read in a constant number of statements."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import F, Q, QuerySet

from caretrack.access.policy import CLASS_ROLES, Role
from caretrack.schools.models import Appointment, School
from children.consents import agreed
from children.models import Child, Consent, SiblingLink, codes
from children.places import village_in, village_of
from mentoring.models import Mentor, MentorAbsence, Pairing, PairingPlan
from mentoring.queries import limit_of, planned_load, with_key_load, with_load
from mentoring.suggesting import Proposal, Pupil, Rules, Taker, overtaxed, suggest


def rules_of(school: School) -> Rules:
    """The school's settings as rules of the suggestion."""
    return Rules(key_most=school.mentor_key_limit, not_homeroom=school.mentor_not_homeroom)


def takers_of(school: School, on: date, plan: PairingPlan | None = None) -> list[Taker]:
    """
    The mentors of the school who work there and are not away on the day; two statements, and one more for a `plan`
    that is not published yet: its children count as theirs.
    """
    away = MentorAbsence.objects.on(on).values("mentor")
    listed = Mentor.objects.of_school(school).working(on).exclude(pk__in=away).select_related("school", "staff")
    mentors = list(with_key_load(with_load(listed, on), on).order_by("pk"))
    heads, keys = planned_load(plan) if plan else (Counter[int](), Counter[int]())
    teaches: dict[int, set[int]] = defaultdict(set)
    leads: dict[int, set[int]] = defaultdict(set)
    posts = Appointment.objects.current(on).filter(school=school, role__in=CLASS_ROLES, school_class__isnull=False)
    for staff, role, school_class in posts.values_list("staff", "role", "school_class"):
        teaches[staff].add(school_class)
        if role == Role.HOMEROOM:
            leads[staff].add(school_class)
    return [
        Taker(
            id=mentor.pk,
            name=mentor.name,
            load=mentor.load + heads[mentor.pk],  # type: ignore[attr-defined]
            limit=limit_of(mentor),
            checked=mentor.checked_on(on),
            key_load=mentor.key_load + keys[mentor.pk],  # type: ignore[attr-defined]
            sex=mentor.sex or (mentor.staff.sex if mentor.staff else ""),
            village=village_in(mentor.village, mentor.unit) or mentor.village,
            teaches=frozenset(teaches[mentor.staff_id or 0]),
            leads=frozenset(leads[mentor.staff_id or 0]),
            external=mentor.is_external,
        )
        for mentor in mentors
    ]


def pupils_of(children: "QuerySet[Child]", on: date) -> list[Pupil]:
    """`children` with what speaks for one mentor or another, in pinyin order; five statements."""
    listed = list(children.select_related("school_class__school").order_by("pinyin", "pk"))
    ids = {child.pk for child in listed}
    homes, siblings = _households(ids)
    names = dict(
        Child.objects.filter(pk__in={s for known in siblings.values() for s in known}).values_list("pk", "name")
    )
    known = ids | names.keys()
    acting: dict[int, int] = {}
    former: dict[int, list[int]] = defaultdict(list)
    past = Pairing.objects.acting_parents().filter(child__in=known).order_by("-starts_on", "-pk")
    for child, mentor, ends_on in past.values_list("child", "mentor", "ends_on"):
        if ends_on is None or ends_on >= on:
            acting.setdefault(child, mentor)
        elif mentor not in former[child]:
            former[child].append(mentor)
    willing = agreed(Consent.Purpose.OUTSIDE_MENTOR, ids)
    return [
        Pupil(
            id=child.pk,
            name=child.name,
            class_id=child.school_class_id or 0,
            class_name=child.class_name(on),
            grade=child.school_class.grade_on(on) if child.school_class else 0,
            age=child.age_on(on),
            sex=child.sex,
            village=village_of(child),
            key=child.support_level in codes.KEY_LEVELS,
            household=homes.get(child.pk),
            former=tuple(former[child.pk]),
            sibling_mentors=tuple(
                (acting[s], names[s]) for s in sorted(siblings[child.pk]) if s in acting and s in names
            ),
            family_agrees=child.pk in willing,
        )
        for child in listed
    ]


def _households(ids: Collection[int]) -> tuple[dict[int, int], dict[int, set[int]]]:
    """(child → household, child → its brothers and sisters), as persons have said."""
    siblings: dict[int, set[int]] = defaultdict(set)
    pairs = SiblingLink.objects.filter(Q(first__in=ids) | Q(second__in=ids), confirmed=True)
    for first, second in pairs.values_list(F("first"), F("second")):
        siblings[first].add(second)
        siblings[second].add(first)
    homes: dict[int, int] = {}
    for child in sorted(siblings):
        if child in homes:
            continue
        waiting = [child]
        while waiting:
            one = waiting.pop()
            if one not in homes:
                homes[one] = child
                waiting += siblings[one] - homes.keys()
    return homes, siblings


def propose(children: "QuerySet[Child]", school: School, on: date, plan: PairingPlan | None = None) -> list[Proposal]:
    """A proposal for each of `children` of the school, for pairings from the day on, beside those of an open plan."""
    return suggest(pupils_of(children, on), takers_of(school, on, plan), rules_of(school))


def without_room(chosen: Mapping[int, int], school: School, on: date) -> list[str]:
    """The names of the mentors to whom the rules do not allow, from the day on, the children (id → mentor id) chosen."""
    placed: dict[int, list[Pupil]] = defaultdict(list)
    for pupil in pupils_of(Child.objects.filter(pk__in=chosen), on):
        placed[chosen[pupil.id]].append(pupil)
    full = overtaxed(placed, takers_of(school, on), rules_of(school))
    return list(Mentor.objects.filter(pk__in=full).order_by("pinyin", "pk").values_list("name", flat=True))
