"""What the workbench says about care: talks missing, what was promised, birthdays, how the school stands."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from activities.birthdays import calendar_for, kept_already, kept_days
from activities.forms.follow_ups import CloseForm
from activities.models import CareRecord, FollowUp, Kind
from activities.queries import (
    LastTalk,
    cared_for,
    days_since,
    lines,
    occasions,
    own_children,
    talk_rows,
    talks_by_class,
    told_own_only,
    without_talk,
    worrying,
)
from activities.views.follow_ups import follow_up_rows
from activities.views.links import children_url, dossier_url
from activities.views.reading import school_month, silence
from caretrack.access.policy import Act, Role
from caretrack.access.scopes import children_reached_by
from caretrack.fixed import fixed, tally
from caretrack.schools.class_names import class_labels
from caretrack.schools.models import School, SchoolClass, Staff
from caretrack.web import drafts, workbench
from caretrack.web.workbench import Figure, Panel
from children.completeness import completeness, incomplete
from children.left_behind import Definition, facts_from, own_facts, seed_case
from children.models import Child, StatusChange, codes
from children.queries import ever_away, places_of, term_start

SHOWN = 8
NEAR = 14
SILENT = (
    "name",
    *(
        "school_class__entry_year",
        "school_class__number",
        "school_class__graduates_year",
        "school_class__school__stage",
    ),
)
SOON = timedelta(days=7)
LATELY = timedelta(days=45)
LEADS = frozenset({Role.CARE_LEAD, Role.PRINCIPAL})


def _list(name: str, query: str = "") -> str:
    return reverse(name) + (f"?{query}" if query else "")


def unfinished(staff: Any, today: date) -> Panel | None:
    """What one began to type and did not save."""
    begun = drafts.open_drafts(staff)
    if not begun:
        return None
    data = {"drafts": drafts.with_names(staff, begun[:5])}
    return Panel("没写完的", "activities/panels/drafts.html", data, url=reverse("drafts:list"), link="全部")


def talks(staff: Any, today: date) -> Panel | None:
    """Class teacher and mentor: who was not talked with this month, longest silence first."""
    if staff.roles().isdisjoint({Role.HOMEROOM, Role.MENTOR}):
        return None
    month = school_month(staff, today)
    total = len(_own_cared_for(staff))
    missing = _own_silent(staff, month.first, month.last)
    written = sum(number for (number,) in _written(staff, month.first, month.last))
    url = _list("activities:silence_list", "mine=on&missing=on")
    figures = (
        Figure(
            "本月还没谈心",
            len(missing),
            url,
            "人",
            hint=f"留守和重点学生 {total} 人",
            tone="bad" if missing else "good",
        ),
        Figure(
            "本月我记的",
            written,
            _list("activities:record_list", f"author=me&month={month.key}"),
            "人次",
            hint=f"{month.label}统计期",
        ),
    )
    shown = missing[:SHOWN]
    unheard = told_own_only(staff, [child.pk for child in shown if child.last_talk_on is None])
    data = {
        "rows": [silence(c, today, month, last=c.last_talk_on, own_only=c.pk in unheard) for c in shown],
        "total": total,
        "talked": total - len(missing),
        "hidden": max(len(missing) - SHOWN, 0),
        "url": url,
        "month": month,
    }
    return Panel("本月还没谈心", "activities/panels/talks.html", data, url=url, link="全部", figures=figures)


@fixed
def _own_cared_for(staff: Staff) -> QuerySet[Child]:
    wanted = cared_for(Child.objects.filter(own_children(staff)))
    return wanted.only("name", "pinyin", "birth_date", "birth_precision", "birth_lunar")


@fixed
def _own_silent(staff: Staff, first: date, last: date) -> QuerySet[Child]:
    wanted = cared_for(Child.objects.filter(own_children(staff)))
    return without_talk(wanted, first, last, staff).select_related("school_class__school").only(*SILENT)


@fixed
def _written(staff: Staff, first: date, last: date) -> QuerySet[CareRecord, Any]:
    return tally(CareRecord.objects.filter(author=staff).between(first, last), number=Count("pk"))


def promises(staff: Any, today: date) -> Panel | None:
    """What this person promised, due within a week or overdue."""
    if not staff.may(Act.RECORD_WRITE):
        return None
    due = _promised(staff, today + SOON)
    now = sum(follow_up.due_on <= today for follow_up in due)
    url = _list("activities:follow_up_list", "owner=me")
    figure = Figure("到期的跟进", now, f"{url}&state=due", "项", tone="warn" if now else "good")
    if not due:
        return Panel(figures=(figure,))
    home = reverse("workbench")
    data = {
        "rows": follow_up_rows(due[:SHOWN], today, home, staff),
        "hidden": max(len(due) - SHOWN, 0),
        "url": url,
        "close_form": CloseForm(),
    }
    return Panel("要跟进的", "activities/panels/follow_ups.html", data, url=url, link="全部", figures=(figure,))


@fixed
def _promised(staff: Staff, until: date) -> QuerySet[FollowUp]:
    due = FollowUp.objects.promised_by(staff).due_by(until)
    return due.select_related("child__school_class__school", "owner", "given_by", "record").order_by("due_on", "pk")[
        :100
    ]


def near_birthdays(staff: Any, today: date) -> Panel | None:
    """Class teacher and mentor: birthdays within two weeks, and of a holiday those kept before it."""
    if staff.roles().isdisjoint({Role.HOMEROOM, Role.MENTOR}):
        return None
    days = kept_days(_own_cared_for(staff), calendar_for(staff), today, NEAR)
    done = kept_already(days, staff)
    near = sorted(((day, one) for day in days for one in day.people), key=lambda found: found[0].due(today))
    rows = [
        {
            "child": b.child,
            "on": b.on,
            "keep_on": day.keep_on if day.early and day.due(today) == day.keep_on else None,
            "days": (day.due(today) - today).days,
            "kept_on": done.get(b.child.pk),
            "turns": b.turns,
            "lunar": b.lunar,
            "dossier": dossier_url(b.child),
        }
        for day, b in near[:SHOWN]
    ]
    data = {"rows": rows, "hidden": max(len(near) - SHOWN, 0)}
    url = reverse("activities:festive_days")
    return Panel("近两周过生日", "activities/panels/birthdays.html", data, url=url, link="全部", side=True)


def dossiers(staff: Any, today: date) -> Panel | None:
    """Class teacher: how complete the dossiers of the class are."""
    classes = staff.classes_as(Role.HOMEROOM)
    if not classes:
        return None
    children = _pupils(tuple(at.pk for at in classes))
    answers = completeness(children, since=term_start(staff.home_school(), today))
    open_ones = sorted((c for c in children if not answers[c.pk].done), key=lambda c: answers[c.pk].percent)
    rows = [
        {"child": c, "gaps": len(answers[c.pk].gaps), "percent": answers[c.pk].percent, "dossier": dossier_url(c)}
        for c in open_ones[:5]
    ]
    url = children_url("incomplete=on" + (f"&school_class={classes[0].pk}" if len(classes) == 1 else ""))
    data = {"rows": rows, "done": len(children) - len(open_ones), "total": len(children)}
    return Panel("本班建档", "activities/panels/dossiers.html", data, url=url, link="未完成的", side=True)


@fixed
def _pupils(classes: tuple[int, ...]) -> QuerySet[Child]:
    return Child.objects.filter(school_class__in=classes).by_name()


def written_lately(staff: Any, today: date) -> Panel | None:
    """The records one wrote last."""
    if not staff.may(Act.RECORD_WRITE):
        return None
    found = lines(_lately(staff), staff)
    url = _list("activities:record_list", "author=me")
    return Panel("我最近记的", "activities/panels/lately.html", {"lines": found}, url=url, link="全部", side=True)


@fixed
def _lately(staff: Staff) -> QuerySet[CareRecord]:
    own = occasions(CareRecord.objects.written_by(staff))
    return own.select_related("child").order_by("-created_at")[:5]


def _led_by(staff: Staff) -> QuerySet[Child]:
    return Child.objects.filter(children_reached_by(staff, LEADS)).on_roll()


@fixed
def _talks_led(staff: Staff) -> QuerySet[Child, Any]:
    return talk_rows(cared_for(_led_by(staff)))


@fixed
def _facts_led(staff: Staff) -> QuerySet[Child, Any]:
    return own_facts(_led_by(staff).filter(ever_away()))


@fixed
def _counted_led(staff: Staff) -> QuerySet[Child, Any]:
    return tally(_led_by(staff), pupils=Count("pk"), key=Count("pk", filter=Q(support_level__in=codes.KEY_LEVELS)))


@fixed
def _leaving(schools: tuple[int, ...], on: date) -> QuerySet[StatusChange, Any]:
    return tally(StatusChange.objects.last_day(on).filter(school__in=schools), number=Count("pk"))


def _on_roll(number: int, schools: Collection[School], today: date) -> Figure:
    """How many the list of pupils holds, and who is missing in it though statistics count them today."""
    gone = next(iter(_leaving(tuple(school.pk for school in schools), today)), (0,))[0]
    return Figure("在校学生", number, children_url(), "人", hint=f"不含今天离校的 {gone} 人" if gone else "")


@fixed
def _classes_in(ids: tuple[int, ...]) -> QuerySet[SchoolClass]:
    return SchoolClass.objects.filter(pk__in=ids).select_related("school")


@fixed
def _silent(ids: tuple[int, ...]) -> QuerySet[Child]:
    return Child.objects.filter(pk__in=ids).select_related("school_class__school").only(*SILENT)


def school(staff: Any, today: date) -> Panel | None:
    """Care lead and principal: the school's figures, its classes by talks missing, its longest silences."""
    if staff.roles().isdisjoint(LEADS):
        return None
    month = school_month(staff, today)
    last = [LastTalk(*row) for row in _talks_led(staff)]
    by_class = talks_by_class(last, month)
    names = class_labels(_classes_in(tuple(row.class_id for row in by_class)), today)
    total, missing = sum(r.children for r in by_class), sum(r.missing for r in by_class)
    facts = facts_from(_facts_led(staff)).values()
    left_behind = sum(seed_case(told, today, tolerance=tolerance) for told, tolerance in facts)
    pupils, key = next(iter(_counted_led(staff)), (0, 0))
    longest = {talk.child_id: talk.on for talk in last[:SHOWN]}
    silent = {child.pk: child for child in _silent(tuple(longest))}
    url = _list("activities:silence_list")
    figures = (
        _on_roll(pupils, staff.schools_as(*LEADS), today),
        Figure(
            "留守儿童", left_behind, children_url(f"away=left&definition={Definition.SEED}"), "人", hint=Definition.SEED.label
        ),
        Figure("重点学生", key, children_url("level=key%2B"), "人", tone="warn" if key else "neutral"),
        Figure(
            "全校还没谈心", missing, f"{url}?missing=on", "人", hint=f"留守和重点学生 {total} 人", tone="bad" if missing else "good"
        ),
    )  # fmt: skip
    data = {
        "classes": [{"row": row, "name": names[row.class_id], "url": f"{url}?missing=on&school_class={row.class_id}"} for row in by_class],
        "total": total,
        "talked": total - missing,
        "silent": [silence(silent[pk], today, month, last=on) for pk, on in longest.items()],
        "month": month,
        "all_url": url,
    }  # fmt: skip
    return Panel(
        "各班本月谈心", "activities/panels/school.html", data, url=f"{url}?missing=on", link="名单", figures=figures
    )


def registrar(staff: Any, today: date) -> Panel | None:
    """Registrar: incomplete dossiers by class."""
    if Role.REGISTRAR not in staff.roles():
        return None
    children = Child.objects.filter(children_reached_by(staff, frozenset({Role.REGISTRAR}))).on_roll()
    since = term_start(staff.home_school(), today)
    classes = list(
        SchoolClass.objects.filter(pk__in=children.order_by().values("school_class")).select_related("school")
    )
    totals, names = _per_class(children), class_labels(classes, today)
    gaps = _per_class(incomplete(children, since=since))
    rows = [
        {
            "name": names[c.pk],
            "total": totals[c.pk],
            "done": totals[c.pk] - gaps.get(c.pk, 0),
            "missing": gaps.get(c.pk, 0),
            "url": children_url(f"incomplete=on&school_class={c.pk}"),
        }
        for c in sorted(classes, key=lambda c: (-gaps.get(c.pk, 0), -c.entry_year, c.number))
    ]
    total, missing = sum(totals.values()), sum(gaps.values())
    # A lead has the pupils among the school's figures already.
    lead = not staff.roles().isdisjoint(LEADS)
    pupils = () if lead else (_on_roll(total, staff.schools_as(Role.REGISTRAR), today),)
    gap = Figure("档案未完成", missing, children_url("incomplete=on"), "人", tone="warn" if missing else "good")
    data = {"rows": rows, "total": total, "done": total - missing}
    url = reverse("children:gap_table") + "?whom=all"
    return Panel(
        "各班建档情况", "activities/panels/registrar.html", data, url=url, link="各缺什么", figures=(*pupils, gap)
    )


def _per_class(children: Any) -> dict[int, int]:
    return dict(children.order_by().values_list("school_class").annotate(number=Count("pk")))


def worries(staff: Any, today: date) -> Panel | None:
    """Counsellor: children whose last record says that they are low or need attention."""
    if Role.COUNSELLOR not in staff.roles():
        return None
    children = Child.objects.filter(children_reached_by(staff, frozenset({Role.COUNSELLOR}))).on_roll()
    records = CareRecord.objects.visible_to(staff).exclude(kind=Kind.COUNSELLING)
    found = list(worrying(children, records, today - LATELY)[:SHOWN])
    places = places_of((record.child for record in found), today)
    rows = [
        {
            "record": record,
            "class_name": places[record.child_id],
            "dossier": dossier_url(record.child),
            "days": days_since(record.on, today),
        }
        for record in found
    ]
    return Panel("状态需要留意的学生", "activities/panels/worries.html", {"rows": rows})


def register_all() -> None:
    """Put the panels on the workbench."""
    for order, maker in enumerate(
        (unfinished, talks, school, registrar, promises, worries, near_birthdays, dossiers, written_lately), start=1
    ):
        workbench.register(maker, order * 10)
