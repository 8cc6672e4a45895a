"""Letters to families: texts in versions, sending, reply slips, and what is printed (domain §13 no. 61)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from activities.family.feedback import parents_away
from activities.family.month import teacher_name
from activities.models import ActivityParticipant, CareRecord, HomeLetter, Kind, LetterText
from activities.models.home_letter import HomeLetterQuerySet
from activities.models.record import Visibility
from caretrack.access.policy import DataClass, Level
from caretrack.merging import check, filled
from caretrack.periods import chinese_date
from caretrack.schools.models import School, Staff, Term
from children.models import Child
from children.models.child import ChildQuerySet
from children.queries import carers_of

#: Name → what stands for it when the letter is shown without a child.
LETTER_FIELDS = {
    "学生": "学生姓名",
    "班级": "所在班级",
    "学校": "学校全称",
    "家长": "外出父母的姓名，没有登记的写“家长”",
    "监护人": "实际照料孩子的人",
    "老师": "发信的老师",
    "学期": "现在的学期",
    "日期": "打印的日期",
    "谈心次数": "本学期谈心几次",
    "活动次数": "本学期参加活动几次",
}


@dataclass(frozen=True)
class Shipped:
    """A letter to begin with."""

    kind: str
    title: str
    text: str
    question: str = ""
    options: tuple[str, ...] = ()


SHIPPED = (
    Shipped(
        LetterText.Kind.BEGIN,
        "新学期致家长的一封信",
        "尊敬的{{家长}}：\n您好！{{学期}}已经开始，{{学生}}在{{班级}}学习和生活。您在外辛苦，孩子在校请放心。\n"
        "新学期请您做到：每周和孩子通一次电话或视频，每月和老师联系一次；告诉孩子您什么时候回家；"
        "电话或住址变了，请及时告诉{{老师}}。孩子平时由{{监护人}}照料，也请您常和老人说说孩子的事。\n"
        "感谢您对学校的信任。",
        "您打算怎样和老师保持联系？",
        ("电话", "微信", "回家时到校"),
    ),
    Shipped(
        LetterText.Kind.END,
        "期末致家长的一封信",
        "尊敬的{{家长}}：\n您好！{{学期}}就要结束了。这个学期老师和{{学生}}谈心{{谈心次数}}次，孩子参加了学校活动{{活动次数}}次，"
        "每一点进步都离不开您的牵挂。\n假期里请特别注意：不到河塘水库玩水，不私自外出，注意用电用火和交通安全；"
        "请和{{监护人}}商量好孩子的作息，每周至少联系一次。",
        "假期孩子由谁照看？",
        ("父亲或母亲", "祖辈", "其他亲属"),
    ),
    Shipped(
        LetterText.Kind.SPRING,
        "春节致返乡家长的一封信",
        "尊敬的{{家长}}：\n新春好！{{学生}}盼着和您团圆。回家的日子里，请多陪孩子吃饭、聊天、走亲戚，"
        "听孩子说说学校的事，也欢迎您到{{学校}}和{{老师}}见一面。\n离家前，请和孩子说好下次回来的时间，"
        "把照料的事当面托付给{{监护人}}，并告诉老师。",
        "春节期间您能到校和老师见面吗？",
        ("能", "不能", "电话联系"),
    ),
)


def take_shipped(school: School, by: Staff, on: date) -> int:
    """Put the shipped letters among those of a school; kinds that it has already are left. Returns how many came."""
    there = set(LetterText.objects.filter(school=school).current().values_list("kind", flat=True))
    new = [letter for letter in SHIPPED if letter.kind not in there]
    for letter in new:
        LetterText.objects.create(
            school=school, kind=letter.kind, title=letter.title, text=letter.text, question=letter.question,
            options=list(letter.options), made_by=by, made_on=on,
        )  # fmt: skip
    return len(new)


@transaction.atomic
def save_text(row: LetterText, *, replaces: LetterText | None, by: Staff, on: date) -> LetterText:
    """
    Save a new letter, or the next version of one.

    Raises ValidationError for unknown fields, and when somebody else has written the next version meanwhile.
    """
    check(row.text, LETTER_FIELDS)
    row.made_by, row.made_on = by, on
    if replaces is not None:
        row.school, row.replaces, row.number = replaces.school, replaces, replaces.number + 1
    row.full_clean(exclude=["change", "replaces"])
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ValidationError("这封信刚刚被别的老师改过。请另开窗口查看新的一版，再决定怎样改。") from error
    return row


def readers(staff: Staff, school: School) -> ChildQuerySet:
    """Children of a school whose families `staff` may write to."""
    care = Child.objects.visible_to(staff, DataClass.CARE, Level.READ).order_by().values("pk")
    seen = Child.objects.visible_to(staff, DataClass.CONTACT)
    return seen.filter(pk__in=care, school=school).on_roll()


@transaction.atomic
def send(text: LetterText, children: Sequence[Child], *, on: date, return_by: date | None, by: Staff) -> int:
    """
    Note that a letter goes to these families; who has had it this term keeps it. Returns how many are new.

    The same letter goes out again in another term, with a slip of its own.

    Raises ValidationError when the answer is wanted before the letter goes out.
    """
    if return_by is not None and return_by < on:
        raise ValidationError({"return_by": "回执截止日期不能早于发出日期。"})
    list(Child.objects.select_for_update().filter(pk__in=[c.pk for c in children]).order_by("pk").values_list("pk"))
    sent = HomeLetter.objects.filter(text=text, child__in=[c.pk for c in children])
    term = Term.objects.current(text.school, on)
    there = set((sent.in_term(term) if term else sent.filter(on=on)).values_list("child", flat=True))
    new = [child for child in children if child.pk not in there]
    asked = return_by if text.question else None
    HomeLetter.objects.bulk_create(
        [HomeLetter(text=text, child=child, on=on, return_by=asked, sent_by=by) for child in new]
    )
    return len(new)


@transaction.atomic
def take_back(rows: HomeLetterQuerySet, *, by: Staff, today: date) -> list[int]:
    """Noted for the wrong families: of `rows` what `by` noted as sent today goes. Returns the ids of the children."""
    noted = dict(rows.noted_by(by, today).values_list("pk", "child"))
    HomeLetter.objects.filter(pk__in=noted, returned_on__isnull=True).delete()
    return list(noted.values())


def take_slips(rows: Iterable[HomeLetter], *, on: date, choice: str) -> int:
    """
    The slips of these letters came back with one choice. Returns how many.

    Raises ValidationError for a day before the letter went out or a choice that the slip does not offer.
    """
    listed = list(rows)
    for row in listed:
        if on < row.on:
            raise ValidationError(f"{row.child.name}的信是{chinese_date(row.on)}发出的，收回日期不能更早。")
        if choice and choice not in row.text.options:
            raise ValidationError("回执上没有这个选项。")
        row.returned_on, row.choice = on, choice
        row.save(update_fields=["returned_on", "choice"])
    return len(listed)


@dataclass(frozen=True)
class LetterPaper:
    """One letter on paper, with its slip."""

    title: str
    school: str
    paragraphs: tuple[str, ...]
    question: str
    options: tuple[str, ...]
    child: str
    class_name: str
    on: date


def letter_papers(text: LetterText, children: Iterable[Child], *, by: Staff, on: date) -> list[LetterPaper]:
    """The letter for each of these children (school and class loaded). A constant number of statements."""
    listed = list(children)
    ids = [child.pk for child in listed]
    away, carers, term = parents_away(ids), carers_of(ids), Term.objects.current(text.school, on)
    talks, joined = _counts(ids, term)
    papers = []
    for child in listed:
        parents = [parent.name for parent in away.get(child.pk, ()) if parent.name]
        values = {
            "学生": child.name,
            "班级": child.class_name(on),
            "学校": text.school.name,
            "家长": "、".join(parents) or "家长",
            "监护人": carers.get(child.pk, "家人").split(" ")[-1],
            "老师": teacher_name(by),
            "学期": str(term) if term else "本学期",
            "日期": f"{on.year}年{on.month}月{on.day}日",
            "谈心次数": str(talks.get(child.pk, 0)),
            "活动次数": str(joined.get(child.pk, 0)),
        }
        said = filled(text.text, values)
        papers.append(
            LetterPaper(
                text.title,
                text.school.name,
                tuple(line.strip() for line in said.splitlines() if line.strip()),
                text.question,
                tuple(text.options),
                child.name,
                values["班级"],
                on,
            )
        )
    return papers


def _counts(ids: list[int], term: Term | None) -> tuple[dict[int, int], dict[int, int]]:
    """(talks, activities) of the term by child; restricted talks are not told to the family."""
    if term is None:
        return {}, {}
    talks: Any = CareRecord.objects.reached().between(term.starts_on, term.ends_on).filter(
        child__in=ids, kind=Kind.TALK, visibility=Visibility.NORMAL
    )  # fmt: skip
    joined: Any = ActivityParticipant.objects.present().filter(
        Q(came=True), child__in=ids, activity__on__gte=term.starts_on, activity__on__lte=term.ends_on
    )
    return tuple(  # type: ignore[return-value]
        dict(rows.order_by().values("child").annotate(number=Count("pk")).values_list("child", "number"))
        for rows in (talks, joined)
    )
