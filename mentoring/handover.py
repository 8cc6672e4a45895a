"""
Children pass from one mentor to another, dated and with a reason; what is open about them moves along.

Apps to the right say what else is open (follow-ups) by entering it here, as children.leaving does for leavers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from caretrack.periods import chinese_date
from caretrack.schools.models import School, Staff, Term
from children.models import Child, SafetyPledge
from mentoring.models import Mentor, Pairing, PairingRole, PlannedPairing
from mentoring.queries import followers
from mentoring.services import call_off, end_pairing, keep_on, pair

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something promised about a child and not done yet."""

    child_id: int
    what: str
    due_on: date
    owner: str
    owner_id: int


ListOpen = Callable[[list[int], Staff | None], list[OpenItem]]
MoveOpen = Callable[[Child, Staff, Staff, Staff | None], int]
GiveBack = Callable[[Child, Staff, Staff, Staff | None, Staff | None], int]
AnyWritten = Callable[[Child, Mentor, date], bool]


@dataclass(frozen=True, slots=True)
class Carried:
    """
    What moves along: `listed` (children, owner or None for everybody's) tells what is open, `moved` (child, from, to,
    by) gives it to somebody else inside the caller's transaction and returns how many. `given_back` (child, from, to,
    who had given it, by) does so with what a change of mentor had moved; `written` (child, mentor, since) tells
    whether the mentor has written about the child.
    """

    listed: ListOpen
    moved: MoveOpen
    given_back: GiveBack | None = None
    written: AnyWritten | None = None


_carried: dict[str, Carried] = {}


def register(
    name: str,
    listed: ListOpen,
    moved: MoveOpen,
    given_back: GiveBack | None = None,
    written: AnyWritten | None = None,
) -> None:
    """Enter what moves along with a child. Entered again it is replaced."""
    _carried[name] = Carried(listed, moved, given_back, written)


def open_items(children: list[int], owner: Staff | None = None) -> list[OpenItem]:
    """Everything open about the children, of one owner or of all, by due day."""
    found = [item for one in _carried.values() for item in one.listed(children, owner)]
    return sorted(found, key=lambda item: (item.due_on, item.child_id, item.what))


@transaction.atomic
def change_mentor(
    *,
    pairing: Pairing,
    mentor: Mentor,
    on: date,
    today: date,
    by: Staff,
    reason: str = Pairing.EndReason.REPLACED,
    note: str = "",
    keeper: Staff | None = None,
    child_view: str = "",
) -> Pairing:
    """
    Give the child of a pairing that runs another mentor from `on`; the former one's last day is the day before.

    A day to come lies in the running term: until it the former mentor stays, see `take_back_pairing`. Open follow-ups
    of the former mentor go to the new one, on that day, or at once to `keeper` where the new one has no account.
    Raises ValidationError for a mentor who may not be given a child, a day after the term, a day not after the
    pairing began, and the same mentor again.
    """
    pairing = keep_on(pairing=pairing, today=today)
    if on > today:
        _demand_in_term(pairing.mentor.school, on, today)
    if mentor.pk == pairing.mentor_id:
        raise ValidationError({"mentor": f"{pairing.child}现在就由{mentor}带，请选另一位。"})
    if on <= pairing.starts_on:
        raise ValidationError(
            {
                "on": f"{pairing.child}的结对从{chinese_date(pairing.starts_on)}开始，更换日期要晚于这一天。刚配错的请用“配错了，撤销”。"
            }
        )
    heir = mentor.staff or keeper
    former = pairing.mentor.staff
    if heir is None and former is not None and open_items([pairing.child_id], former):
        raise ValidationError({"keeper": f"{mentor}没有账号，请在“更换代理家长”里选由谁接着办理没有办结的跟进事项。"})
    moving = former is not None and heir is not None and former.pk != heir.pk
    # Until the day of the change the new one does not see the child.
    waiting = moving and on > today and heir == mentor.staff
    end_pairing(pairing=pairing, on=on - ONE_DAY, reason=reason, by=by, note=note)
    made = pair(
        child=pairing.child, mentor=mentor, on=on, by=by, role=pairing.role, child_view=child_view,
        replaces=pairing, items_from=former if waiting else None,
    )  # fmt: skip
    if former is not None and heir is not None and moving and not waiting:
        move_open_items(child=pairing.child, old=former, new=heir, by=by)
    return made


@transaction.atomic
def end_or_move_end(
    *, pairing: Pairing, on: date, today: date, reason: str, by: Staff, note: str = "", keeper: Staff | None = None
) -> None:
    """End a pairing that runs on `on`, its last day, also if another day was named before. Raises as `keep_on` does."""
    going = keep_on(pairing=pairing, today=today)
    leave_without_heir(pairing=going, on=on, reason=reason, by=by, note=note, keeper=keeper)


@transaction.atomic
def leave_without_heir(
    *, pairing: Pairing, on: date, reason: str, by: Staff, note: str = "", keeper: Staff | None = None
) -> None:
    """
    The mentor's last day with the child is `on`, and nobody follows: what is open goes to `keeper`, at once.

    A pairing that was to stop later stops then, for the reason that it has. Raises ValidationError as `end_pairing`
    does, and for open items without a keeper.
    """
    child, former = pairing.child, pairing.mentor.staff
    if keeper is None and former is not None and open_items([child.pk], former):
        raise ValidationError({"keeper": "还有没有办结的跟进事项，请选交给谁。"})
    if pairing.ends_on is None:
        end_pairing(pairing=pairing, on=on, reason=reason, by=by, note=note)
    else:
        pairing.ends_on = on
        pairing.save(update_fields=["ends_on"])
    if keeper is not None and former is not None:
        move_open_items(child=child, old=former, new=keeper, by=by)


def _demand_in_term(school: School, on: date, today: date) -> None:
    term = Term.objects.current(school, today)
    if term is None or on > term.ends_on:
        until = f"本学期末（{chinese_date(term.ends_on)}）" if term and term.ends_on >= today else "今天"
        raise ValidationError({"on": f"更换日期最晚到{until}。"})


@transaction.atomic
def take_back_pairing(*, pairing: Pairing, today: date, by: Staff) -> Pairing | None:
    """
    Take back a pairing that was made by mistake and begins today or later; the one that it replaces is open again.

    Returns the one that goes on; None if the child has no mentor now: it replaced none, or that mentor has left.
    Raises ValidationError if it began before today, another has taken its place, something was signed or written
    under it, or open items would stay with nobody.
    """
    wrong = Pairing.objects.select_for_update(of=("self",)).get(pk=pairing.pk)
    child, heir = wrong.child, wrong.mentor.staff
    _demand_untouched(wrong, today)
    PlannedPairing.objects.filter(pairing=wrong).update(pairing=None)
    former = wrong.replaces
    if former is None or former.mentor.ended_on is not None:
        if former is not None and heir is not None and open_items([child.pk], heir):
            raise ValidationError(f"{child}还有没有办结的跟进事项，请用“结束”，选好交给谁。")
        wrong.delete()
        return None
    others = Pairing.objects.open().filter(child=child).exclude(pk=wrong.pk)
    if others.filter(Q(mentor=former.mentor) | Q(role=PairingRole.ACTING_PARENT)).exists():
        raise ValidationError(f"{child}已另有安排，不能撤销。")
    stays = call_off(wrong)
    if heir is not None and former.mentor.staff is not None and wrong.items_from_id is None:
        former.mentor.staff.forget_posts()
        for one in _carried.values():
            if one.given_back is not None:
                one.given_back(child, heir, former.mentor.staff, wrong.paired_by, by)
    return stays


def _demand_untouched(wrong: Pairing, today: date) -> None:
    """Raises ValidationError if a pairing cannot be taken back wholly."""
    child, mentor = wrong.child, wrong.mentor
    if wrong.starts_on < today:
        raise ValidationError("这次结对今天以前就生效了，不能撤销；要换人，请办更换。")
    if followers([wrong]):
        raise ValidationError(f"{child}已定好更换代理家长，请先撤销那次更换。")
    pledges = child.pledges.filter(party=SafetyPledge.Party.MENTOR, signed_by=mentor.name)
    if wrong.agreements.exists() or pledges.filter(signed_on__gte=wrong.starts_on).exists():
        raise ValidationError(f"{mentor}已经为{child}签了协议或责任书，请先在“协议与责任书”里改回未签，再撤销。")
    if any(one.written is not None and one.written(child, mentor, wrong.starts_on) for one in _carried.values()):
        raise ValidationError(f"{mentor}已经写了{child}的记录，不能撤销；请从明天起更换，或者结束结对。")


def hand_over_due_items(today: date) -> int:
    """Give the follow-ups of changes that have taken effect to the new mentors. Returns how many were given."""
    due = Pairing.objects.filter(items_from__isnull=False, starts_on__lte=today)
    given = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            locked = due.select_for_update(of=("self",)).select_related("child", "mentor__staff", "items_from")
            pairing = locked.filter(pk=pk).first()
            if pairing is None:  # another worker's sweep has given them
                continue
            if (new := pairing.mentor.staff) is not None:
                old: Any = pairing.items_from
                given += move_open_items(child=pairing.child, old=old, new=new, by=pairing.paired_by)
            pairing.items_from = None
            pairing.save(update_fields=["items_from"])
    return given


def move_open_items(*, child: Child, old: Staff, new: Staff, by: Staff | None) -> int:
    """Give what `old` has open about the child to `new`. Returns how many."""
    new.forget_posts()
    return sum(one.moved(child, old, new, by) for one in _carried.values())


@dataclass(frozen=True, slots=True)
class Left:
    """What a mentor's leaving came to: who has a new mentor, who has none."""

    moved: tuple[Pairing, ...]
    orphaned: tuple[Child, ...]


@transaction.atomic
def mentor_leaves(
    *,
    mentor: Mentor,
    on: date,
    today: date,
    by: Staff,
    heirs: Mapping[int, Mentor | None],
    note: str = "",
    keeper: Staff | None = None,
) -> Left:
    """
    Take a mentor off the list from `on`; every child of theirs must be spoken of in `heirs` (child id → new mentor).

    A child given None stays without mentor and is returned by name: nobody is orphaned silently. What was to begin
    later begins on that day with the new one. Raises ValidationError for a child that is not spoken of or whose change
    of mentor is still to come, and as `change_mentor` does, with the child's name.
    """
    if mentor.ended_on is not None:
        raise ValidationError(f"{mentor}已于{chinese_date(mentor.ended_on)}退出。")
    if on > today:
        raise ValidationError({"on": "退出日期不能在今天以后。"})
    moved: list[Pairing] = []
    orphaned: list[Child] = []
    lasting = Pairing.objects.select_for_update(of=("self",)).not_over(today + ONE_DAY).filter(mentor=mentor)
    held = list(lasting.select_related("child__school", "mentor__staff").order_by("pk"))
    followed = followers(held)
    for pairing in held:
        child, coming = pairing.child, pairing.starts_on > today
        if pairing.pk in followed or (coming and pairing.replaces_id):
            raise ValidationError(f"{child}已定好更换代理家长，还没有生效。请先撤销这次更换，再办理退出。")
        # A helper goes without heir, and so does who was to stop anyhow on a day to come.
        inherited = pairing.role == PairingRole.ACTING_PARENT and pairing.ends_on is None
        if inherited and child.pk not in heirs:
            raise ValidationError(f"{child}刚刚也成了{mentor}的学生，请刷新后一并安排。")
        heir = heirs[child.pk] if inherited else None
        try:
            if coming:
                made = _begin_instead(pairing, heir, by)
            elif heir is not None:
                reason = Pairing.EndReason.MENTOR_LEFT
                made = change_mentor(
                    pairing=pairing, mentor=heir, on=on, today=today, by=by, reason=reason, note=note, keeper=keeper
                )
            else:
                made = None
                last, reason = max(on - ONE_DAY, pairing.starts_on), Pairing.EndReason.MENTOR_LEFT
                leave_without_heir(pairing=pairing, on=last, reason=reason, by=by, note=note, keeper=keeper)
        except ValidationError as refusal:
            raise ValidationError([f"{child}：{text}" for text in refusal.messages]) from refusal
        if made is not None:
            moved.append(made)
        elif pairing.role == PairingRole.ACTING_PARENT:
            orphaned.append(child)
    mentor.ended_on, mentor.end_note = on, note[:100]
    mentor.save(update_fields=["ended_on", "end_note"])
    return Left(tuple(moved), tuple(orphaned))


def _begin_instead(coming: Pairing, heir: Mentor | None, by: Staff) -> Pairing | None:
    """A pairing that has not begun goes; the heir, if there is one, begins on its day."""
    PlannedPairing.objects.filter(pairing=coming).update(pairing=None)
    coming.delete()
    if heir is None:
        return None
    return pair(child=coming.child, mentor=heir, on=coming.starts_on, by=by, child_view=coming.child_view)


__all__ = [
    "Carried",
    "Left",
    "OpenItem",
    "change_mentor",
    "end_or_move_end",
    "hand_over_due_items",
    "leave_without_heir",
    "mentor_leaves",
    "move_open_items",
    "open_items",
    "register",
    "take_back_pairing",
]
