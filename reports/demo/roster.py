"""One roster that came in as an Excel file: read, checked and confirmed as on the page, so that it can be undone."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from children.importing.batches import check, confirm, plan_token, take_file
from children.importing.template import template_workbook
from children.models import ImportBatch
from reports.demo.clock import Calendar
from reports.demo.families import Pupil
from reports.demo.township import Site

GRADES = "一二三四五六"
NEW_HOBBIES = ("乒乓球、画画", "唱山歌", "下象棋、阅读", "跳绳、跑步")


def import_roster(calendar: Calendar, site: Site, pupils: list[Pupil]) -> None:
    """The class teacher of the fifth grade sent what had been filled in at home; the registrar imported it."""
    own = [p for p in pupils if p.child.school_id == site.school.pk and p.grade == 5 and p.child.student_no]
    if not own:
        return
    on = calendar.today
    rows = [_row(pupil, number) for number, pupil in enumerate(own)]
    day = f"{on.year}年{on.month}月{on.day}日"
    content = template_workbook(f"{site.school.name}五年级学生信息补充表", day, rows)
    batch = take_file(school=site.school, by=site.registrar, name="五年级学生信息补充表.xlsx", content=content, on=on)
    check(batch, site.registrar)
    confirm(batch, by=site.registrar, token=plan_token(batch))
    moment = timezone.make_aware(datetime.combine(_working_day(on), time(16, 25)))
    done = moment + timedelta(minutes=6)
    ImportBatch.objects.filter(pk=batch.pk).update(uploaded_at=moment, confirmed_at=done, done_at=done)


def _row(pupil: Pupil, number: int) -> dict[str, str]:
    child = pupil.child
    return {
        "学籍号": child.student_no,
        "姓名": child.name,
        "性别": child.get_sex_display(),
        "出生日期": f"{child.birth_date:%Y-%m-%d}",
        "年级": f"{GRADES[pupil.grade - 1]}年级",
        "班级": str(pupil.school_class.number),
        "兴趣特长": NEW_HOBBIES[number % len(NEW_HOBBIES)] if number < len(NEW_HOBBIES) else "",
    }


def _working_day(today: date) -> date:
    """The last weekday before today."""
    day = today - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day
