"""Pairings: who has no 代理家长 yet, who takes whom, the end."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.picking import classes_of
from activities.queries import cared_for
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.numbers import numbers
from caretrack.web.origin import own_page
from caretrack.web.templatetags.care import cn_day
from caretrack.web.versions import KeepsVersion
from children.models import Child
from mentoring.assigning import pair_several
from mentoring.forms.pairing import ChildViewForm, EndForm, PairForm, PairingFilter
from mentoring.handover import end_or_move_end, open_items
from mentoring.models import Pairing
from mentoring.queries import acting_pairings, followers, limit_of, unpaired, with_mentor
from mentoring.services import keep_on
from mentoring.views.reach import keepers, mentors_of, reached, takers_for, warn_of_load
from mentoring.views.tabs import tabs


def filter_of(request: HttpRequest) -> PairingFilter:
    """The filter of the roll, bound to the address: the same on the page, on paper and in the workbook."""
    staff, today = request.user, timezone.localdate()
    seen = reached(staff, Act.PAIRING_VIEW)
    return PairingFilter(
        request.GET,
        staff=staff,
        today=today,
        classes=classes_of(seen, today),  # type: ignore[arg-type]
        mentors=list(mentors_of(staff, Act.PAIRING_VIEW, today)),
        cared=cared_for(seen),
    )


def on_the_roll(staff: Any) -> "QuerySet[Child]":
    """The children whose pairings this person may see, with `mentor_id`: those without a 代理家长 first."""
    seen = with_mentor(reached(staff, Act.PAIRING_VIEW), timezone.localdate())
    return seen.select_related("school_class__school").order_by(F("mentor_id").asc(nulls_first=True), "pinyin", "pk")


@allows(Act.PAIRING_VIEW)
class PairingList(FilteredListView):
    """Children without a 代理家长 first."""

    heading = "结对名册"
    lead = "还没有代理家长的学生排在前面。"
    template_name = "mentoring/pairing_list.html"
    rows_template = "mentoring/_pairing_rows.html"
    unit = "人"
    empty_text = "没有需要结对的学生。"

    def get_filter(self) -> PairingFilter:
        return filter_of(self.request)

    def get_queryset(self, staff: Any) -> "QuerySet[Child]":
        return on_the_roll(staff)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, staff = timezone.localdate(), self.request.user
        children = list(context["rows"])
        pairings = acting_pairings([c.pk for c in children], today)
        form: PairingFilter = context["filter_form"]
        next_of = followers(pairings.values())
        following = {child: next_of[p.pk] for child, p in pairings.items() if p.pk in next_of}
        hears = staff.may(Act.PAIRING_HEAR)  # type: ignore[union-attr]
        heard = (
            reached(staff, Act.PAIRING_HEAR).filter(pk__in=[c.pk for c in children]) if hears else Child.objects.none()
        )
        heard_by = set(heard.order_by().values_list("pk", flat=True))
        return context | {
            "tabs": tabs("pairing_list", staff),
            "rows": [
                {
                    "child": c,
                    "class_name": c.class_name(today),
                    "pairing": pairings.get(c.pk),
                    "next": following.get(c.pk),
                    "hears": c.pk in heard_by,
                    "undo": c.pk in pairings and pairings[c.pk].starts_on == today,
                }
                for c in children
            ],
            "total": form.cared.count(),
            "without": unpaired(form.cared, today).count(),
            "mentors": len(form.mentors),
            "full": sum(m.load >= limit_of(m) for m in form.mentors),
            "may_hear": hears,
            "query": self.request.GET.urlencode(),
            "here": self.request.get_full_path(),
            "may_edit": staff.may(Act.PAIRING_EDIT),  # type: ignore[union-attr]
        }


@allows(Act.PAIRING_EDIT)
class PairingAdd(FormPage):
    """One or several children to one mentor; ?child= ticks some, ?mentor= chooses."""

    form_class = PairForm
    template_name = "mentoring/pairing_add.html"
    heading = "安排结对"
    crumbs = (("结对", "mentoring:board"),)
    cancel_url = success_url = "mentoring:board"
    lead = "一名学生只有一位代理家长；超过建议人数只提醒，不阻止。"

    def get_form_kwargs(self) -> dict[str, Any]:
        staff, today = self.request.user, timezone.localdate()
        free = unpaired(reached(staff, Act.PAIRING_EDIT), today).select_related("school", "school_class__school")
        wanted = cared_for(free)
        if asked := numbers(self.request.GET.getlist("child")):
            wanted = wanted | free.filter(pk__in=asked)
        mentors = takers_for(staff, today)
        given = {"children": wanted, "mentors": mentors, "today": today}
        return super().get_form_kwargs() | given

    def get_initial(self) -> dict[str, Any]:
        return {"children": self.request.GET.getlist("child"), "mentor": self.request.GET.get("mentor")}

    def save(self, form: Any) -> list[Pairing]:
        told = form.cleaned_data
        made = pair_several(
            children=list(told["children"]),
            mentor=told["mentor"],
            on=told["on"],
            by=self.request.user,  # type: ignore[arg-type]
            child_view=told["child_view"],
        )
        for pairing in made:
            note(self.request, Event.WRITE, pairing.child_id, f"pairing {pairing.pk}")
        warn_of_load(self.request, made)
        return made

    def get_saved_text(self, result: list[Pairing]) -> str:
        names = "、".join(pairing.child.name for pairing in result[:5])
        who = names if len(result) <= 5 else f"{names}等{len(result)}人"
        return f"已安排{result[0].mentor}为{who}的代理家长。"


@allows(Act.PAIRING_HEAR)
class PairingChildView(KeepsVersion):
    """What the child says to the choice of the mentor, added or corrected later."""

    form_class = ChildViewForm

    def find_row(self) -> Pairing:
        children = reached(self.request.user, Act.PAIRING_HEAR).order_by().values("pk")
        pairings = Pairing.objects.not_over(timezone.localdate()).filter(child__in=children)
        return get_object_or_404(pairings.select_related("child", "mentor"), pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"{self.row.child}对由{self.row.mentor}当代理家长的意见"

    def get_crumbs(self) -> list[Crumb]:
        home = Crumb("结对", reverse("mentoring:board"))
        if self.row.child_view:
            return [home, Crumb("结对名册", reverse("mentoring:pairing_list"))]
        return [home, Crumb("尚未听取儿童意见", reverse("mentoring:unheard_list"))]

    def save(self, form: Any) -> Any:
        note(self.request, Event.WRITE, self.row.child_id, f"pairing {self.row.pk} child view")
        return super().save(form)

    def get_saved_text(self, result: Pairing) -> str:
        return f"{result.child}的意见已保存：{result.child_view or '（空）'}"

    def get_cancel_url(self) -> str:
        if asked := self.request.GET.get("next", ""):
            return own_page(asked)
        return reverse(f"mentoring:{'pairing_list' if self.row.child_view else 'unheard_list'}")

    def get_redirect_url(self, result: Pairing) -> str:
        return self.get_cancel_url()


@allows(Act.PAIRING_EDIT)
class PairingEnd(ConfirmPage):
    """End a pairing with its reason; the child is then without 代理家长 until paired anew."""

    form_class = EndForm
    heading = "结束结对"
    button = "结束结对"
    tone = "danger"
    success_url = "mentoring:board"
    crumbs = (("结对", "mentoring:board"),)
    cancel_url = "mentoring:board"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        children = reached(request.user, Act.PAIRING_EDIT)
        pairings = Pairing.objects.not_over(timezone.localdate()).filter(child__in=children.order_by().values("pk"))
        found = pairings.select_related("child", "mentor__school", "mentor__staff")
        self.pairing = get_object_or_404(found, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        former = self.pairing.mentor.staff
        items = open_items([self.pairing.child_id], former) if former is not None else []
        return super().get_form_kwargs() | {"keepers": keepers(self.pairing.mentor), "items": items}

    def get_initial(self) -> dict[str, Any]:
        named = self.pairing
        first = max(timezone.localdate(), named.starts_on)
        return {"on": named.ends_on or first, "reason": named.end_reason, "note": named.end_note}

    def get_question(self) -> str:
        return f"结束{self.pairing.mentor}与{self.pairing.child}的结对？"

    def get_consequences(self) -> list[str]:
        named = self.pairing.ends_on
        return [
            *([f"原定 {named} 是最后一天，现在改以这里填的日期为准。"] if named else []),
            f"{self.pairing.child}将没有代理家长，请尽快重新安排。",
            "结对经过和已写的记录都保留。",
        ]

    def save(self, form: Any) -> Pairing:
        self.last_day = form.cleaned_data["on"]
        end_or_move_end(
            pairing=self.pairing,
            today=timezone.localdate(),
            by=self.request.user,  # type: ignore[arg-type]
            **form.cleaned_data,
        )
        note(self.request, Event.WRITE, self.pairing.child_id, f"pairing {self.pairing.pk} end")
        return self.pairing

    def get_saved_text(self, result: Pairing) -> str:
        who = f"{self.pairing.mentor}与{self.pairing.child}的结对"
        if self.last_day < timezone.localdate():
            return f"{who}已结束。"
        return f"{who}将于{cn_day(self.last_day)}结束（当天仍算在内）；在此之前可以改日期、取消结束或更换。"


@require_POST
@allows(Act.PAIRING_EDIT)
def pairing_end_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of a pairing that still runs is cancelled."""
    children = reached(request.user, Act.PAIRING_EDIT).order_by().values("pk")
    pairing = get_object_or_404(Pairing.objects.filter(child__in=children).select_related("child", "mentor"), pk=pk)
    try:
        keep_on(pairing=pairing, today=timezone.localdate())
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    else:
        note(request, Event.WRITE, pairing.child_id, f"pairing {pk} end cancelled")
        messages.success(request, f"已取消结束，{pairing.child}仍由{pairing.mentor}带。")
    return redirect("mentoring:mentor_show", pk=pairing.mentor_id)
