"""What the workbench says about pairing: children without 代理家长, checks, plans, papers, whom one stands in for."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from activities.models import FollowUp
from activities.queries import cared_for
from caretrack.access.policy import Act, Role
from caretrack.fixed import fixed, tally
from caretrack.schools.models import Staff, Term
from caretrack.web import workbench
from caretrack.web.templatetags.care import cn_day
from caretrack.web.workbench import Figure, Line, Panel, lines_panel
from children.models import Child, codes
from mentoring import signing
from mentoring.access import cared_for_by
from mentoring.models import LeaderCharge, Mentor, MentorAbsence, Pairing, PairingPlan, PaperKind, PlanState
from mentoring.queries import unpaired, with_load
from mentoring.standing import CheckState, check_state
from mentoring.views.reach import reached, schools_of

NAMES, PLANS = 4, 3
AHEAD = timedelta(days=7)


def pairing(staff: Any, today: date) -> Panel | None:
    """Care lead and principal: who has no 代理家长, whose check is due, which plan waits for a decision."""
    if not staff.may(Act.PAIRING_EDIT):
        return None
    lines = [*_uncovered(staff, today), *_mentors(staff, today), *_plans(staff)]
    return lines_panel("结对", lines, reverse("mentoring:board"), "工作台")


def _uncovered(staff: Any, today: date) -> list[Line]:
    free, key = next(iter(_without(staff, today)), (0, 0))
    note = f"其中重点和紧急 {key} 人，必须都有" if key else ""
    url, tone = reverse("mentoring:board"), "bad" if key else "warn"
    return [Line("还没有代理家长", f"{free}人", url, tone, note)] if free else []


def _mentors(staff: Any, today: date) -> list[Line]:
    mentors = _in_service(staff, today)
    states = Counter(check_state(mentor, today) for mentor in mentors)
    ended, soon = states[CheckState.NONE] + states[CheckState.EXPIRED], states[CheckState.SOON]
    gone = sum(mentor.gone and mentor.load > 0 for mentor in mentors)
    url = reverse("mentoring:check_list")
    told = [
        (gone, Line("已离岗，名下还有学生", f"{gone}位", reverse("mentoring:board"), "bad")),
        (ended, Line("从业查询过期或没有", f"{ended}人", url, "bad")),
        (soon, Line("从业查询 30 天内到期", f"{soon}人", url)),
    ]
    return [line for number, line in told if number]


def _plans(staff: Any) -> list[Line]:
    lines = []
    for plan in _waiting_plans(staff):
        url = reverse("mentoring:plan_show", args=[plan.pk])
        note = f"{cn_day(plan.starts_on)}起结对"
        if plan.state == PlanState.DRAFT:
            lines.append(Line(plan.title, "被退回", url, note=plan.return_note))
        elif staff.may(Act.PAIRING_PUBLISH):
            lines.append(Line(plan.title, "等您公布", url, note=note))
        else:
            lines.append(Line(plan.title, "等校长公布", url, "info", note))
    return lines


@fixed
def _without(staff: Staff, today: date) -> QuerySet[Child, Any]:
    free = unpaired(cared_for(reached(staff, Act.PAIRING_EDIT)), today)
    return tally(free, number=Count("pk"), key=Count("pk", filter=Q(support_level__in=codes.KEY_LEVELS)))


@fixed
def _in_service(staff: Staff, today: date) -> QuerySet[Any]:
    mentors = Mentor.objects.active().filter(school__in=schools_of(staff, Act.PAIRING_EDIT))
    return with_load(mentors.with_gone(today), today).order_by().only("background_checked_on")


@fixed
def _waiting_plans(staff: Staff) -> QuerySet[PairingPlan]:
    returned = Q(state=PlanState.DRAFT) & ~Q(return_note="")
    plans = PairingPlan.objects.visible_to(staff).filter(Q(state=PlanState.SUBMITTED) | returned)
    return plans.order_by("starts_on", "pk")[:PLANS]


def charged(staff: Any, today: date) -> Panel | None:
    """A leader: the children one answers for, and what is behind with them."""
    if not staff.may(Act.CHARGE_VIEW):
        return None
    number, unpaired_ones = next(iter(_charged(staff, today)), (0, 0))
    if not number:
        return None
    url = reverse("mentoring:charge_show", args=[staff.pk])
    late = sum(found for (found,) in _late(staff, today))
    lines = [
        Line(words, f"{found}{unit}", url, "bad")
        for words, found, unit in (("没有代理家长", unpaired_ones, "人"), ("逾期的跟进", late, "件"))
        if found
    ]
    # The leads have the figures of the whole school above; for them only what is behind is said.
    figures = () if staff.may(Act.PAIRING_EDIT) else (Figure("我包干的学生", number, url, "人"),)
    found = lines_panel("我包干的学生", lines, url, "看进度")
    if found is not None:
        return replace(found, figures=figures, side=False)
    return Panel(figures=figures) if figures else None


@fixed
def _charged(staff: Staff, today: date) -> QuerySet[Child, Any]:
    mine = _in_charge(staff, today)
    free = Q(pk__in=unpaired(mine, today).order_by().values("pk"))
    return tally(mine, number=Count("pk"), free=Count("pk", filter=free))


@fixed
def _late(staff: Staff, today: date) -> QuerySet[FollowUp, Any]:
    seen = FollowUp.objects.visible_to(staff).filter(child__in=_in_charge(staff, today).order_by().values("pk"))
    return tally(seen.filter(due_on__lt=today).open(), number=Count("pk"))


def _in_charge(staff: Any, today: date) -> QuerySet[Child]:
    held = LeaderCharge.objects.on(today).filter(leader=staff.pk).order_by().values("child")
    return reached(staff, Act.CHARGE_VIEW).filter(pk__in=held)


def papers(staff: Any, today: date) -> Panel | None:
    """Whoever keeps papers: agreements that run out; the class teacher also whose pledges are not signed yet."""
    if not staff.may(Act.PAPER_SIGN):
        return None
    lines = _unsigned(staff, today)
    if again := [name for (name,) in _again(staff)]:
        url = reverse("mentoring:paper_kind", args=[PaperKind.ENTRUSTMENT])
        lines.append(Line("监护人换了，委托协议要重签", f"{len(again)}人", url, "bad", _names(again)))
    if ending := sum(number for (number,) in _ending(staff, today, today + signing.SOON)):
        lines.append(Line("协议快到期或已过期", f"{ending}人", reverse("mentoring:paper_ending")))
    return lines_panel("协议与责任书", lines, reverse("mentoring:paper_list"), "全部")


def _unsigned(staff: Any, today: date) -> list[Line]:
    lines = []
    for school_class in staff.classes_as(Role.HOMEROOM):
        term = Term.objects.current(school_class.school, today)
        if term is None:
            continue
        rows = _missing(staff, school_class.pk, term.pk, today)
        for column, kind in enumerate(signing.PARTIES, start=1):
            if names := [row[0] for row in rows if row[column]]:
                url = reverse("mentoring:paper_kind", args=[kind]) + "?" + urlencode({"class": school_class.pk})
                lines.append(Line(f"{PaperKind(kind).label}未签", f"{len(names)}人", url, note=_names(names)))
    return lines


def _names(names: list[str]) -> str:
    return "、".join(names[:NAMES]) + ("等" if len(names) > NAMES else "")


@fixed
def _again(staff: Staff) -> QuerySet[Child, Any]:
    found = signing.to_sign_again(reached(staff, Act.PAPER_SIGN))
    return found.order_by("pinyin", "pk").values_list("name")


@fixed
def _missing(staff: Staff, school_class: int, term: int, today: date) -> QuerySet[Child, Any]:
    return signing.unsigned_pledges(reached(staff, Act.PAPER_SIGN).filter(school_class=school_class), term, today)


@fixed
def _ending(staff: Staff, today: date, until: date) -> QuerySet[Child, Any]:
    return tally(signing.running_out(reached(staff, Act.PAPER_SIGN), today, until), number=Count("pk"))


def standing_in(staff: Any, today: date) -> Panel | None:
    """A deputy: whose children one looks after until when, and from when one will."""
    rows = _deputised(staff, today, today + AHEAD)
    if not rows:
        return None
    names: dict[int, list[str]] = {}
    if any(row.starts_on <= today for row in rows):
        for mentor, name in _looked_after(staff.pk, today):
            names.setdefault(mentor, []).append(name)
    lines = [_deputy_line(row, names.get(row.mentor_id, []), today) for row in rows]
    return lines_panel("您在代管", lines, reverse("children:child_list"), "学生名单")


def _deputy_line(row: MentorAbsence, names: list[str], today: date) -> Line:
    url = reverse("children:child_list")
    if row.starts_on > today:
        return Line(f"{row.mentor}的学生", f"{cn_day(row.starts_on)}起", url, "info", f"到{cn_day(row.ends_on)}为止")
    note = "、".join(names) if names else "现在没有学生"
    return Line(f"{row.mentor}的学生", f"到{cn_day(row.ends_on)}", url, note=note)


@fixed
def _deputised(staff: Staff, today: date, until: date) -> QuerySet[MentorAbsence]:
    mine = MentorAbsence.objects.not_over(today).filter(deputy__staff=staff, starts_on__lte=until)
    return mine.select_related("mentor").order_by("ends_on", "pk")


@fixed
def _looked_after(staff: int, today: date) -> QuerySet[Pairing, Any]:
    held = cared_for_by(staff, today).exclude(mentor__staff=staff)
    return held.order_by("child__pinyin", "pk").values_list("mentor", "child__name")


def register_all() -> None:
    """Called once, from the app's addresses."""
    workbench.register(standing_in, 6)
    workbench.register(charged, 34)
    workbench.register(pairing, 35)
    workbench.register(papers, 36)
