"""One-press acts on a phone number: called and got through or not, one place up or down."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.web.origin import form_page
from children.contacts import OUTCOMES, check_phone, move_phone
from children.models import Phone, PhoneState
from children.not_called import not_called
from children.views.page import child_or_404, demand

SAID = {
    PhoneState.OK: "已打通，记为今天核实",
    PhoneState.NO_ANSWER: "没有打通，已记下今天打过",
    PhoneState.DEAD: "已记为停机或空号，请向家人问新号码",
}


def _phone(request: HttpRequest, pk: int, phone: int) -> Phone:
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.CONTACT)
    return get_object_or_404(Phone.objects.select_related("member", "child"), pk=phone, child=child)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page that was pressed on: the dossier, at its phones, or the list of contacts to verify."""
    if _from_list(request):
        return redirect(form_page(request))
    return redirect(reverse("children:child_show", args=[pk]) + "#calling")


def _from_list(request: HttpRequest) -> bool:
    return form_page(request).startswith(reverse("children:contact_list"))


@allows(Act.CHILD_EDIT)
@require_POST
def phone_check(request: HttpRequest, pk: int, phone: int, outcome: str) -> HttpResponse:
    """`outcome` is ok, no_answer or dead; the day is today."""
    if outcome not in OUTCOMES:
        raise Http404
    row = check_phone(phone=_phone(request, pk, phone), outcome=outcome, on=timezone.localdate())
    note(request, Event.WRITE, pk, detail="phone")
    whose = f"{row.member}的电话" if row.member else "电话"
    said = f"{row.child.name}{whose}：{SAID[PhoneState(outcome)]}。"
    # The dossier opens at its phones again: there it is said, not on top of a page that has scrolled away.
    messages.success(request, said, extra_tags="" if _from_list(request) else "calling")
    return _back(request, pk)


@allows(Act.CHILD_EDIT)
@require_POST
def phone_move(request: HttpRequest, pk: int, phone: int, way: str) -> HttpResponse:
    """`way` is up or down in the calling order."""
    if way not in ("up", "down"):
        raise Http404
    row, barred = _phone(request, pk, phone), not_called([pk])
    unseen = [other.pk for other in Phone.objects.filter(child=pk) if barred.bars(other)]
    move_phone(phone=row, up=way == "up", unseen=unseen)
    note(request, Event.WRITE, pk, detail="phone")
    return _back(request, pk)
