"""Changing what a school promises, always with effect from a day: what was asked before stays as it was (domain §8)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q

from activities.compliance.evidence import refusal, wrong_occasions
from activities.models import Programme, ProgrammeItem
from caretrack.periods import Month, chinese_date
from caretrack.schools.models import School, Term

ONE_DAY = timedelta(days=1)
OWN = "own"


def earliest_change(school: School, today: date) -> date:
    """The first day from which promises may be changed: that of the running reporting month. Months before are told."""
    return Month.of(today, school.closing_day).first


def next_month(school: School, today: date) -> date:
    """The first day of the next reporting month: where a change cuts no month in two."""
    return Month.of(today, school.closing_day).next().first


def check_begins(school: School, on: date, today: date) -> None:
    """
    Whether a programme may begin on a day: the term that runs may still be asked for, what was before is told.

    Raises ValidationError (field on).
    """
    term = Term.objects.current(school, today)
    first = min(earliest_change(school, today), term.starts_on) if term else earliest_change(school, today)
    if on < first:
        raise ValidationError({"on": f"以前学期的月份已经上报，最早从{chinese_date(first)}起启用。"})


def found_programme(*, school: School, name: str, source: str, on: date) -> Programme:
    """A programme of the school's own, still without items. Raises ValidationError when the name is taken."""
    if Programme.objects.filter(school=school, name=name, ends_on__isnull=True).exists():
        raise ValidationError({"name": "已有同名的项目，请换一个名称。"})
    number = Programme.objects.filter(school=school, code__startswith=OWN).count() + 1
    programme = Programme(school=school, code=f"{OWN}{number}", name=name, source=source, starts_on=on)
    programme.full_clean(exclude=["change"])
    programme.save()
    return programme


@transaction.atomic
def stop_programme(*, programme: Programme, on: date, today: date) -> Programme:
    """
    Let a programme end; `on` is its last day. Its items end with it and past figures stay.

    Raises ValidationError if it has ended, or the day is before its beginning or in a month that is over.
    """
    current = Programme.objects.select_for_update().select_related("school").get(pk=programme.pk)
    if current.ends_on is not None:
        raise ValidationError(f"这个项目已于{chinese_date(current.ends_on)}停用。")
    if on < current.starts_on:
        raise ValidationError({"on": f"不能早于启用日期{chinese_date(current.starts_on)}。"})
    if on < earliest_change(current.school, today) - ONE_DAY:
        raise ValidationError({"on": "已经结束的月份不能再改，最早可以停用到上个统计月的最后一天。"})
    current.ends_on = on
    current.save(update_fields=["ends_on"])
    return current


@transaction.atomic
def resume_programme(*, programme: Programme, today: date) -> Programme:
    """
    Take the end of a programme back, as if it had not been stopped.

    Raises ValidationError if it runs, the end lies in a month that is over, or the school follows it anew.
    """
    current = Programme.objects.select_for_update().select_related("school").get(pk=programme.pk)
    if not may_resume(current, today):
        raise ValidationError("停用以后已经过了一个统计月，不能再撤销，请重新启用。")
    same = Programme.objects.filter(Q(code=current.code) | Q(name=current.name), school=current.school)
    longer = same.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=current.ends_on))
    if longer.exclude(pk=current.pk).exists():
        raise ValidationError("这个项目已经重新启用。")
    current.ends_on = None
    current.save(update_fields=["ends_on"])
    return current


def may_resume(programme: Programme, today: date) -> bool:
    """Whether it was stopped with effect from no month that is over. Needs `school` loaded."""
    return programme.ends_on is not None and programme.ends_on >= earliest_change(programme.school, today) - ONE_DAY


@transaction.atomic
def add_item(*, programme: Programme, facts: Mapping[str, Any], on: date, today: date) -> ProgrammeItem:
    """A new item at the end of the programme, in force from `on`. Raises ValidationError as `_checked` does."""
    _demand_open(programme, on, today)
    last = programme.items.aggregate(last=Max("order"))["last"] or 0
    return _checked(ProgrammeItem(programme=programme, order=last + 1, starts_on=on, **facts))


@transaction.atomic
def change_item(*, item: ProgrammeItem, facts: Mapping[str, Any], on: date, today: date) -> ProgrammeItem:
    """
    Ask for something else in the same place from `on`: the old version ends the day before.

    A version that has not begun yet is changed itself. Raises ValidationError if the item has ended or facts are wrong.
    """
    current = _current(item)
    _demand_open(current.programme, on, today)
    if on <= _begins(current):
        for name, value in facts.items():
            setattr(current, name, value)
        return _checked(current)
    current.ends_on = on - ONE_DAY
    current.save(update_fields=["ends_on"])
    return _checked(ProgrammeItem(programme=current.programme, order=current.order, starts_on=on, **facts))


@transaction.atomic
def remove_item(*, item: ProgrammeItem, on: date, today: date) -> None:
    """Ask for an item no longer from `on`. One that never was in force goes altogether."""
    current = _current(item)
    _demand_open(current.programme, on, today)
    if on <= _begins(current):
        current.delete()
    else:
        current.ends_on = on - ONE_DAY
        current.save(update_fields=["ends_on"])


@transaction.atomic
def keep_item(*, item: ProgrammeItem, today: date) -> ProgrammeItem:
    """
    Ask for an item on that was to be asked for no longer.

    Raises ValidationError if its end lies in a month that is over, or another version has taken its place.
    """
    current = ProgrammeItem.objects.select_for_update(of=("self",)).select_related("programme__school").get(pk=item.pk)
    if not may_keep(current, today):
        raise ValidationError("这一项已经不在要求里，或者已由新的要求代替，请用“加一项内容”。")
    current.ends_on = None
    current.save(update_fields=["ends_on"])
    return current


def may_keep(item: ProgrammeItem, today: date) -> bool:
    """Whether its end can be taken back. Needs `programme__school` loaded."""
    programme = item.programme
    if item.ends_on is None or programme.ends_on is not None:
        return False
    if item.ends_on < earliest_change(programme.school, today) - ONE_DAY:
        return False
    return not programme.items.filter(order=item.order, starts_on__gt=item.ends_on).exists()


def _current(item: ProgrammeItem) -> ProgrammeItem:
    current = ProgrammeItem.objects.select_for_update(of=("self",)).select_related("programme__school").get(pk=item.pk)
    if current.ends_on is not None:
        raise ValidationError(f"这一项只要求到{chinese_date(current.ends_on)}，不能再调整；要继续要求请先撤销去掉。")
    return current


def _begins(item: ProgrammeItem) -> date:
    return max(item.starts_on or item.programme.starts_on, item.programme.starts_on)


def _demand_open(programme: Programme, on: date, today: date) -> None:
    """Raises ValidationError unless the programme runs and the day lies in no month that is over."""
    if programme.ends_on is not None:
        raise ValidationError("这个项目已经停用，不能再调整。")
    if on < programme.starts_on:
        raise ValidationError({"on": f"生效日期不能早于项目启用日期{chinese_date(programme.starts_on)}。"})
    if programme.starts_on <= on < earliest_change(programme.school, today) and programme.starts_on < today:
        first = earliest_change(programme.school, today)
        raise ValidationError({"on": f"已经结束的月份不能再改，最早从{chinese_date(first)}生效。"})


def _checked(item: ProgrammeItem) -> ProgrammeItem:
    """Save the item. Raises ValidationError when it cannot be proven as it says."""
    item.full_clean(exclude=["change"])
    if wrong := refusal(item.subject, item.period, item.evidence):
        raise ValidationError({"evidence": wrong})
    if wrong := wrong_occasions(item.subject, item.period, item.applies_to.get("occasions", ())):
        raise ValidationError({"occasions": wrong})
    item.save()
    return item
