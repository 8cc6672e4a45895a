"""Contact cards of all classes: what is valid, what must be printed again, who holds which copy."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.incidents.suspects import warning
from caretrack.access.gates import allows
from caretrack.access.log import note, note_each
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.web.components import Crumb
from caretrack.web.lists import FilteredListView
from caretrack.web.numbers import numbers
from children.left_behind import Definition
from children.models import CardCopy, ContactCard
from children.models.child import ChildQuerySet
from children.queries import left_behind_ids
from reports.access import CARD_NEEDS, printable
from reports.builders.card_states import (
    TO_PRINT,
    CardState,
    card_lines,
    counted,
    no_more,
    with_changes,
    with_needs,
)
from reports.bulk import chosen
from reports.bulk_papers import CARDS, FAMILY_CARDS
from reports.forms.cards import CardFilter, CardPrintForm
from reports.printing import collect, hand_out
from reports.views.bulk import print_children

PRINTED = frozenset(CardState) - {CardState.NEVER}
CRUMBS = (("打印", "reports:print_centre"), ("联系卡", "reports:card_list"))


def card_children(staff: Any) -> ChildQuerySet:
    """Children whose card this person may print and who need one, or need none any more while a copy is out."""
    seen = with_needs(printable(staff, *CARD_NEEDS), timezone.localdate())
    return seen.filter(Q(needs_card=True) | Q(card_out=True))


@allows(Act.PRINT)
class CardList(FilteredListView):
    """Every card with its state; ticked ones are printed or noted as handed out together."""

    heading = "联系卡"
    lead = "联系卡上的人、电话或地址一有变动，旧卡就作废，须换发并收回。每人一式三份：学校、班主任、代理家长。"
    crumbs = (("打印", "reports:print_centre"),)
    template_name = "reports/card_list.html"
    rows_template = "reports/_card_rows.html"
    filter_class = CardFilter
    unit = "人"
    empty_text = "没有需要联系卡的学生。"
    empty_hint = "在学生档案里登记父母外出务工以后，学生会出现在这里。"

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        return card_children(staff).select_related("school", "school_class__school").by_name()

    def get_filter(self) -> CardFilter:
        self.filter = CardFilter(self.request.GET, staff=self.request.user)
        return self.filter

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lines, shown = self.filter.lines, list(context["rows"])
        counts = counted(lines)
        return context | {
            "rows": list(zip(shown, with_changes(lines[child.pk] for child in shown), strict=True)),
            "counts": counts,
            "state_urls": self.filter.state_urls(),
            "void_hint": f"{counts.void_copies} 份" if counts.void_copies else "",
            "to_print": len(self.filter.listed(TO_PRINT)),
            "printed": len(self.filter.listed(PRINTED)),
            "print_form": CardPrintForm(),
        }


@require_POST
@allows(Act.PRINT)
def card_print(request: HttpRequest) -> HttpResponse:
    """Print the ticked cards, or those listed that are missing or void; a changed card gets its next version."""
    form = CardPrintForm(request.POST)
    copies = form.cleaned_data["copies"] if form.is_valid() else 1
    kind = CARDS[copies]
    if "needed" in request.POST:
        filtered = CardFilter(request.POST, staff=request.user)
        filtered.narrow(_loaded(request))
        ids = filtered.listed(TO_PRINT)
    else:
        ids = _ticked(request)
        if not ids:
            messages.info(request, "请先勾选要打印的学生。")
    asked = chosen(kind, request.user, ids)  # type: ignore[arg-type]
    children = [child for child in asked if child.school_class_id]
    if len(children) < len(asked):
        messages.info(request, "已离校的学生不再打印联系卡，请把发出的旧卡收回。")
    return print_children(request, kind, children, "reports:card_list")


def _loaded(request: HttpRequest) -> ChildQuerySet:
    return card_children(request.user).select_related("school", "school_class__school")


def _ticked(request: HttpRequest) -> list[int]:
    return numbers(request.POST.getlist("child"))


@require_POST
@allows(Act.PRINT)
def card_hand_out(request: HttpRequest) -> HttpResponse:
    """Note that the holders got the ticked (or all filtered) children's cards in use and gave back the void ones."""
    if "all" in request.POST:
        filtered = CardFilter(request.POST, staff=request.user)
        filtered.narrow(_loaded(request))
        ids = filtered.listed(PRINTED)
    else:
        ids = _ticked(request)
    seen = printable(request.user, *CARD_NEEDS).filter(pk__in=ids)  # type: ignore[arg-type]
    # On the own page of a pupil whose parents are home the card may still be handed out; a leaver's only comes back.
    over = seen.filter(school_class=None)
    if "child_page" not in request.POST:
        over = card_children(request.user).filter(pk__in=ids, needs_card=False)
    no_more = list(over.values_list("pk", flat=True))  # read before the copies are back
    taken = _take_back(request, no_more)
    cards = list(ContactCard.objects.filter(child__in=seen, replaced_on=None).exclude(child__in=no_more))
    form = CardPrintForm(request.POST)
    holders = form.holders() if form.is_valid() else ()
    count = hand_out(cards=cards, holders=holders, on=timezone.localdate())
    if cards:
        note_each(request, Event.WRITE, [card.child_id for card in cards], "联系卡发放")
    if not ids:
        messages.info(request, "请先勾选已发放的学生。")
    elif cards:
        messages.success(request, f"已登记 {len(cards)} 名学生的联系卡发放（新登记 {count} 份），旧卡视为已收回。")
    elif not taken:
        messages.warning(request, "所选学生还没有打印过联系卡，请先打印。")
    if "child_page" in request.POST and ids:
        return redirect("reports:card_show", ids[0])
    return redirect(reverse("reports:card_list") + CardFilter(request.POST, staff=request.user).query())


def _take_back(request: HttpRequest, children: list[int]) -> int:
    """Note that every copy of children who need no card any more came back; returns how many did."""
    copies = list(CardCopy.objects.out().filter(card__child__in=children).select_related("card"))
    if copies:
        note_each(request, Event.WRITE, {copy.card.child_id for copy in copies}, "联系卡收回")
    if taken := collect(copies, on=timezone.localdate()):
        messages.success(request, f"已登记收回不再需要的联系卡 {taken} 份。")
    return taken


@require_safe
@allows(Act.PRINT)
def card_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One child's versions and who holds which."""
    child, staff = _child_or_404(request, pk), request.user
    today = timezone.localdate()
    [line] = with_changes(card_lines([child], on=today, not_needed=no_more([child])).values())
    cards = ContactCard.objects.filter(child=child).select_related("printed_by").prefetch_related("copies")
    note(request, Event.VIEW, child, "联系卡")
    context = {
        "child": child,
        "line": line,
        "cards": cards,
        "do_not_call": warning(child, staff),  # type: ignore[arg-type]
        "holders": CardCopy.Holder.choices,
        "crumbs": [*(Crumb(label, reverse(url)) for label, url in CRUMBS), Crumb(child.name)],
        "print_form": CardPrintForm(),
    }
    return render(request, "reports/card_show.html", context)


@require_POST
@allows(Act.PRINT)
def card_collect(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that one void copy was taken back or destroyed."""
    copy = get_object_or_404(CardCopy.objects.select_related("card"), pk=pk)
    child = _child_or_404(request, copy.card.child_id)
    if copy.card.replaced_on is None and child.needs_card:
        messages.info(request, "这一版仍在使用，不用收回。")
    elif collect([copy], on=timezone.localdate()):
        note(request, Event.WRITE, child, "联系卡收回")
        messages.success(request, f"{child.name}第{copy.card.number}版（{copy.get_holder_display()}）已登记收回。")
    return redirect("reports:card_show", child.pk)


def _child_or_404(request: HttpRequest, pk: int) -> Any:
    """A child whose card this person may print, as `with_needs` gives it."""
    found = with_needs(printable(request.user, *CARD_NEEDS).filter(pk=pk), timezone.localdate())  # type: ignore[arg-type]
    return get_object_or_404(found.select_related("school", "school_class__school"))


@require_safe
@allows(Act.PRINT)
def class_family_cards(request: HttpRequest, pk: int) -> HttpResponse:
    """The families' cards of a class's left-behind children."""
    members = printable(request.user, *CARD_NEEDS).filter(school_class=pk)  # type: ignore[arg-type]
    if not members.exists():
        raise Http404
    ids = left_behind_ids(members, Definition.SEED, timezone.localdate())
    children = chosen(FAMILY_CARDS, request.user, ids)  # type: ignore[arg-type]
    return print_children(request, FAMILY_CARDS, children, "reports:print_class", pk)


@require_safe
@allows(Act.PRINT)
def child_family_card(request: HttpRequest, pk: int) -> HttpResponse:
    """One family's card."""
    child = _child_or_404(request, pk)
    return print_children(request, FAMILY_CARDS, [child], "reports:card_show", pk)
