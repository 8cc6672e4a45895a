"""What the rules ask about children, read for many of them in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from activities.models import Absence, CareRecord, DropoutCase, Incident, IncidentChild, Kind, NightAbsence
from activities.models.record import NOT_PARENTS, SENT, said
from caretrack.periods import age_on
from caretrack.schools.models import Term
from children.left_behind import LeftBehind, statuses
from children.models import AbsenceSpan, CareArrangement, Child, Enrollment, FamilyMember, Phone, Result, codes
from children.models.family import PhoneState
from mentoring.models import Pairing, SupportPlan

ABSENCE_SPAN = timedelta(days=30)
#: Contacts in which the parents away and the child heard of each other.
FAMILY_CONTACT = (Kind.CALL, Kind.VIDEO, Kind.LETTER)


@dataclass(frozen=True)
class Known:
    """Everything the rules may ask about one child on one day."""

    child_id: int
    school_id: int
    level: str = codes.SupportLevel.GENERAL
    age: int | None = None
    away: LeftBehind = field(default_factory=LeftBehind)
    away_since: date | None = None
    parted_on: date | None = None
    alone_at_home: bool = False
    ill: bool = False
    disabled: bool = False
    unsupported: bool = False
    has_care: bool = False
    care_type: str = ""
    rating: str = ""
    carer_age: int | None = None
    carer_ill: bool = False
    carer_excluded: bool = False
    carer_unable: bool = False
    entrusted: bool = False
    entrusted_until: date | None = None
    came_on: date | None = None
    term_start: date | None = None
    talk_on: date | None = None
    family_on: date | None = None
    has_phone: bool = False
    phone_on: date | None = None
    marks_before: Decimal | None = None
    marks_now: Decimal | None = None
    marks_at: datetime | None = None
    absences: int = 0
    absent_on: date | None = None
    nights_open: int = 0
    night_at: datetime | None = None
    gone_tonight: str = ""
    has_mentor: bool = False
    dropout_open: bool = False
    misconduct: bool = False
    incidents: frozenset[str] = frozenset()
    incident_at: datetime | None = None

    @property
    def any_away(self) -> bool:
        return self.away.father_away or self.away.mother_away

    @property
    def key(self) -> bool:
        return self.level in codes.KEY_LEVELS

    def since(self, last: date | None) -> date | None:
        """From when a silence counts: the last contact, but not before the child came or the term began."""
        days = [day for day in (last or self.came_on, self.term_start) if day is not None]
        return max(days) if days and self.term_start is not None else None


def known_of(children: "QuerySet[Child]", on: date) -> list[Known]:
    """The facts of `children` in a class as of `on`, whatever their number in the same number of statements."""
    rows = list(
        children.filter(school_class__isnull=False)
        .order_by()
        .values(
            "pk", "school_id", "support_level", "birth_date", "alone_at_home", "illness_kind", "disability",
            "body_state", "hardship",
        )
    )  # fmt: skip
    ids = [row["pk"] for row in rows]
    if not ids:
        return []
    asked: Any = ids if len(ids) <= 900 else children.order_by().values("pk")
    away = statuses(ids if len(ids) <= 900 else children, on)
    terms = dict(
        Term.objects.on(on).filter(school__in={r["school_id"] for r in rows}).values_list("school", "starts_on")
    )
    care = {c.child_id: c for c in CareArrangement.objects.open().filter(child__in=asked).select_related("carer")}
    reached = CareRecord.objects.reached().filter(child__in=asked, on__lte=on).order_by().values("child")
    # A talk with the grandmother is no word from the parents, nor is a letter before its answer has come.
    heard = Q(kind__in=FAMILY_CONTACT) & ~Q(kind=Kind.LETTER, letter=SENT) & ~Q(relation__in=NOT_PARENTS)
    answered = Max("reply", filter=Q(kind=Kind.LETTER, reply__lte=on.isoformat()))
    contacts = {
        row["child"]: row
        for row in reached.alias(relation=said("relation"), letter=said("direction"), reply=said("reply_on")).annotate(
            talk=Max("on", filter=Q(kind=Kind.TALK)), family=Max("on", filter=heard), answered=answered
        )
    }
    phones = {
        row["child"]: row["on"]
        for row in Phone.objects.filter(child__in=asked)
        .exclude(state=PhoneState.DEAD)
        .order_by()
        .values("child")
        .annotate(on=Max("verified_on"))
    }
    came = Enrollment.objects.filter(child__in=asked).first_days()
    left = dict(
        FamilyMember.objects.filter(child__in=asked, relation__in=codes.PARENTS, status=codes.ParentStatus.AWAY_WORK)
        .order_by()
        .values_list("child")
        .annotate(since=Max("away_since"))
    )
    # Only what is dated: a divorce that is entered with an old file is no news of this term.
    parted = dict(
        AbsenceSpan.objects.filter(
            member__child__in=asked, status=codes.ParentStatus.NO_CONTACT, starts_on__lte=on, ends_on__isnull=True,
            member__relation__in=codes.PARENTS,
        ).order_by().values_list("member__child").annotate(on=Max("starts_on"))
    )  # fmt: skip
    marks = _marks(asked, on)
    missed: dict[int, list[date]] = defaultdict(list)
    unexcused = Absence.objects.unexcused().filter(child__in=asked, on__gt=on - ABSENCE_SPAN, on__lte=on)
    for child_id, day in unexcused.values_list("child", "on"):
        missed[child_id].append(day)
    nights = _nights(asked, on)
    mentored = set(
        Pairing.objects.acting_parents().on(on).kept(on).filter(child__in=asked).values_list("child", flat=True)
    )
    cases = set(DropoutCase.objects.open().filter(child__in=asked).values_list("child", flat=True))
    corrected = set(SupportPlan.objects.for_misconduct().filter(child__in=asked).values_list("child", flat=True))
    files: dict[int, dict[str, datetime]] = defaultdict(dict)
    told = Incident.objects.real().open().filter(named_only=False)
    parts = IncidentChild.objects.filter(child__in=asked, incident__in=told, incident__school=F("child__school"))
    parts = parts.exclude(part=IncidentChild.Part.WITNESS).order_by("incident__created_at")
    for child_id, kind, at in parts.values_list("child", "incident__kind", "incident__created_at"):
        files[child_id][kind] = at
    found = []
    for row in rows:
        pk = row["pk"]
        arrangement, contact = care.get(pk), contacts.get(pk) or _NOTHING
        marked, missing = marks.get(pk, Marks()), nights.get(pk, Nights())
        away_days, opened = missed.get(pk, ()), files.get(pk, {})
        found.append(
            Known(
                pk,
                row["school_id"],
                level=row["support_level"],
                age=None if row["birth_date"] is None else age_on(row["birth_date"], on),
                away=away.get(pk, LeftBehind()),
                away_since=left.get(pk),
                parted_on=parted.get(pk),
                alone_at_home=bool(row["alone_at_home"]),
                ill=row["illness_kind"] in (codes.IllnessKind.GRAVE, codes.IllnessKind.MIND),
                disabled=bool(row["disability"]) or row["body_state"] == codes.BodyState.DISABLED,
                unsupported=codes.Hardship.UNSUPPORTED in (row["hardship"] or []),
                **_of_care(arrangement, on),
                came_on=came.get(pk),
                term_start=terms.get(row["school_id"]),
                talk_on=contact.get("talk"),
                family_on=_family_on(contact),
                has_phone=pk in phones,
                phone_on=phones.get(pk),
                marks_before=marked.before,
                marks_now=marked.now,
                marks_at=marked.at,
                absences=len(away_days),
                absent_on=max(away_days, default=None),
                nights_open=missing.open,
                night_at=missing.at,
                gone_tonight=missing.tonight,
                has_mentor=pk in mentored,
                dropout_open=pk in cases,
                misconduct=pk in corrected,
                incidents=frozenset(opened),
                incident_at=max(opened.values(), default=None),
            )
        )
    return found


_NOTHING: dict[str, Any] = {}


def _family_on(contact: Mapping[str, Any]) -> date | None:
    """The last day on which parents and child heard of each other."""
    answered = contact.get("answered")
    return max(filter(None, (contact.get("family"), answered and date.fromisoformat(answered))), default=None)


def _of_care(care: CareArrangement | None, on: date) -> dict[str, Any]:
    if care is None:
        return {}
    carer = care.carer
    age = None
    if carer is not None:
        age = age_on(carer.birth_date, on) if carer.birth_date else carer.age_stated
    return {
        "has_care": True,
        "care_type": care.care_type,
        "rating": care.rating,
        "carer_age": age,
        "carer_ill": carer is not None and carer.health in (codes.AdultHealth.CHRONIC, codes.AdultHealth.DISABLED),
        "carer_excluded": bool(care.exclusions),
        "carer_unable": carer is not None and carer.has_capacity is False,
        "entrusted": bool(care.entrusted),
        "entrusted_until": care.entrusted_until,
    }


@dataclass
class Nights:
    """Evenings on which a boarder could not be found: those not looked into, what tonight's call said, the last count."""

    open: int = 0
    tonight: str = ""
    at: datetime | None = None


def _nights(children: Any, on: date) -> dict[int, Nights]:
    """Who could not be found in the evening and was not looked into, by child id; not tonight if the family has them."""
    rows = NightAbsence.objects.unverified().filter(child__in=children, on__lte=on, reason=NightAbsence.Reason.MISSING)
    found: dict[int, Nights] = defaultdict(Nights)
    for child, day, called, at in rows.order_by("roll__taken_at").values_list(
        "child", "on", "called", "roll__taken_at"
    ):
        if day < on:
            found[child].open += 1
        elif called != NightAbsence.Called.CONFIRMED:
            found[child].tonight = str(NightAbsence.Called(called).label)
        else:
            continue
        found[child].at = at
    return found


@dataclass(frozen=True)
class Marks:
    """Mean share of the full mark (percent) at the last examination but one and at the last; when that was entered."""

    before: Decimal | None = None
    now: Decimal | None = None
    at: datetime | None = None


def _marks(children: Any, on: date) -> dict[int, Marks]:
    """
    The last two examinations of each child, by child id.

    Only subjects with marks at both are compared, so that a new, harder subject is no fall.
    """
    rows = (
        Result.objects.filter(child__in=children, mark__isnull=False, term__starts_on__lte=on)
        .order_by("child", "-term__starts_on", "-pk")
        .values_list("child", "term__starts_on", "occasion", "subject", "mark", "full_mark", "change__made_at")
    )
    by_child: dict[int, dict[tuple[date, str], dict[str, tuple[Decimal, datetime]]]] = defaultdict(dict)
    for child, term, occasion, subject, mark, full, at in rows:
        examinations = by_child[child]
        if mark is None:
            continue
        if (term, occasion) in examinations or len(examinations) < 2:
            examinations.setdefault((term, occasion), {})[subject] = (Decimal(mark * 100 / full), at)
    found = {}
    for child, examinations in by_child.items():
        if len(examinations) < 2:
            continue
        now, before = list(examinations.values())[:2]
        both = set(now) & set(before)
        if both:
            found[child] = Marks(
                Decimal(sum(before[s][0] for s in both) / len(both)),
                Decimal(sum(now[s][0] for s in both) / len(both)),
                max(now[s][1] for s in both),
            )
    return found
