"""The acts on plans of support: make, review, end, name who may read (domain §6.2; 未成年人保护法: child's view, P-32)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from caretrack.access.policy import ACTS, Act, Role
from caretrack.schools.models import Staff, Term
from children.models import Child
from children.sight import Sight
from mentoring.models import PeerPairing, PlanReader, PlanReview, SupportPlan

#: What stands under a plan that ended because the child left school.
LEFT = "学生离校，计划停止。"
#: Who may make an individual plan: those who carry its measures and may know its reasons.
INDIVIDUAL_AUTHORS = frozenset({Role.HOMEROOM, Role.COUNSELLOR, Role.CARE_LEAD, Role.PRINCIPAL})


def may_make(sight: Sight, kind: str) -> bool:
    """Whether the roles that reach a child make this kind of plan for it."""
    roles = INDIVIDUAL_AUTHORS if kind == SupportPlan.Kind.INDIVIDUAL else ACTS[Act.PLAN_EDIT]
    return not roles.isdisjoint(sight.roles)


def may_change(plan: SupportPlan, staff: Staff) -> bool:
    """Whether `staff` is the author of the plan, or leads the school of its child (loaded with `child`)."""
    leads = {school.pk for school in staff.schools_as(Role.CARE_LEAD, Role.PRINCIPAL)}
    return staff.may(Act.PLAN_EDIT) and (plan.made_by_id == staff.pk or plan.child.school_id in leads)


def helpers_for(plan: SupportPlan) -> "QuerySet[Child]":
    """Who may stand in a learning plan as 学习小助手: the pupils who help the child now, and whom it names already."""
    teaching = (PeerPairing.Kind.STUDY_HELPER, PeerPairing.Kind.ONE_TO_ONE)
    pairs = PeerPairing.objects.filter(child=plan.child_id, kind__in=teaching, ends_on__isnull=True)
    return Child.objects.filter(Q(pk__in=pairs.values("peer")) | Q(pk=plan.helper_id)).by_name()


def term_of(child: Child, on: date) -> Term:
    """The term of the child's school on the day, else the last one. Raises ValidationError without any."""
    terms = Term.objects.filter(school=child.school_id)
    found = terms.filter(starts_on__lte=on, ends_on__gte=on).first() or terms.order_by("-starts_on").first()
    if found is None:
        raise ValidationError("学校还没有设置学期，请系统管理员先在“学校、学期和班级”里添加。")
    return found


def check(plan: SupportPlan) -> None:
    """
    Raise ValidationError where a plan lacks what its kind needs.

    A learning plan needs subject, measures and a date of review; an individual one its criterion, problem, goals and
    measures, the child's own view (P-32), and that the guardian was told, or why not yet (预防未成年人犯罪法 art. 31).
    """
    wanted = {"goals": "请写目标。", "measures": "请写措施。", "review_on": "请定下次评估日期。"}
    if plan.is_individual:
        wanted |= {
            "criteria": "请选择适用情形。",
            "situation": "请写基本情况和主要问题。",
            "child_view": "请写孩子自己怎么看；孩子不愿说的，写明“本人暂不愿表达”。",
        }
    else:
        wanted |= {"subject": "请填学科。"}
    errors = {name: text for name, text in wanted.items() if not getattr(plan, name)}
    if plan.is_individual and plan.guardian_told_on is None and not plan.guardian_note:
        errors["guardian_told_on"] = "请填告知监护人的日期；还没有告知的，写明原因。"
    if plan.review_on is not None and plan.review_on < plan.starts_on:
        errors["review_on"] = "下次评估日期不能早于开始日期。"
    if errors:
        raise ValidationError(errors)


def make(plan: SupportPlan, *, by: Staff) -> SupportPlan:
    """Save a new plan of `by`. Raises ValidationError as `check`."""
    plan.made_by = by
    plan.term = term_of(plan.child, plan.starts_on)
    check(plan)
    plan.full_clean(exclude=["change"])
    plan.save()
    return plan


@transaction.atomic
def review(
    plan: SupportPlan, *, on: date, effect: str, next_step: str, review_on: date | None, by: Staff
) -> PlanReview:
    """
    Write down how far a plan has come, and when it is looked at next.

    Raises ValidationError if the plan has ended, the day is before its beginning, or the next day not after this one.
    """
    if plan.state != SupportPlan.State.OPEN:
        raise ValidationError("这份计划已经结束，不能再评估。")
    if on < plan.starts_on:
        raise ValidationError({"on": "评估日期不能早于计划开始日期。"})
    if review_on is not None and review_on <= on:
        raise ValidationError({"review_on": "下次评估日期要晚于这次评估日期。"})
    row = PlanReview(plan=plan, on=on, effect=effect, next_step=next_step, reviewed_by=by)
    row.full_clean(exclude=["change"])
    row.save()
    plan.review_on = review_on
    plan.save(update_fields=["review_on"])
    return row


def end(plan: SupportPlan, *, state: str, effect: str, on: date) -> SupportPlan:
    """
    End a plan as done or stopped, with what it brought. Raises ValidationError if it has ended or nothing is said.
    """
    if plan.state != SupportPlan.State.OPEN:
        raise ValidationError("这份计划已经结束。")
    if state == SupportPlan.State.OPEN or not effect.strip():
        raise ValidationError({"effect": "请写效果评价。"})
    plan.state, plan.effect, plan.ended_on, plan.review_on = state, effect.strip(), max(on, plan.starts_on), None
    plan.save(update_fields=["state", "effect", "ended_on", "review_on"])
    return plan


def name_reader(plan: SupportPlan, *, staff: Staff, reason: str) -> PlanReader:
    """
    Let a colleague read an individual plan. Raises ValidationError for one who does not see the child, or is named.
    """
    if not Child.objects.visible_to(staff).filter(pk=plan.child_id).exists():
        raise ValidationError({"staff": f"{staff}的岗位看不到这名学生，不能作为知情人。"})
    row = PlanReader(plan=plan, staff=staff, reason=reason)
    row.full_clean(exclude=["change"])
    row.save()
    return row


def end_plans_of(*, child: Child, on: date, by: Staff | None = None) -> list[SupportPlan]:
    """A child that leaves school ends its plans; see children.leaving."""
    plans = list(SupportPlan.objects.open().filter(child=child))
    for plan in plans:
        end(plan, state=SupportPlan.State.STOPPED, effect=LEFT, on=on)
    return plans


def reopen_plans_of(*, child: Child, left_on: date) -> None:
    """The leaving is taken back: the plans that it had stopped go on; their next review has to be set anew."""
    stopped = SupportPlan.objects.filter(child=child, state=SupportPlan.State.STOPPED, effect=LEFT)
    for plan in stopped.filter(ended_on__gte=left_on, term__school=child.school_id):
        plan.state, plan.effect, plan.ended_on = SupportPlan.State.OPEN, "", None
        plan.save(update_fields=["state", "effect", "ended_on"])
