"""Sentences that a teacher uses again: one's own, at most a page of them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from activities.models import Kind, Phrase
from caretrack.fixed import fixed
from caretrack.schools.models import Staff

MOST = 60
LONGEST = Phrase._meta.get_field("text").max_length or 200
#: To begin with; each teacher changes or deletes them freely.
STARTERS = (
    (Kind.TALK, "和父母视频后情绪明显好转，愿意主动说话。"),
    (Kind.TALK, "肯定了最近的进步，约定每天按时完成作业。"),
    (Kind.TALK, "提醒放学结伴回家，不到河边、水库玩水。"),
    (Kind.HOME_VISIT, "家中整洁，有固定的学习桌，祖辈照料尽心。"),
    (Kind.HOME_VISIT, "请监护人每天检查作业签字，控制看手机的时间。"),
    (Kind.PARENT_CONTACT, "向家长通报了近期学习和生活情况，家长表示配合。"),
    (Kind.TUTORING, "讲解错题，当堂重做，已能独立完成。"),
)


def phrases_of(staff: Staff) -> "QuerySet[Phrase]":
    """One's own sentences, those of a kind together."""
    return Phrase.objects.filter(owner=staff).order_by("kind", "pk")


def phrases_for(staff: Staff, kind: str) -> list[Phrase]:
    """Those offered while writing a record of the kind: its own first, then those for every kind."""
    return sorted(_offered(staff.pk, str(kind)), key=lambda phrase: (phrase.kind == "", phrase.pk))


@fixed
def _offered(owner: int, kind: str) -> "QuerySet[Phrase]":
    return Phrase.objects.filter(Q(kind=kind) | Q(kind=""), owner=owner)


@transaction.atomic
def keep_phrase(*, owner: Staff, text: str, kind: str = "") -> tuple[Phrase, bool]:
    """
    Keep a sentence; the same one again is not kept twice (then False).

    Raises ValidationError without words, for a sentence that is too long, and when the page is full.
    """
    words = " ".join(text.split())
    if not words:
        raise ValidationError({"text": "请写一句话。"})
    if len(words) > LONGEST:
        raise ValidationError({"text": f"常用语最多 {LONGEST} 个字，请选短一些的一句。"})
    own = Phrase.objects.filter(owner=owner)
    if same := own.filter(text=words, kind__in=(kind, "")).first():
        return same, False
    if own.count() >= MOST:
        raise ValidationError(f"常用语已有 {MOST} 句，请先删去不用的。")
    return Phrase.objects.create(owner=owner, text=words, kind=kind), True


def begin_with_starters(owner: Staff) -> int:
    """Put the first sentences onto the page; returns how many were new."""
    return sum(keep_phrase(owner=owner, text=text, kind=kind)[1] for kind, text in STARTERS)
