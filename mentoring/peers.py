"""手拉手、一帮一、小老师: pupils who help each other, on a card, looked at from time to time (system 30)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from caretrack.periods import chinese_date
from caretrack.schools.models import Staff
from children.models import Child
from mentoring.models import PeerCheck, PeerPairing


@transaction.atomic
def pair_peers(*, child: Child, peer: Child, kind: str, on: date, today: date) -> PeerPairing:
    """
    Let `peer` help `child` from `on`.

    Raises ValidationError for a future day, children of two schools, who is not in a class, oneself, and a pair that
    stands already.
    """
    if on > today:
        raise ValidationError({"starts_on": "结对日期不能在今天以后。"})
    if child.school_id != peer.school_id or child.school_class_id is None or peer.school_class_id is None:
        raise ValidationError({"peer": "两名学生都要是本校在读的学生。"})
    pair = PeerPairing(child=child, peer=peer, kind=kind, starts_on=on)
    pair.full_clean(exclude=["change"])
    try:
        with transaction.atomic():
            pair.save()
    except IntegrityError as error:
        raise ValidationError("这两名学生刚刚已经由别人安排了。") from error
    return pair


@transaction.atomic
def end_peers(*, pair: PeerPairing, on: date, effect: str) -> PeerPairing:
    """The last day of a pair and what came of it. Raises ValidationError if it has ended, or ends before it began."""
    current = PeerPairing.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if current.ends_on is not None:
        raise ValidationError(f"这对同伴已于{chinese_date(current.ends_on)}结束。")
    current.ends_on, current.effect = on, effect.strip() or current.effect
    current.full_clean(exclude=["change"])
    current.save(update_fields=["ends_on", "effect"])
    return current


@transaction.atomic
def check_peers(*, pair: PeerPairing, on: date, effect: str, note: str, today: date, by: Staff) -> PeerCheck:
    """Look at how a pair does. Raises ValidationError for a future day, or one before the pair began."""
    if on > today or on < pair.starts_on:
        raise ValidationError({"on": f"检查日期要在{chinese_date(pair.starts_on)}到今天之间。"})
    return PeerCheck.objects.create(pair=pair, on=on, effect=effect, note=note, checked_by=by)


def end_peers_of(*, child: Child, on: date, by: Staff | None) -> None:
    """A child leaves school on `on`: it helps nobody and is helped by nobody any longer."""
    for pair in PeerPairing.objects.filter(Q(child=child) | Q(peer=child), ends_on__isnull=True):
        pair.ends_on, pair.ended_by_leaving = max(on, pair.starts_on), True
        pair.save(update_fields=["ends_on", "ended_by_leaving"])


def reopen_peers_of(*, child: Child, left_on: date) -> None:
    """The leaving is taken back: the pairs that it ended help each other again, where both are at school."""
    ended = PeerPairing.objects.filter(
        Q(child=child) | Q(peer=child),
        ended_by_leaving=True,
        ends_on__gte=left_on,
        child__school=F("peer__school"),
        child__school_class__isnull=False,
        peer__school_class__isnull=False,
    )
    running = PeerPairing.objects.filter(ends_on__isnull=True)
    for pair in ended.order_by("-starts_on", "-pk"):
        if not running.filter(child=pair.child_id, peer=pair.peer_id, kind=pair.kind).exists():
            pair.ends_on, pair.ended_by_leaving = None, False
            pair.save(update_fields=["ends_on", "ended_by_leaving"])
