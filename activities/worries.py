"""The acts about a worry: report, take up, handle, dismiss, raise. Decided once, kept for good (features R3)."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from activities.incidents.services import open_incident
from activities.incidents.situations import kind_of
from activities.models import FollowUp, Incident, Worry
from activities.picking import written_as
from caretrack.access.policy import Role
from caretrack.schools.models import Appointment, School, Staff
from children.models import Child
from mentoring.models import Mentor

State = Worry.State
#: So many names are offered; fewer letters than this fit half the school.
OFFERED = 8
SHORTEST_LATIN = 2


def child_meant(text: str, staff: Staff, school: School, on: date) -> Child | None:
    """
    The one child that `text` names; None if there is none or several.

    Name and class together name any pupil of the school, as they do when chosen from what `offered` gives. A name by
    itself, or with other words behind it, is only taken for a child whom `staff` sees: of others nobody is guessed at.
    """
    name, _, more = text.strip().partition(" ")
    if more.endswith("班"):
        found = written_as(Child.objects.names_at(school), text, on)
    else:
        found = written_as(Child.objects.visible_to(staff).on_roll(), name, on) if name else []
    return found[0] if len(found) == 1 else None


def offered(text: str, school: School) -> list[Child]:
    """
    Pupils of the school whose names fit what somebody types who reports a worry: names and classes, one too many.

    Anybody at school may have to name any pupil (未保法 art. 11), so this asks for no right; it tells nothing that is not
    called out on the playground, and too short a text finds nobody, so that no roll can be leafed through.
    """
    word = text.strip()
    long_enough = len(word) >= (SHORTEST_LATIN if word.isascii() else 1)
    return list(Child.objects.names_at(school).named(word).by_name()[: OFFERED + 1]) if word and long_enough else []


def school_of(staff: Staff) -> School | None:
    """Where `staff` works: the school of a post, else the one at which they are a mentor."""
    if (home := staff.home_school()) is not None:
        return home
    mentor = Mentor.objects.active().filter(staff=staff).select_related("school").first()
    return mentor.school if mentor else None


def readers(school: School, to: str, on: date) -> list[Staff]:
    """Who reads a worry of this school that is reported to `to`."""
    roles = {
        Worry.To.BOTH: (Role.CARE_LEAD, Role.PRINCIPAL),
        Worry.To.LEAD: (Role.CARE_LEAD,),
        Worry.To.PRINCIPAL: (Role.PRINCIPAL,),
    }[Worry.To(to)]
    posts = Appointment.objects.current(on).filter(school=school, role__in=roles, staff__is_active=True)
    return list(Staff.objects.filter(pk__in=posts.values("staff")).order_by("pinyin", "pk"))


def read_by(school: School, on: date) -> dict[Worry.To, list[Staff]]:
    """Who reads what is reported in each of the ways; nobody where the school has not filled the post."""
    return {to: readers(school, to, on) for to in Worry.To}


def report_worry(
    *,
    school: School,
    by: Staff,
    who: str,
    what: str,
    now: datetime,
    to: str = Worry.To.BOTH,
    urgent: bool = False,
    child: Child | None = None,
    client_key: uuid.UUID | None = None,
    situations: Sequence[str] = (),
    guardian_suspected: bool = False,
) -> tuple[Worry, bool]:
    """
    Report a worry; pressing twice makes one. When there is danger now a file is opened and its clock runs.

    `situations` and `guardian_suspected` are what the finder could say of that danger. As long as nobody has said which
    situation it is, the file waits for the judgement of those who lead it and obliges to report (未保法 art. 11).

    Returns the worry and whether it is new. Raises ValidationError without a word on what was seen, or when it would be
    kept to somebody whom the school does not have.
    """
    if not what.strip():
        raise ValidationError({"what": "请写一句看到、听到了什么。"})
    if to != Worry.To.BOTH and not readers(school, to, timezone.localdate(now)):
        raise ValidationError({"to": f"“{Worry.To(to).label}”现在没有人受理：学校还没有登记这个岗位。请改选另一项。"})
    key = client_key or uuid.uuid4()
    if made := Worry.objects.filter(client_key=key, reporter=by).first():
        return made, False
    worry = Worry(
        school=school, child=child, who=who.strip() or "说不清是谁", what=what.strip(), to=to, urgent=urgent,
        reporter=by, client_key=key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            if urgent:
                worry.incident = open_incident(
                    school=school, by=by, found_at=now, account=worry.what, now=now, children=[child] if child else [],
                    kind=kind_of(situations), others="" if child else worry.who, named_only=to != Worry.To.BOTH,
                    situations=list(situations), weighed=bool(situations), guardian_suspected=guardian_suspected,
                )  # fmt: skip
                worry.state = State.RAISED
                if to != Worry.To.BOTH:
                    _let_in(worry.incident, to, now)
            worry.save()
    except IntegrityError:
        # The second press arrived while the first was being saved.
        if made := Worry.objects.filter(client_key=key, reporter=by).first():
            return made, False
        raise
    return worry, True


def _let_in(incident: Incident, to: str, now: datetime) -> None:
    for reader in readers(incident.school, to, timezone.localdate(now)):
        incident.members.create(staff=reader, added_by=None, added_at=now, part="受理报告")


def _waiting(worry: Worry) -> Worry:
    current = Worry.objects.select_for_update(of=("self",)).get(pk=worry.pk)
    if current.state not in Worry.WAITING:
        raise ValidationError(decided(current))
    return current


def decided(worry: Worry) -> str:
    """Why nothing more is done about it here."""
    return f"这件事{worry.get_state_display()}，不用再处理。"


@transaction.atomic
def take_up(*, worry: Worry, by: Staff, now: datetime) -> Worry:
    """
    Somebody looks after it: the reporter sees that. Said again it stays with the first. ValidationError if decided.

    Danger has its file already and stays raised to it.
    """
    current = Worry.objects.select_for_update(of=("self",)).get(pk=worry.pk)
    if current.may_be_taken:
        current.taken_by, current.taken_at = by, now
        current.state = State.TAKEN if current.state == State.NEW else current.state
        current.save(update_fields=["taken_by", "taken_at", "state"])
    elif current.state not in Worry.WAITING and not (current.urgent and current.state == State.RAISED):
        raise ValidationError(decided(current))
    return current


def _decide(worry: Worry, state: str, by: Staff, now: datetime, outcome: str, **more: Any) -> Worry:
    worry.state, worry.decided_by, worry.decided_at, worry.outcome = state, by, now, outcome.strip()
    if worry.taken_at is None:
        worry.taken_by, worry.taken_at = by, now
    for name, value in more.items():
        setattr(worry, name, value)
    worry.save()
    return worry


@transaction.atomic
def handle(
    *,
    worry: Worry,
    outcome: str,
    by: Staff,
    now: datetime,
    child: Child | None = None,
    follow_up: str = "",
    due_on: date | None = None,
    owner: Staff | None = None,
) -> Worry:
    """
    Say what was done; what is still to be done becomes a follow-up of the child, in words that its owner may read.

    Raises ValidationError without an outcome, or for a follow-up without a child, a day from now on or an owner.
    """
    current = _waiting(worry)
    errors = {}
    if not outcome.strip():
        errors["outcome"] = "请写明核实的情况和做了什么。"
    child = child or current.child
    if follow_up.strip():
        if child is None:
            errors["child"] = "要安排跟进，请先选定是哪名学生。"
        if due_on is None or due_on < timezone.localdate(now):
            errors["due_on"] = "请选择今天或以后的跟进日期。"
        if owner is None:
            errors["owner"] = "请选择由谁跟进。"
    if errors:
        raise ValidationError(errors)
    planned = None
    if follow_up.strip():
        planned = FollowUp.objects.create(child=child, what=follow_up.strip(), due_on=due_on, owner=owner)
    return _decide(current, State.HANDLED, by, now, outcome, follow_up=planned, child=child)


@transaction.atomic
def dismiss(*, worry: Worry, reason: str, by: Staff, now: datetime) -> Worry:
    """Nothing needs to be done, and why. Raises ValidationError without a reason."""
    current = _waiting(worry)
    if not reason.strip():
        raise ValidationError({"outcome": "请写明为什么不需要跟进。"})
    return _decide(current, State.DISMISSED, by, now, reason)


@transaction.atomic
def raise_worry(*, worry: Worry, kind: str, by: Staff, now: datetime, **facts: Any) -> Incident:
    """
    Open an incident file from a worry: discovered when it was reported, its clocks run since it was taken up.

    Who reported it is kept as that alone and not written down as the finder.
    """
    current = _waiting(worry)
    children = facts.pop("children", ()) or ([current.child] if current.child else [])
    account = facts.pop("account", "") or current.what
    found_at = facts.pop("found_at", None) or current.created_at
    facts.setdefault("others", "" if children else current.who)
    facts.setdefault("named_only", current.to != Worry.To.BOTH)
    incident = open_incident(
        school=current.school, by=current.reporter, found_at=found_at, account=account, now=now, kind=kind,
        children=children, keeper=by, taken_at=current.taken_at or now, **facts,
    )  # fmt: skip
    meant = current.child or (children[0] if len(children) == 1 else None)
    _decide(current, State.RAISED, by, now, "", incident=incident, child=meant)
    return incident
