"""尚未听取儿童意见: the pairings to which nobody asked the child, each answered in one press."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from activities.picking import classes_of
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.lists import FilteredListView
from caretrack.web.origin import own_page
from children.queries import roll_order
from mentoring.forms.pairing import UnheardFilter
from mentoring.hearing import DOUBTFUL, Said, hear, unheard
from mentoring.models import Pairing
from mentoring.views.reach import reached
from mentoring.views.tabs import tabs


@allows(Act.PAIRING_HEAR)
class UnheardList(FilteredListView):
    """Class by class, so that a class teacher goes through the own pupils once."""

    heading = "尚未听取儿童意见"
    lead = "单独问一问孩子愿不愿意由这位代理家长带，有什么想法。一次点按即可登记；孩子说得多的，用孩子自己的话写。"
    template_name = "mentoring/unheard_list.html"
    rows_template = "mentoring/_unheard_rows.html"
    unit = "人"
    empty_text = "每一名结了对的学生都听取过意见。"
    crumbs = (("结对", "mentoring:board"),)

    def get_filter(self) -> UnheardFilter:
        children = reached(self.request.user, Act.PAIRING_HEAR)
        classes = classes_of(children, timezone.localdate())
        return UnheardFilter(self.request.GET, staff=self.request.user, classes=classes)

    def get_queryset(self, staff: Any) -> "QuerySet[Pairing]":
        rows = unheard(reached(staff, Act.PAIRING_HEAR), timezone.localdate())
        return rows.select_related("child__school_class__school", "mentor").order_by(*roll_order("child__"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        return context | {
            "tabs": tabs("", self.request.user),
            "rows": [{"pairing": one, "class_name": one.child.class_name(today)} for one in context["rows"]],
            "said": list(Said),
            "here": self.request.get_full_path(),
        }


@require_POST
@allows(Act.PAIRING_HEAR)
def pairing_hear(request: HttpRequest, pk: int) -> HttpResponse:
    """What the child said, in one press."""
    children = reached(request.user, Act.PAIRING_HEAR).order_by().values("pk")
    pairing = get_object_or_404(Pairing.objects.not_over(timezone.localdate()).filter(child__in=children), pk=pk)
    asked = request.POST.get("next", "")
    back = own_page(asked) if asked else reverse("mentoring:unheard_list")
    try:
        heard = hear(pairing=pairing, words=request.POST.get("said", ""))
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
        return redirect(back)
    note(request, Event.WRITE, heard.child_id, f"pairing {pk} child view")
    messages.success(request, f"已登记{heard.child}的意见：{heard.child_view}。")
    if heard.child_view in DOUBTFUL:
        messages.warning(request, f"{heard.child}{heard.child_view}，请再和孩子谈一谈，必要时请德育主任更换代理家长。")
    return redirect(back)
