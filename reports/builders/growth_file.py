"""
The growth file (一人一档): the dossier, the twelve kinds of paper with what there is of each, and the attachments.

Domain §3.1. The binder lies in a cabinet that more people open than the system lets in: counselling is never in it,
nor what is restricted to those who must know, nor the content of a letter or of an individual plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from activities.kinds import detail_lines, spec_of
from activities.models import CareRecord, Kind
from activities.models.record import Visibility
from caretrack.access.policy import DataClass, Level, Role
from caretrack.periods import chinese_date
from caretrack.schools.models import Appointment, Staff
from children.models import Award, Child, ChildFile, HealthCheck, Result
from children.models.file import GROWTH_KINDS
from children.sections import shown
from children.sight import Sight
from mentoring.models import Pairing, PlanReview, SupportPlan
from reports.builders.dossier import Dossier, build_dossier
from reports.models import MonthlyForm

NOTHING = "暂无"


@dataclass(frozen=True)
class FileRow:
    """One thing that is there: a record, a check, a plan. `by` is who wrote it; `on` is None where no day is known."""

    on: date | None
    title: str
    text: str = ""
    by: str = ""


@dataclass(frozen=True)
class Attachment:
    """A kept file; `picture` is its key among the pictures of the print, empty for what is no picture."""

    on: date
    kind: str
    title: str
    size: str
    picture: str = ""


@dataclass(frozen=True)
class Part:
    """One of the twelve kinds: what the system knows of it, what is attached, or why it is left out."""

    number: int
    title: str
    rows: tuple[FileRow, ...] = ()
    files: tuple[Attachment, ...] = ()
    withheld: bool = False

    @property
    def there(self) -> str:
        """What the contents say: 5 条，附件 2 件, or 暂无."""
        if self.withheld:
            return "未装订"
        said = [f"{len(self.rows)} 条"] if self.rows else []
        if self.files:
            said.append(f"附件 {len(self.files)} 件")
        return "，".join(said) or NOTHING

    @property
    def empty(self) -> bool:
        return not (self.withheld or self.rows or self.files)


@dataclass(frozen=True)
class GrowthFile:
    """One child's binder. `left_out` counts restricted and counselling records that are not bound."""

    dossier: Dossier
    sex: str
    born: str
    homeroom: str
    mentor: str
    parts: tuple[Part, ...]
    others: tuple[Attachment, ...]
    left_out: int

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(one for part in self.parts for one in part.files) + self.others


def build_growth_file(child: Child, *, staff: Staff, sight: Sight, on: date) -> GrowthFile:
    """
    The binder of a child as `staff`, whose sight is `sight`, may bind it on the day.

    The child's school and class must be loaded. What the person does not get is named as left out, never shown.
    """
    records = CareRecord.objects.visible_to(staff)
    dossier = build_dossier(child, sight=sight, records=records, on=on)
    kept = records.filter(child=child).exclude(kind=Kind.COUNSELLING).filter(visibility=Visibility.NORMAL)
    bound = list(kept.select_related("author").order_by("on", "pk")) if sight.level(DataClass.CARE) >= Level.OWN else []
    left_out = records.filter(child=child).count() - len(bound) if bound or sight.reads(DataClass.CARE) else 0
    files = list(ChildFile.objects.kept().visible_to(staff).filter(child=child, restricted=False).order_by("on", "pk"))
    pairing = Pairing.objects.on(on).acting_parents().kept(on).filter(child=child).select_related("mentor").first()
    posts = Appointment.objects.current(on).filter(role=Role.HOMEROOM, school_class=child.school_class_id)
    teacher = posts.select_related("staff").order_by("starts_on").last() if child.school_class_id else None
    told = _rows(child, staff, sight, bound)
    return GrowthFile(
        dossier=dossier,
        sex=child.get_sex_display(),
        born=child.birth_text,
        homeroom=teacher.staff.name if teacher else "",
        mentor=pairing.mentor.name if pairing else "",
        parts=tuple(
            Part(
                number,
                ChildFile.Kind(kind).label,
                tuple(told.get(kind) or ()),
                _attached(files, kind),
                withheld=told.get(kind, ()) is None and not _attached(files, kind),
            )
            for number, kind in enumerate(GROWTH_KINDS, start=1)
        ),
        others=tuple(one for kind in ChildFile.Kind if kind not in GROWTH_KINDS for one in _attached(files, kind)),
        left_out=left_out,
    )


def _attached(files: Sequence[ChildFile], kind: str) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            file.on,
            file.get_kind_display(),
            file.title,
            file.size_text,
            f"file-{file.pk}" if file.is_picture else "",
        )
        for file in files
        if file.kind == kind
    )


def pictures(child: Child, staff: Staff) -> Iterable[tuple[str, str]]:
    """(key, path) of the pictures that `staff` may have bound in the child's binder."""
    for file in ChildFile.objects.kept().visible_to(staff).filter(child=child, restricted=False):
        if file.is_picture and file.file:
            yield f"file-{file.pk}", file.file.path


def _rows(child: Child, staff: Staff, sight: Sight, records: Sequence[CareRecord]) -> dict[str, list[FileRow] | None]:
    """Kind of paper → what the system knows of it; None for what the person does not get."""
    kinds = ChildFile.Kind
    cares = sight.level(DataClass.CARE) >= Level.OWN
    reads = sight.reads(DataClass.CARE)

    def written(*of: str) -> list[FileRow] | None:
        return [_record(one) for one in records if one.kind in of] if cares else None

    summary = MonthlyForm.objects.filter(child=child).exclude(conduct="", problems="", next_steps="")
    plans = SupportPlan.objects.filter(child=child).select_related("made_by").order_by("starts_on", "pk")
    if not reads:
        summary, plans = summary.filter(mentor__staff=staff), plans.filter(made_by=staff)
    return {
        kinds.INTRODUCTION: _introduction(child, sight),
        kinds.TALKS: written(Kind.TALK, Kind.HOME_VISIT),
        kinds.CONDUCT: written(Kind.GOOD_DEED),
        kinds.HEALTH: _health(child) if sight.reads(DataClass.HEALTH) else None,
        kinds.LETTER_COVER: written(Kind.LETTER),
        kinds.READING: written(Kind.READING),
        kinds.HONOUR: [
            FileRow(one.on, one.title, "，".join(part for part in (one.get_scope_display(), one.evidence) if part))
            for one in Award.objects.filter(child=child).order_by("on", "pk")
        ],
        kinds.PLAN: _plans(plans) if cares else None,
        kinds.SUMMARY: [_summary(one) for one in summary.order_by("month").select_related("written_by")]
        if cares
        else None,
        kinds.REPORT: _results(child) if reads else None,
        kinds.ACTIVITY: written(
            Kind.CALL, Kind.VIDEO, Kind.PARENT_CONTACT, Kind.HOMEWORK, Kind.TUTORING, Kind.MEAL, Kind.BIRTHDAY,
            Kind.ILLNESS, Kind.OTHER,
        ),
    }  # fmt: skip


def _record(record: CareRecord) -> FileRow:
    """A record; of a letter only that it was written, when and on what occasion (domain §12 P-14)."""
    details = detail_lines(record.kind, record.detail)
    text = record.content if spec_of(record.kind).keeps_content else ""
    more = [f"{label}：{value}" for label, value in details if value]
    if record.advice:
        more.append(f"建议和措施：{record.advice}")
    title = record.get_kind_display() if record.reached else f"{record.get_kind_display()}（未联系上）"
    return FileRow(record.on, title, "\n".join([part for part in (text, _clauses(more)) if part]), record.author.name)


def _clauses(parts: Sequence[str]) -> str:
    """Sentences that people wrote, joined as clauses: each without the stop that it ended with, but the last."""
    return "；".join([*(part.rstrip("。；") for part in parts[:-1]), *parts[-1:]])


def _introduction(child: Child, sight: Sight) -> list[FileRow] | None:
    labels = (("temper", "性格"), ("hobbies", "兴趣爱好和特长"), ("wishes", "愿望"))
    if not all(sight.reads_field("children.Child", name) for name, _label in labels):
        return None
    known = [f"{label}：{value}" for name, label in labels if (value := str(shown(child, name)))]
    return [FileRow(child.created_at.date(), "档案登记", _clauses(known))] if known else []


def _health(child: Child) -> list[FileRow]:
    rows = []
    for check in HealthCheck.objects.filter(child=child).order_by("on", "pk"):
        measured = (
            ("身高", check.height_cm, "厘米"), ("体重", check.weight_kg, "千克"), ("左眼", check.sight_left, ""),
            ("右眼", check.sight_right, ""), ("血压", check.blood_pressure, ""), ("肺活量", check.lung_ml, "毫升"),
            ("胸围", check.chest_cm, "厘米"), ("五官", check.face, ""), ("结论", check.finding, ""),
        )  # fmt: skip
        text = "，".join(f"{label}{value}{unit}" for label, value, unit in measured if value not in (None, ""))
        rows.append(FileRow(check.on, "健康检查", text, check.place))
    return rows


def _plans(plans: Iterable[SupportPlan]) -> list[FileRow]:
    """Learning plans with goals and measures; of an individual plan only that it exists (domain §6.2)."""
    listed = list(plans)
    reviews: dict[int, list[str]] = {}
    for review in PlanReview.objects.filter(plan__in=[plan.pk for plan in listed]).order_by("on"):
        reviews.setdefault(review.plan_id, []).append(f"{chinese_date(review.on)}评估：{review.effect}")
    rows = []
    for plan in listed:
        told = [plan.get_state_display()]
        if plan.kind == SupportPlan.Kind.LEARNING:
            parts = (("学科", plan.subject), ("目标", plan.goals), ("措施", plan.measures), ("时间", plan.schedule))
            told += [f"{label}：{value}" for label, value in parts if value]
            told += reviews.get(plan.pk, [])
        rows.append(FileRow(plan.starts_on, plan.get_kind_display(), "\n".join(told), plan.made_by.name))
    return rows


def _summary(form: MonthlyForm) -> FileRow:
    year, month = form.month.split("-")
    parts = (("本月表现", form.conduct), ("存在问题", form.problems), ("下月打算", form.next_steps))
    text = "\n".join(f"{label}：{value}" for label, value in parts if value)
    by = form.written_by.name if form.written_by else ""
    return FileRow(form.handed_in_on, f"{year}年{int(month)}月小结", text, by)


def _results(child: Child) -> list[FileRow]:
    """
    One line a term and occasion, subjects side by side; no ranks (domain §12 P-15).

    The day of an examination is not kept, and the end of the term would be no day of it: the occasion stands alone.
    """
    found: dict[str, list[str]] = {}
    for one in Result.objects.filter(child=child).select_related("term").order_by("term__starts_on", "pk"):
        value = one.level or (f"{one.mark.normalize():f}" if one.mark is not None else "—")
        found.setdefault(f"{one.term} {one.occasion}", []).append(f"{one.subject} {value}")
    return [FileRow(None, title, "，".join(subjects)) for title, subjects in found.items()]
