"""Interest groups: list, one with members and sessions, who is in none."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activities import groups
from activities.forms.groups import EndForm, GroupChange, GroupFilter, GroupForm, JoinManyForm, NoGroupFilter
from activities.gatherings import attendances, leads
from activities.group_paper import group_sheets
from activities.leading import enterable
from activities.models import GroupMember, InterestGroup
from activities.picking import classes_of
from activities.views.gatherings import (
    LEADS,
    SHEETS,
    event_tabs,
    find_to_enter,
    may_change,
    may_enter,
    refuse,
    seen_of,
)
from activities.views.name_lists import NameList, list_page
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act
from caretrack.downloads import pdf_response
from caretrack.pdf import render_pdf_set
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.numbers import number
from caretrack.web.printing import too_long
from caretrack.web.ticks import list_address, ticked
from caretrack.web.versions import KeepsVersion
from children.life.papers import imprint
from children.models import Child
from children.queries import roll_order

SESSIONS_SHOWN = 10
PRINTED_AT_MOST = 40


@allows(Act.EVENT_VIEW)
class GroupList(FilteredListView):
    """The groups that run, with their members, or those that have ended; above them who is in none."""

    heading = "兴趣小组"
    lead = "每名学生至少参加一个小组；留守和重点学生优先安排。小组的名单由负责教师增减，班主任增减自己班的学生。"
    template_name = "activities/events/groups.html"
    rows_template = "activities/events/_group_rows.html"
    unit = "个小组"
    empty_text = "还没有小组。"
    filter_class = GroupFilter
    empty_hint = "兴趣小组、包保活动小组、学习互助小组都在这里，每次活动可以点名。"

    def get_filter(self) -> GroupFilter:
        return GroupFilter(self.request.GET, staff=self.request.user, today=timezone.localdate())

    def get_queryset(self, staff: Any) -> Any:
        found = InterestGroup.objects.visible_to(staff).with_members(timezone.localdate())
        return found.select_related("leader", "school").order_by("school_id", "name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        staff: Any = self.request.user
        seen = Child.objects.visible_to(staff)
        context |= {
            "tabs": event_tabs("activities:group_list"),
            "query": self.request.GET.urlencode(),
            "may_write": staff.may(Act.EVENT_EDIT),
            "without": groups.in_no_group(seen, timezone.localdate()).count(),
            "everybody": seen.on_roll().count(),
        }
        if context["may_write"]:
            context |= {"empty_url": reverse("activities:group_add"), "empty_action": "建一个小组"}
        return context


@allows(Act.EVENT_VIEW)
class GroupMissing(FilteredListView):
    """Pupils who are in no group."""

    heading = "没有参加小组的学生"
    lead = "班主任把自己班的学生加进任何一个小组；别的班的学生由班主任或小组的负责教师加。"
    crumbs = (("兴趣小组", "activities:group_list"),)
    template_name = "activities/events/group_missing.html"
    rows_template = "activities/events/_missing_rows.html"
    unit = "人"
    empty_text = "每名学生都参加了小组。"

    def get_filter(self) -> NoGroupFilter:
        today = timezone.localdate()
        seen = Child.objects.visible_to(self.request.user)
        return NoGroupFilter(self.request.GET, staff=self.request.user, classes=classes_of(seen, today))

    def get_queryset(self, staff: Any) -> Any:
        found = groups.in_no_group(Child.objects.visible_to(staff), timezone.localdate())
        return found.with_away_parents().select_related("school_class__school").order_by(
            *roll_order()
        )  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        staff: Any = self.request.user
        offered = JoinManyForm(groups=enterable(staff, today), children=Child.objects.none()).offered()
        ticks = ticked(self.request, "children")
        return context | {
            "rows": [(child, child.class_name(today), str(child.pk) in ticks) for child in context["rows"]],
            "offered": offered if staff.may(Act.EVENT_EDIT) else [],
            "chosen": ticked(self.request, "group"),
            "here": list_address(self.request),
        }


@allows(Act.EVENT_VIEW)
@require_safe
def group_print(request: HttpRequest) -> HttpResponse:
    """The rosters of the groups that the list shows (`?kind=`), or of one (`?group=`), each on a sheet of its own."""
    staff: Any = request.user
    today = timezone.localdate()
    groups_seen = InterestGroup.objects.visible_to(staff).select_related("leader", "school")
    if pk := number(request.GET.get("group")):
        listed = [get_object_or_404(groups_seen, pk=pk)]
    else:
        asked = GroupFilter(request.GET, staff=staff, today=today)
        listed = list(asked.narrow(groups_seen.order_by("school_id", "name", "pk"))[: PRINTED_AT_MOST + 1])
    if not listed:
        raise Http404
    if len(listed) > PRINTED_AT_MOST:
        return too_long(request, PRINTED_AT_MOST, "个小组的名册", reverse("activities:group_list"))
    for group in listed:
        note(request, Event.PRINT, detail=f"group {group.pk} roster")
    told = imprint(staff, timezone.localtime())
    pages = [{"paper": sheet, "imprint": told} for sheet in group_sheets(listed, staff, today)]
    title = f"{listed[0].name}名册" if len(listed) == 1 else "小组名册"
    pdf = render_pdf_set("print/group.html", pages, title=title, stylesheets=SHEETS)
    return pdf_response(pdf, f"{title}.pdf")


@allows(Act.EVENT_VIEW)
@require_safe
def group_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One group: members whom this person sees, its latest sessions."""
    today = timezone.localdate()
    rows = InterestGroup.objects.visible_to(request.user).select_related("leader", "school")
    group = get_object_or_404(rows, pk=pk)
    every = GroupMember.objects.filter(group=group).on(group.as_of(today))
    every_member = every.select_related("child__school_class__school").order_by("child__pinyin", "pk")
    seen = seen_of(every.values_list("child", flat=True), request.user)
    leading = leads(group, request.user)
    members = [member for member in every_member if leading or member.child_id in seen]
    sessions = list(group.sessions.order_by("-on", "-pk")[:SESSIONS_SHOWN])
    heads = attendances(sessions)
    changeable = may_change(InterestGroup, request.user, pk)
    context = {
        "group": group,
        "members": [(member, member.child.class_name(today), member.child_id in seen) for member in members],
        "hidden": len(every_member) - len(members),
        "sessions": [(session, heads[session.pk]) for session in sessions],
        "may_change": group.ends_on is None and changeable,
        "ended_text": f"这个小组活动到{chinese_date(group.ends_on)}，下面是那天的成员。" if group.ends_on else "",
        "may_reopen": group.ends_on is not None and changeable,
        "may_enter": group.ends_on is None and may_enter(group, request.user),
        "ask_whom": f"名单由负责教师{group.leader.name}增减，德育主任和校长也可以；班主任增减自己班的学生。",
        "crumbs": [Crumb("兴趣小组", reverse("activities:group_list")), Crumb(group.name)],
    }
    return render(request, "activities/events/group.html", context)


class AboutGroup(FormPage):
    """What adding and changing a group share."""

    crumbs = (("兴趣小组", "activities:group_list"),)

    def get_form_kwargs(self) -> dict[str, Any]:
        staff: Any = self.request.user
        return super().get_form_kwargs() | {
            "schools": staff.schools_as(*ACTS[Act.EVENT_EDIT]),
            "today": timezone.localdate(),
            "by": staff,
            "leads": bool(staff.schools_as(*LEADS)),
        }

    def get_saved_text(self, result: Any) -> str:
        return f"小组“{result}”已保存。"


@allows(Act.EVENT_EDIT)
class GroupAdd(AboutGroup):
    """Add a group; its members are chosen on the next page."""

    form_class = GroupForm
    heading = "建一个小组"
    cancel_url = "activities:group_list"

    def get_instance(self) -> InterestGroup:
        return InterestGroup()

    def save(self, form: Any) -> InterestGroup:
        group: InterestGroup = form.instance
        group.full_clean(exclude=["change"])
        group.save()
        note(self.request, Event.WRITE, detail=f"group {group.pk}")
        return group

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:group_members", args=[result.pk])


@allows(Act.EVENT_EDIT)
class GroupEdit(AboutGroup, KeepsVersion):
    """Change a group."""

    form_class = GroupChange

    def find_row(self) -> InterestGroup:
        return find_to_change_group(self.request.user, self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"修改“{self.row}”"

    def save(self, form: Any) -> Any:
        form.instance.full_clean(exclude=["change"])
        note(self.request, Event.WRITE, detail=f"group {self.row.pk}")
        return super().save(form)

    def get_cancel_url(self) -> str:
        return reverse("activities:group_show", args=[self.row.pk])

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()


def find_to_change_group(staff: Any, pk: int) -> InterestGroup:
    """The group, if `staff` may change it and it has not ended."""
    rows = (
        InterestGroup.objects.visible_to(staff)
        .filter(ends_on__isnull=True)
        .select_related("school", "leader", "change")
    )
    group = get_object_or_404(rows, pk=pk)
    if not may_change(InterestGroup, staff, pk):
        raise refuse(group)
    return group


@allows(Act.EVENT_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def group_members(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in: whole classes, single pupils, taking out."""
    group, hand = find_to_enter(InterestGroup, request.user, pk)
    if group.ends_on is not None:
        raise Http404
    today = timezone.localdate()
    show = reverse("activities:group_show", args=[pk])
    open_ones = GroupMember.objects.filter(group=group).open()

    def take_out(child: Child) -> None:
        for member in open_ones.filter(child=child):
            groups.leave(member, on=today)

    names = NameList(
        hand,
        group.name,
        "增减成员",
        group.school_id,
        None,
        lambda: set(open_ones.values_list("child", flat=True)),
        lambda children: groups.join(group, children, on=max(today, group.starts_on)),
        take_out,
        [Crumb("兴趣小组", reverse("activities:group_list")), Crumb(group.name, show)],
        show,
        show,
        "看小组",
        f"group {group.pk}",
    )
    return list_page(request, names)


@allows(Act.EVENT_EDIT)
@require_POST
def group_leave(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """One member leaves today."""
    group, hand = find_to_enter(InterestGroup, request.user, pk)
    open_ones = GroupMember.objects.filter(group=group).open().select_related("child")
    if not hand.leads:
        open_ones = open_ones.filter(child__in=hand.children.order_by().values("pk"))
    row = get_object_or_404(open_ones, pk=member)
    groups.leave(row, on=timezone.localdate())
    note(request, Event.WRITE, row.child_id, f"group {pk}")
    messages.success(request, f"{row.child.name}已退出“{group}”。")
    return redirect("activities:group_show", pk=pk)


@allows(Act.EVENT_EDIT)
class GroupEnd(ConfirmPage):
    """End a group; its sessions stay."""

    form_class = EndForm
    button = "结束小组"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.group = find_to_change_group(request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def get_heading(self) -> str:
        return f"结束“{self.group}”"

    def get_question(self) -> str:
        return f"结束小组“{self.group}”？"

    def get_consequences(self) -> list[str]:
        return ["成员到这一天为止，以后的“每名学生至少一个小组”不再算这个小组。", "以前的活动和点名都保留。"]

    def save(self, form: Any) -> int:
        members = groups.close(self.group, on=form.cleaned_data["on"])
        note(self.request, Event.WRITE, detail=f"group {self.group.pk} end")
        return members

    def get_saved_text(self, result: Any) -> str:
        return f"小组“{self.group}”活动到{chinese_date(self.group.ends_on)}为止，原有成员 {result} 人。"

    def get_cancel_url(self) -> str:
        return reverse("activities:group_show", args=[self.group.pk])

    def get_redirect_url(self, result: Any) -> str:
        return reverse("activities:group_list")


@allows(Act.EVENT_EDIT)
class GroupReopen(ConfirmPage):
    """Take the end of a group back."""

    button = "撤销结束"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ended = InterestGroup.objects.visible_to(request.user).filter(ends_on__isnull=False)
        self.group = get_object_or_404(ended.select_related("school", "leader"), pk=kwargs["pk"])
        if not may_change(InterestGroup, request.user, self.group.pk):
            raise refuse(self.group)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"撤销“{self.group}”的结束"

    def get_question(self) -> str:
        return f"让小组“{self.group}”继续活动？"

    def get_consequences(self) -> list[str]:
        return ["到结束那天还在小组、现在仍在校的学生，都重新成为成员。"]

    def save(self, form: Any) -> int:
        members = groups.reopen(self.group)
        note(self.request, Event.WRITE, detail=f"group {self.group.pk} reopened")
        return members

    def get_saved_text(self, result: Any) -> str:
        return f"小组“{self.group}”继续活动，成员 {result} 人。"

    def get_cancel_url(self) -> str:
        return reverse("activities:group_show", args=[self.group.pk])

    def get_redirect_url(self, result: Any) -> str:
        return self.get_cancel_url()
