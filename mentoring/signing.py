"""
Pledges and agreements of a school: who has to sign, who has, what expires (domain §11.6, §13 no. 87; §12 P-31).

Pledges stand in SafetyPledge, agreements party by party in Agreement; an entrustment that all have signed, or that was
entered in the dossier, stands with the care.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Least

from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, Staff, Term
from children.models import CareArrangement, Child, ChildFile, FamilyMember, SafetyPledge, codes
from children.models.child import ChildQuerySet, a_parent_away
from mentoring.agreements import PRESENT_CARE, SIGNATORIES, complete, papers, sign, signed_on
from mentoring.models import Agreement, Pairing, PaperKind

SOON = timedelta(days=30)
PARTIES: dict[str, SafetyPledge.Party] = {
    PaperKind.PLEDGE_CARER: SafetyPledge.Party.CARER,
    PaperKind.PLEDGE_HOMEROOM: SafetyPledge.Party.HOMEROOM,
    PaperKind.PLEDGE_MENTOR: SafetyPledge.Party.MENTOR,
}
#: Kinds that run out on a day of their own; the pledges end with the term.
EXPIRING = frozenset({PaperKind.PAIRING, PaperKind.ENTRUSTMENT})


#: What a scan of the signed paper is filed as in the dossier.
SCAN_KINDS: dict[str, ChildFile.Kind] = {
    PaperKind.PLEDGE_CARER: ChildFile.Kind.PLEDGE_CARER,
    PaperKind.PLEDGE_HOMEROOM: ChildFile.Kind.PLEDGE_HOMEROOM,
    PaperKind.PLEDGE_MENTOR: ChildFile.Kind.PLEDGE_MENTOR,
    PaperKind.PAIRING: ChildFile.Kind.PAIRING,
    PaperKind.ENTRUSTMENT: ChildFile.Kind.ENTRUSTMENT,
}


@dataclass(frozen=True)
class Signature:
    """That a paper was signed: when, by whom, which version, until when it holds."""

    on: date | None
    by: str = ""
    version: str = ""
    until: date | None = None

    def expires(self, today: date) -> bool:
        """Whether it runs out within a month, or has."""
        return self.until is not None and self.until <= today + SOON


def scans(kind: str, signed: Mapping[int, Signature], reader: Staff) -> dict[int, list[ChildFile]]:
    """
    Child id → the scans of the signed papers (child id → Signature) that `reader` may open, newest first.

    What is older than the signature is a scan of an earlier paper: of last term, or of a former mentor.
    """
    found = ChildFile.objects.kept().visible_to(reader).filter(child__in=signed, kind=SCAN_KINDS[kind])
    rows: dict[int, list[ChildFile]] = {}
    for row in found.order_by("-on", "-pk"):
        since = signed[row.child_id].on
        if since is None or row.on >= since:
            rows.setdefault(row.child_id, []).append(row)
    return rows


@dataclass(frozen=True)
class Standing:
    """How a kind of paper stands among some children."""

    owed: int
    signed: int
    expiring: int

    @property
    def open(self) -> int:
        return self.owed - self.signed


def owing(kind: str, children: ChildQuerySet, on: date) -> ChildQuerySet:
    """
    Of `children` on the roll, those for whom the paper is to be signed.

    Carers and class teachers: for every child with a parent away; mentors: for their children; an entrustment: where
    both parents are away (未成年人保护法 art. 22).
    """
    if kind == PaperKind.ENTRUSTMENT:
        return _both_away(children)
    return children.on_roll().filter(
        _with_mentor(on) if kind in (PaperKind.PLEDGE_MENTOR, PaperKind.PAIRING) else a_parent_away()
    )


def _both_away(children: ChildQuerySet) -> ChildQuerySet:
    return children.on_roll().with_away_parents().filter(father_away=True, mother_away=True)


def _with_mentor(on: date) -> Exists:
    return Exists(Pairing.objects.on(on).acting_parents().kept(on).filter(child=OuterRef("pk")))


def _standing_pledges(kind: str, on: date) -> QuerySet[SafetyPledge]:
    """
    The signed pledges of a party that hold on the day.

    A class teacher's or mentor's holds while that person is the one: signed since the post or pairing began, or before
    it by the same person.
    """
    signed = SafetyPledge.objects.filter(party=PARTIES[kind], signed_on__isnull=False)
    since = Q(starts_on__lte=OuterRef("signed_on"))
    if kind == PaperKind.PLEDGE_MENTOR:
        pairings = Pairing.objects.on(on).acting_parents().kept(on).filter(child=OuterRef("child"))
        return signed.filter(Exists(pairings.filter(since | Q(mentor__name=OuterRef("signed_by")))))
    if kind == PaperKind.PLEDGE_HOMEROOM:
        posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM)
        posts = posts.filter(school_class=OuterRef("child__school_class"))
        return signed.filter(Exists(posts.filter(since | Q(staff__name=OuterRef("signed_by")))))
    return signed


def unsigned_pledges(children: ChildQuerySet, term: int, on: date) -> QuerySet[Child, Any]:
    """
    Of `children` those with a pledge of the term (its id) still to be signed: (name, what is missing …).

    The columns after the name follow PARTIES: whether this party has to sign and has not. One statement.
    """
    missing = {}
    for kind in PARTIES:
        signed = _standing_pledges(kind, on).filter(child=OuterRef("pk"), term=term)
        owed = _with_mentor(on) if kind == PaperKind.PLEDGE_MENTOR else a_parent_away()
        missing[f"{kind}_open"] = Case(When(owed & ~Exists(signed), then=True), default=False)
    asked = children.on_roll().annotate(**missing)
    some = reduce(or_, (Q(**{name: True}) for name in missing))
    return asked.filter(some).order_by("pinyin", "pk").values_list("name", *missing)


def running_out(children: ChildQuerySet, on: date, until: date) -> ChildQuerySet:
    """
    Of `children` who owe the paper on the day, those whose agreement or entrustment ends by `until` or has ended
    without a new one.

    Adds `pairing_until` and `entrustment_until`, None where that paper does not run out, and `first_until`.
    """
    signed = papers(PaperKind.PAIRING, on).filter(complete(PaperKind.PAIRING), child=OuterRef("pk"))
    newest = signed.filter(_owed_by_its_child(PaperKind.PAIRING, on)).order_by("-pk")
    care = CareArrangement.objects.open().filter(
        _owed_by_its_child(PaperKind.ENTRUSTMENT, on), child=OuterRef("pk"), entrusted=True
    )
    found = children.annotate(
        newest_until=Subquery(newest.values("expires_on")[:1]),
        pairing_until=Case(When(newest_until__lte=until, then=F("newest_until"))),
        entrustment_until=Subquery(care.filter(entrusted_until__lte=until).values("entrusted_until")[:1]),
        first_until=Least(
            Coalesce("pairing_until", "entrustment_until"), Coalesce("entrustment_until", "pairing_until")
        ),
    )
    return found.filter(first_until__isnull=False)


def to_sign_again(children: ChildQuerySet) -> ChildQuerySet:
    """Of `children` who owe an entrustment, those whose former carer had signed one, wholly or in part (§12 P-31)."""
    care = CareArrangement.objects.filter(child=OuterRef("pk"))
    paper = Agreement.objects.filter(child=OuterRef("pk"), kind=Agreement.Kind.ENTRUSTMENT).exclude(PRESENT_CARE)
    former = Exists(paper) | Exists(care.filter(ends_on__isnull=False, entrusted=True))
    return _both_away(children).filter(former, ~Exists(care.open().filter(entrusted=True)))


def _owed_by_its_child(kind: str, on: date) -> Exists:
    return Exists(owing(kind, Child.objects.filter(pk=OuterRef("child")), on))


def signatures(kind: str, children: Collection[int], term: Term | None, on: date) -> dict[int, Signature]:
    """Child id → Signature, for those that all have signed; two statements at most. What has expired is not signed."""
    if kind in PARTIES:
        if term is None:
            return {}
        rows = _standing_pledges(kind, on).filter(child__in=children, term=term)
        return {row.child_id: Signature(row.signed_on, row.signed_by, row.template_version) for row in rows}
    if kind == PaperKind.PAIRING:
        signed = papers(kind, on).filter(complete(kind), child__in=children).select_related("pairing__mentor")
        found = {}
        for row in signed:
            by = row.pairing.mentor.name if row.pairing else ""
            found[row.child_id] = Signature(signed_on(row), by, row.template_version, row.expires_on)
        return {pk: one for pk, one in found.items() if one.until is None or one.until >= on}
    care = CareArrangement.objects.open().filter(child__in=children, entrusted=True).select_related("carer")
    texts = papers(kind, on).filter(complete(kind), child__in=children)
    versions = dict(texts.values_list("child", "template_version"))
    told = {
        row.child_id: Signature(
            row.entrusted_on,
            row.carer.name if row.carer else "",
            versions.get(row.child_id, ""),
            row.entrusted_until,
        )
        for row in care
    }
    return {pk: one for pk, one in told.items() if one.until is None or one.until >= on}


def standing(kind: str, children: ChildQuerySet, term: Term | None, on: date) -> Standing:
    """应签 and 已签 of one kind of paper among `children`; two statements."""
    owed = list(owing(kind, children, on).values_list("pk", flat=True))
    signed = signatures(kind, owed, term, on)
    return Standing(len(owed), len(signed), sum(one.expires(on) for one in signed.values()))


def open_ones(kind: str, children: Iterable[Child], on: date) -> list[Child]:
    """Of `children` (school loaded), all of whom are to sign, those who have not; two statements a school."""
    listed = list(children)
    done: set[int] = set()
    for school in {child.school_id: child.school for child in listed}.values():
        mine = [child.pk for child in listed if child.school_id == school.pk]
        done |= set(signatures(kind, mine, Term.objects.current(school, on), on))
    return [child for child in listed if child.pk not in done]


@transaction.atomic
def sign_many(
    *, kind: str, children: Iterable[Child], on: date, today: date, until: date | None, version: str,
    term: Term | None, by: Staff, parties: Collection[str] | None = None,
) -> tuple[int, list[str]]:  # fmt: skip
    """
    Write down that the parties of `children` have signed on a day: of an agreement all, or the `parties` named (fields
    of Agreement). Who has signed already is left as they are, but for what runs out within a month of today: that is
    renewed.

    Returns how many are new, and sentences about those for whom it could not be written. Raises ValidationError
    without a term for a pledge, or for an end before the day of signing.
    """
    listed = list(children)
    if kind in PARTIES and term is None:
        raise ValidationError("学校还没有设置本学期，请先由系统管理员设置学期。")
    if until is not None and until <= on:
        raise ValidationError({"until": "到期日期要晚于签订日期。"})
    done = signatures(kind, [child.pk for child in listed], term, today)
    new, refused = 0, []
    names = signers(kind, [child.pk for child in listed], on)
    for child in listed:
        if child.pk in done and not done[child.pk].expires(today):
            continue
        if kind in PARTIES:
            _pledge(child, PARTIES[kind], term, names.get(child.pk, ""), on, version, by)
        elif kind == PaperKind.PAIRING:
            if not _agree(child, on, today, until, version, parties or SIGNATORIES[kind]):
                refused.append(f"{child.name}现在没有代理家长，协议没有登记。")
                continue
        elif not _entrust(child, on, until, version, parties or SIGNATORIES[kind]):
            refused.append(f"{child.name}还没有登记由谁照顾，请先在档案的“照护”里登记。")
            continue
        new += 1
    return new, refused


def _pledge(child: Child, party: str, term: Term | None, name: str, on: date, version: str, by: Staff) -> None:
    row = SafetyPledge.objects.filter(child=child, term=term, party=party).first()
    row = row or SafetyPledge(child=child, term=term, party=party)
    row.signed_by, row.signed_on, row.template_version, row.recorded_by = name, on, version, by
    row.save()


def _agree(child: Child, on: date, today: date, until: date | None, version: str, parties: Collection[str]) -> bool:
    """Signed, perhaps before it began, for the pairing of today."""
    pairing = Pairing.objects.on(today).acting_parents().kept(today).filter(child=child).order_by("-starts_on").first()
    if pairing is None:
        return False
    sign(kind=PaperKind.PAIRING, child=child, pairing=pairing, on=on, until=until, version=version, parties=parties)
    return True


def _entrust(child: Child, on: date, until: date | None, version: str, parties: Collection[str]) -> bool:
    """Whether the child has a carer to sign; the care is entrusted once all have signed."""
    care = CareArrangement.objects.open().filter(child=child, carer__isnull=False).select_related("carer").first()
    if care is None:
        return False
    kind = PaperKind.ENTRUSTMENT
    paper = sign(kind=kind, child=child, care=care, on=on, until=until, version=version, parties=parties)
    if all(getattr(paper, field) for field in SIGNATORIES[kind]):
        care.entrusted, care.entrusted_on, care.entrusted_until = True, signed_on(paper), paper.expires_on
        care.save(update_fields=["entrusted", "entrusted_on", "entrusted_until"])
    return True


@transaction.atomic
def take_back(*, kind: str, child: Child, term: Term | None, today: date) -> bool:
    """
    Take back what was entered by mistake, of agreements in force today the newest paper. Whether there was something.

    An entrustment that all have signed stands with the care and is changed in the dossier.
    """
    rows: list[SafetyPledge] | list[Agreement]
    if kind in PARTIES:
        rows = list(SafetyPledge.objects.filter(child=child, term=term, party=PARTIES[kind]))
    elif kind == PaperKind.PAIRING:
        rows = list(papers(kind, today).filter(child=child).reverse()[:1])
    else:
        rows = list(papers(kind, today).filter(child=child).exclude(complete(kind)).reverse()[:1])
    for row in rows:
        row.delete()
    return bool(rows)


def signers(kind: str, children: Collection[int], on: date) -> dict[int, str]:
    """Child id → who signs the paper beside the school; children without such a person are left out."""
    if kind == PaperKind.PLEDGE_HOMEROOM:
        teachers = class_teachers(children, on)
        classes = Child.objects.filter(pk__in=children).values_list("pk", "school_class")
        return {pk: teachers[school_class] for pk, school_class in classes if school_class in teachers}
    if kind in (PaperKind.PLEDGE_MENTOR, PaperKind.PAIRING):
        acting = Pairing.objects.on(on).acting_parents().kept(on).filter(child__in=children).order_by("starts_on")
        return dict(acting.values_list("child", "mentor__name"))
    care = CareArrangement.objects.open().filter(child__in=children, carer__isnull=False)
    return dict(care.values_list("child", "carer__name"))


def class_teachers(children: Collection[int], on: date) -> dict[int, str]:
    """Class id → name of its class teacher on the day, for the classes of `children`; one statement."""
    classes = Child.objects.filter(pk__in=children, school_class__isnull=False).order_by().values("school_class")
    posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM, school_class__in=classes)
    return dict(posts.order_by("starts_on", "pk").values_list("school_class", "staff__name"))


def facts_of(children: Collection[Child], term: Term | None, on: date) -> dict[int, dict[str, str]]:
    """
    Child id → field of a text → what stands there; five statements for any number of children.

    `children` have school and class loaded.
    """
    ids = [child.pk for child in children]
    teachers = class_teachers(ids, on)
    mentors = signers(PaperKind.PAIRING, ids, on)
    care = CareArrangement.objects.open().filter(child__in=ids, carer__isnull=False).select_related("carer")
    carers = {row.child_id: row.carer for row in care}
    parents: dict[tuple[int, str], str] = {}
    told = FamilyMember.objects.filter(child__in=ids, relation__in=codes.PARENTS)
    for pk, relation, name in told.values_list("child", "relation", "name"):
        parents[pk, relation] = name
    found = {}
    for child in children:
        carer = carers.get(child.pk)
        found[child.pk] = {
            "学校": child.school.name,
            "学期": str(term) if term else "",
            "学生": child.name,
            "性别": child.get_sex_display(),
            "班级": child.class_name(on),
            "监护人": carer.name if carer else "",
            "监护人关系": carer.get_relation_display() if carer else "",
            "父亲": parents.get((child.pk, codes.Relation.FATHER), ""),
            "母亲": parents.get((child.pk, codes.Relation.MOTHER), ""),
            "班主任": teachers.get(child.school_class_id or 0, ""),
            "代理家长": mentors.get(child.pk, ""),
        }
    return found
