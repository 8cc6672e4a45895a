"""What the dossier of a child in no class says on top: what happened, and where to go instead of filling gaps."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from caretrack.access.policy import Act, DataClass
from caretrack.periods import chinese_date
from children.models import Child, StatusChange, Transfer
from children.off_roll import OffRoll, off_roll
from children.sight import Sight
from children.transfers import HANDED_OVER

NO_MORE = "现在不在在校名册和统计里，不用再补材料；档案仍保留。"
# Figures are of a day, and the day of leaving is still a day at school; lists are of who will be there from now on.
LAST_DAY = (
    "今天是在班的最后一天，明天起不在班：名单里已经不列，今天的统计、月报和变动登记还算在内。不用再补材料；档案仍保留。"
)


@dataclass(frozen=True)
class OffRollNotice:
    """The notice: its title, what happened, and (words, address) of the ways on."""

    title: str
    text: str
    ways: list[tuple[str, str]]


def off_roll_notice(child: Child, sight: Sight) -> OffRollNotice | None:
    """None of a pupil in a class. The reason is read by those who read the family's affairs."""
    found = off_roll(child)
    if found is None:
        return None
    reasons = sight.reads(DataClass.CONTACT)
    ways = [*_ways(child, found, sight), ("回到学生名单", reverse("children:child_list"))]
    if found.left is not None and found.left.on == timezone.localdate():
        return OffRollNotice(f"{child.name}明天起不在班", f"{_left(found.left, reasons=reasons)}。{LAST_DAY}", ways)
    return OffRollNotice(f"{child.name}不在班", f"{_told(found, reasons=reasons)}{NO_MORE}", ways)


def _left(left: StatusChange, *, reasons: bool) -> str:
    why = f"（{left.reason}）" if reasons and left.reason else ""
    return f"{chinese_date(left.on)}登记“{left.get_kind_display()}”{why}"


def _told(found: OffRoll, *, reasons: bool) -> str:
    if found.left is not None:
        return f"{_left(found.left, reasons=reasons)}，那天是在班的最后一天。"
    if found.undone is not None and found.undone.corrects is not None:
        wrong = found.undone.corrects
        why = f"（{found.undone.reason}）" if reasons and found.undone.reason else ""
        return f"{chinese_date(wrong.on)}的“{wrong.get_kind_display()}”是误登，已经更正{why}。"
    return "入学登记已经撤销，谁在什么时候撤销的见“修改记录”。"


def _ways(child: Child, found: OffRoll, sight: Sight) -> list[tuple[str, str]]:
    if not sight.may(Act.CHILD_EDIT):
        return []
    again = reverse("children:change_kinds", args=[child.pk])
    if found.left is None:
        return [("应当在校，重新登记入学", again), ("看修改记录", reverse("children:child_history", args=[child.pk]))]
    ways = [("又回来了，登记复学或转入", again)]
    if sight.may(Act.TRANSFER) and found.left.kind in HANDED_OVER:
        sent = Transfer.objects.filter(line=found.left, cancelled_on__isnull=True).values_list("pk", flat=True).first()
        ways.append(
            ("看档案移交", reverse("children:transfer_show", args=[sent]))
            if sent
            else ("移交档案", reverse("children:transfer_late", args=[found.left.pk]))
        )
    return [*ways, ("登记错了，更正", reverse("children:change_correct", args=[found.left.pk]))]
