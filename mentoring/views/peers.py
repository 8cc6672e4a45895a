"""Peer pairs: the list, a new pair, a look at how it does, the end, the card."""

from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.leading import pupil_named
from activities.picking import choices, classes_of, picker
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.models import SchoolClass
from caretrack.web.components import Crumb
from caretrack.web.lists import ConfirmPage, FilteredListView, FormPage
from caretrack.web.numbers import number
from caretrack.web.printing import too_long
from children.models import Child
from children.queries import roll_order
from mentoring.forms.peers import NamedPeerForm, PeerCheckForm, PeerEndForm, PeerFilter, PeerForm
from mentoring.models import PeerCheck, PeerPairing
from mentoring.peers import check_peers, end_peers, pair_peers
from mentoring.views.papers import paper_response
from mentoring.views.reach import reached
from mentoring.views.tabs import tabs

HOME = (("结对", "mentoring:board"), ("同伴结对", "mentoring:peer_list"))
#: Cards of one print, two on a sheet: a school of a thousand pupils has fewer.
CARDS = 400
#: The key under which a pupil named in full is handed to the next page, and how many seconds it holds.
NAMED, NAMED_FOR = "mentoring.peer", 3600


def pairs_for(request: HttpRequest, act: Act) -> "QuerySet[PeerPairing]":
    """The pairs of which this person reaches a pupil, who helps or is helped, through a post that allows the act."""
    seen = reached(request.user, act).order_by().values("pk")
    pairs = PeerPairing.objects.filter(Q(child__in=seen) | Q(peer__in=seen))
    return pairs.select_related("child__school_class__school", "peer__school_class__school")


@allows(Act.PAIRING_VIEW)
class PeerList(FilteredListView):
    """Pupils who help each other, with the last look at each pair."""

    heading = "同伴结对"
    lead = "手拉手好朋友、一帮一、学习小老师；每对有一张卡，定期看看效果。"
    template_name = "mentoring/peer_list.html"
    rows_template = "mentoring/_peer_rows.html"
    unit = "对"
    empty_text = "还没有同伴结对。"

    def get_filter(self) -> PeerFilter:
        seen = reached(self.request.user, Act.PAIRING_VIEW)
        return PeerFilter(
            self.request.GET,
            staff=self.request.user,
            classes=classes_of(seen, timezone.localdate()),  # type: ignore[arg-type]
        )

    def get_queryset(self, staff: Any) -> "QuerySet[PeerPairing]":
        return pairs_for(self.request, Act.PAIRING_VIEW).order_by(*roll_order("child__"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today, staff = timezone.localdate(), self.request.user
        pairs = list(context["rows"])
        shown = {pk for pair in pairs for pk in (pair.child_id, pair.peer_id)}
        seen = set(reached(staff, Act.PAIRING_VIEW).filter(pk__in=shown).values_list("pk", flat=True))
        last: dict[int, PeerCheck] = {}
        for check in PeerCheck.objects.filter(pair__in=pairs).order_by("on", "pk"):
            last[check.pair_id] = check
        return context | {
            "tabs": tabs("peer_list", staff),
            "rows": [
                {
                    "pair": p,
                    "child_class": p.child.class_name(today),
                    "peer_class": p.peer.class_name(today),
                    "check": last.get(p.pk),
                    "child_opens": p.child_id in seen,
                    "peer_opens": p.peer_id in seen,
                }
                for p in pairs
            ],
            "may_edit": staff.may(Act.PEER_EDIT),  # type: ignore[union-attr]
            "query": self.request.GET.urlencode(),
        }


@allows(Act.PEER_EDIT)
class PeerAdd(FormPage):
    """Who is helped, then by whom, each looked for by class or name; then how and since when."""

    form_class = PeerForm
    crumbs = HOME
    cancel_url = success_url = "mentoring:peer_list"
    child: Child
    peer: Child

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.pupils = reached(request.user, Act.PEER_EDIT).select_related("school_class__school")
        here = reverse("mentoring:peer_add")
        child = self._asked("child")
        if child is None:
            return self._pick("先选要帮助的学生", "按班级或姓名找，点名字继续。", self.pupils, {}, here + "?child={}")
        peer = self._asked("peer") or self._named_before(child)
        if peer is None or peer.pk == child.pk:
            unseen = self._unseen_classes(child)
            named = NamedPeerForm(request.POST if "of" in request.POST else None, classes=unseen)
            if named.is_bound and (address := self._find_named(child, named)):
                return redirect(address)
            others = self.pupils.filter(school=child.school_id).exclude(pk=child.pk)
            lead = f"{child.name}，{child.class_name(timezone.localdate())}。"
            if others.exclude(school_class=child.school_class_id).exists():
                lead += "可以是同班，也可以是同校的哥哥姐姐。"
            kept = {"child": str(child.pk)}
            address = f"{here}?child={child.pk}&peer={{}}"
            return self._pick(f"再选和{child}结对的同学", lead, others, kept, address, named if unseen else None)
        self.child, self.peer = child, peer
        return super().dispatch(request, *args, **kwargs)

    def _asked(self, name: str) -> Child | None:
        """The pupil whom the address names; None without one, Http404 for one out of reach."""
        pk = number(self.request.GET.get(name))
        return get_object_or_404(self.pupils, pk=pk) if pk else None

    def _unseen_classes(self, child: Child) -> list[tuple[int, str]]:
        """The classes of the child's school in which this person looks for nobody; a pupil there is named in full."""
        today = timezone.localdate()
        seen = self.pupils.order_by().values("school_class")
        taught = SchoolClass.objects.taught_on(today).filter(school=child.school_id).exclude(pk__in=seen)
        ordered = taught.select_related("school").order_by("-entry_year", "number")
        return [(one.pk, one.name_on(today)) for one in ordered]

    def _find_named(self, child: Child, form: NamedPeerForm) -> str:
        """The address on which the pupil named in the form is paired; empty where nobody is called so, the form says why."""
        if not form.is_valid():
            return ""
        try:
            found = pupil_named(form.cleaned_data["of"], form.cleaned_data["name"].strip())
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return ""
        key = signing.dumps([self.request.user.pk, child.pk, found.pk], salt=NAMED)
        asked = urlencode({"child": child.pk, "named": key})
        return f"{reverse('mentoring:peer_add')}?{asked}"

    def _named_before(self, child: Child) -> Child | None:
        """The pupil whom this person has named in full for this child before; of that pupil only name and class are shown."""
        if not (key := self.request.GET.get("named")):
            return None
        try:
            by, of, peer = signing.loads(key, salt=NAMED, max_age=NAMED_FOR)
        except signing.BadSignature as error:
            raise Http404 from error
        if (by, of) != (self.request.user.pk, child.pk):
            raise Http404
        return get_object_or_404(Child.objects.names_at(child.school), pk=peer)

    def _pick(
        self,
        heading: str,
        lead: str,
        pupils: Any,
        kept: dict[str, str],
        address: str,
        named: NamedPeerForm | None = None,
    ) -> HttpResponse:
        asked = self.request.GET
        place, child = number(asked.get("class")), self._asked("child")
        own = child.school_class_id if child and "class" not in asked else None
        found = picker(
            pupils,
            self.request.user,  # type: ignore[arg-type]
            on=timezone.localdate(),
            class_id=place or own,
            q=asked.get("q", "").strip()[:20],
        )

        def paired(shown: list[int]) -> set[int]:
            mine = PeerPairing.objects.filter(child=child, peer__in=shown, ends_on__isnull=True)
            return set(mine.values_list("peer", flat=True))

        context = {
            "picker": found,
            "groups": choices(found, link=lambda one: address.format(one.pk), busy=paired if child else None),
            "heading": heading,
            "lead": lead,
            "crumbs": [*self.get_crumbs(), Crumb("安排同伴结对")],
            "kept": kept,
            "taken": "已结对",
            "below": "",
            "named": named,
        }
        return render(self.request, "mentoring/peer_pick.html", context, status=422 if named and named.errors else 200)

    def get_heading(self) -> str:
        return f"{self.peer}和{self.child}结对"

    def get_lead(self) -> str:
        today = timezone.localdate()
        return f"{self.peer}（{self.peer.class_name(today)}）帮助{self.child}（{self.child.class_name(today)}）。"

    def draft_key(self) -> str:
        return f"peer:{self.child.pk}:{self.peer.pk}"

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": timezone.localdate()}

    def save(self, form: Any) -> PeerPairing:
        told = form.cleaned_data
        pair = pair_peers(
            child=self.child, peer=self.peer, kind=told["kind"], on=told["starts_on"], today=timezone.localdate()
        )
        note(self.request, Event.WRITE, pair.child_id, f"peer pair {pair.pk}")
        return pair

    def get_saved_text(self, result: PeerPairing) -> str:
        return f"{result.peer}和{result.child}结成了“{result.get_kind_display()}”。"


class OfPair:
    """Fetches the open pair that the address names."""

    pair: PeerPairing

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        pairs = pairs_for(request, Act.PEER_EDIT).filter(ends_on__isnull=True)
        self.pair = get_object_or_404(pairs, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}


@allows(Act.PEER_EDIT)
class PeerEnd(OfPair, ConfirmPage):
    form_class = PeerEndForm
    heading = button = "结束同伴结对"
    crumbs = HOME
    cancel_url = success_url = "mentoring:peer_list"

    def get_question(self) -> str:
        return f"结束{self.pair.child}和{self.pair.peer}的结对？"

    def save(self, form: Any) -> PeerPairing:
        note(self.request, Event.WRITE, self.pair.child_id, f"peer pair {self.pair.pk} end")
        return end_peers(pair=self.pair, **form.cleaned_data)

    def get_saved_text(self, result: PeerPairing) -> str:
        return f"{self.pair.child}和{self.pair.peer}的结对已结束。"


@allows(Act.PEER_EDIT)
class PeerLook(OfPair, FormPage):
    """How the pair does, on a day."""

    form_class = PeerCheckForm
    crumbs = HOME
    cancel_url = success_url = "mentoring:peer_list"

    def get_heading(self) -> str:
        return f"看看{self.pair.child}和{self.pair.peer}的效果"

    def save(self, form: Any) -> PeerCheck:
        note(self.request, Event.WRITE, self.pair.child_id, f"peer pair {self.pair.pk} check")
        return check_peers(
            pair=self.pair,
            today=timezone.localdate(),
            by=self.request.user,  # type: ignore[arg-type]
            **form.cleaned_data,
        )

    def get_saved_text(self, result: PeerCheck) -> str:
        return f"{self.pair.child}和{self.pair.peer}：{result.get_effect_display()}，已登记。"


@require_safe
@allows(Act.PAIRING_VIEW)
def peer_cards(request: HttpRequest) -> HttpResponse:
    """The cards of the pairs that the filter asks for, two on a sheet."""
    today = timezone.localdate()
    classes = classes_of(reached(request.user, Act.PAIRING_VIEW), today)  # type: ignore[arg-type]
    form = PeerFilter(request.GET, staff=request.user, classes=classes)
    pairs = list(form.narrow(pairs_for(request, Act.PAIRING_VIEW).order_by("child__pinyin", "pk"))[: CARDS + 1])
    if len(pairs) > CARDS:
        return too_long(request, CARDS, "对结对卡", reverse("mentoring:peer_list"))
    cards = [
        {
            "school": p.child.school_class.school.name if p.child.school_class else "",
            "kind": p.get_kind_display(),
            "since": p.starts_on,
            "child": p.child.name,
            "child_class": p.child.class_name(today),
            "peer": p.peer.name,
            "peer_class": p.peer.class_name(today),
        }
        for p in pairs
    ]
    if not cards:
        raise Http404
    for pair in pairs:
        note(request, Event.PRINT, pair.child_id, f"peer card {pair.pk}")
    return paper_response(request, "print/peer_cards.html", {"cards": cards}, "同伴结对卡")
