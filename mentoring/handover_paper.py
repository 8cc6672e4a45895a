"""代理家长工作移交书: what the next one must know of each child, for both to sign. Phones are masked on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from caretrack.masking import mask_phone
from caretrack.periods import chinese_date
from children.models import CareArrangement, Phone
from children.not_called import phones_to_call
from mentoring.handover import OpenItem, open_items
from mentoring.models import Mentor, Pairing, SupportPlan
from mentoring.queries import followers

PHONES = 2


@dataclass(frozen=True)
class HandedChild:
    """One child of the book. `receiver` is empty where nobody has been named yet."""

    name: str
    sex: str
    class_name: str
    since: date
    until: date | None
    reason: str
    receiver: str
    carer: str
    phones: tuple[str, ...]
    plans: tuple[str, ...]
    contacts: tuple[str, ...]
    open: tuple[OpenItem, ...]


@dataclass(frozen=True)
class HandoverPaper:
    """The whole book."""

    school: str
    mentor: str
    title: str
    on: date
    children: tuple[HandedChild, ...]
    receivers: tuple[str, ...]


def handover_paper(
    *, mentor: Mentor, pairings: list[Pairing], contacts: Mapping[int, tuple[str, ...]], on: date
) -> HandoverPaper:
    """
    The book of `pairings` (child, class and school loaded) of the mentor, in seven statements.

    `contacts` are the last contacts in words, by child. Individual plans are not on it: they are for named eyes.
    """
    ids = [pairing.child_id for pairing in pairings]
    next_of = followers(pairings)
    carers = {
        care.child_id: str(care.carer) if care.carer else ""
        for care in CareArrangement.objects.open().filter(child__in=ids).select_related("carer")
    }
    phones = phones_to_call(ids)
    plans: dict[int, list[str]] = {}
    running = SupportPlan.objects.filter(child__in=ids, kind=SupportPlan.Kind.LEARNING, state=SupportPlan.State.OPEN)
    for plan in running.order_by("starts_on"):
        review = f"，{chinese_date(plan.review_on)}评估" if plan.review_on else ""
        plans.setdefault(plan.child_id, []).append(f"{plan.subject or '学习'}：{plan.goals}{review}")
    promised: dict[int, list[OpenItem]] = {}
    for item in open_items(ids):
        promised.setdefault(item.child_id, []).append(item)
    children = []
    for pairing in pairings:
        child, follower = pairing.child, next_of.get(pairing.pk)
        children.append(
            HandedChild(
                name=child.name,
                sex=child.get_sex_display(),
                class_name=child.class_name(on),
                since=pairing.starts_on,
                until=pairing.ends_on,
                reason=pairing.get_end_reason_display(),
                receiver=follower.mentor.name if follower else "",
                carer=carers.get(child.pk, ""),
                phones=tuple(_masked(one) for one in phones[child.pk][:PHONES]),
                plans=tuple(plans.get(child.pk, ())),
                contacts=contacts.get(child.pk, ()),
                open=tuple(promised.get(child.pk, ())),
            )
        )
    receivers = tuple(dict.fromkeys(one.receiver for one in children if one.receiver))
    return HandoverPaper(mentor.school.name, mentor.name, mentor.title, on, tuple(children), receivers)


def _masked(phone: Phone) -> str:
    who = phone.member.get_relation_display() if phone.member else phone.answered_by
    return f"{who} {mask_phone(phone.number)}".strip()
