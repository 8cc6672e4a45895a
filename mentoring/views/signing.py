"""Pledges and agreements: how they stand, who signed, their papers and texts."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.schools.class_names import class_labels
from caretrack.schools.models import School, SchoolClass, Term
from caretrack.web.components import Crumb, Tab
from caretrack.web.lists import FilteredListView, FormPage
from caretrack.web.numbers import number
from children.models import Child
from mentoring import paper_texts, signing
from mentoring.agreements import partly
from mentoring.forms.papers import SignForm, TextForm
from mentoring.models import PaperKind
from mentoring.sign_papers import blank_paper, papers_of, reminder_paper
from mentoring.views.papers import paper_response, papers_response
from mentoring.views.reach import reached, schools_of

PRINTED_AT_MOST = 80


@dataclass(frozen=True)
class Place:
    """A class with the pupils who are to sign, and those who have."""

    school_class: SchoolClass
    name: str
    owed: int
    signed: int

    @property
    def open(self) -> int:
        return self.owed - self.signed


def kind_or_404(kind: str) -> PaperKind:
    if kind not in PaperKind.values:
        raise Http404
    return PaperKind(kind)


def term_of(school: School) -> Term | None:
    """The running term, else the last one."""
    return Term.objects.current(school, timezone.localdate())


@allows(Act.PAPER_VIEW)
@require_safe
def paper_list(request: HttpRequest) -> HttpResponse:
    """How each kind of paper stands, school by school."""
    today = timezone.localdate()
    staff: Any = request.user
    tables = []
    for school in schools_of(staff, Act.PAPER_VIEW):
        term = term_of(school)
        children = reached(staff, Act.PAPER_VIEW).filter(school=school)
        rows = [(kind, signing.standing(kind.value, children, term, today)) for kind in PaperKind]
        tables.append((school, term, rows))
    context = {
        "page_heading": "协议与责任书",
        "page_lead": "安全责任书每学期签一次；结对协议和委托照护协议按约定的期限。点文书名称看名单，可以按班登记和打印。",
        "tables": tables,
        "several": len(tables) > 1,
        "may_text": staff.may(Act.PAPER_TEXT),
    }
    return render(request, "mentoring/papers/list.html", context)


def places_of(kind: str, staff: Any) -> list[Place]:
    """The classes in which somebody has to sign; four statements for any number of classes."""
    today = timezone.localdate()
    rows = signing.owing(kind, reached(staff, Act.PAPER_VIEW), today)
    owed = list(rows.values_list("pk", "school_class", "school"))
    signed: set[int] = set()
    for school in schools_of(staff, Act.PAPER_VIEW):
        ids = [pk for pk, _, at in owed if at == school.pk]
        signed |= set(signing.signatures(kind, ids, term_of(school), today))
    classes = SchoolClass.objects.filter(pk__in={row[1] for row in owed if row[1]}).select_related("school")
    ordered = list(classes.order_by("school_id", "-entry_year", "number"))
    names = class_labels(ordered, today)
    return [
        Place(
            c,
            names[c.pk],
            sum(at == c.pk for _, at, _ in owed),
            sum(at == c.pk and pk in signed for pk, at, _ in owed),
        )
        for c in ordered
    ]


@allows(Act.PAPER_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def paper_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind of paper in one class: who signed, who has not; signatures of one day in one press."""
    of = kind_or_404(kind)
    staff: Any = request.user
    today = timezone.localdate()
    places = places_of(of, staff)
    asked = request.GET.get("class", "")
    place = next((p for p in places if str(p.school_class.pk) == asked), places[0] if places else None)
    if asked and (place is None or str(place.school_class.pk) != asked):
        raise Http404
    context: dict[str, Any] = {
        "page_heading": of.label,
        "page_crumbs": [Crumb("协议与责任书", reverse("mentoring:paper_list")), Crumb(of.label)],
        "kind": of,
        "tabs": [Tab(p.name, f"?class={p.school_class.pk}", p is place, p.open) for p in places],
        "place": place,
        "print_at_most": PRINTED_AT_MOST,
    }
    if place is None:
        return render(request, "mentoring/papers/kind.html", context)
    children = _children_in(of, staff, place.school_class.pk)
    term = term_of(place.school_class.school)
    done = signing.signatures(of, [child.pk for child in children], term, today)
    may_sign = staff.may(Act.PAPER_SIGN)
    renewing = {pk for pk, one in done.items() if one.expires(today)}
    waiting = [child for child in children if child.pk not in done or child.pk in renewing]
    posted = request.method == "POST"
    if posted and not may_sign:
        raise PermissionDenied("登记签订由班主任、档案管理员、德育主任和校长办理。")
    parts = partly(of, [child.pk for child in children], today)
    form = SignForm(request.POST if posted else None, kind=of, listed=waiting, parts=parts, today=today)
    if posted and form.is_valid():
        given = form.cleaned_data
        chosen = [child for child in waiting if str(child.pk) in given["children"]]
        try:
            new, refused = signing.sign_many(
                kind=of, children=chosen, on=given["on"], today=today, until=given.get("until"),
                version=paper_texts.current(place.school_class.school, of).label, term=term, by=staff,
                parties=given.get("parties"),
            )  # fmt: skip
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            for child in chosen:
                note(request, Event.WRITE, child.pk, f"paper {of}")
            messages.success(request, f"{place.name}登记签订 {new} 人{form.who_signed()}。")
            for text in refused:
                messages.warning(request, text)
            return redirect(request.get_full_path())
    again: set[int] = set()
    if of == PaperKind.ENTRUSTMENT:
        listed = Child.objects.filter(pk__in=[child.pk for child in waiting])
        again = set(signing.to_sign_again(listed).values_list("pk", flat=True))
    names = signing.signers(of, [child.pk for child in waiting], today)
    signed = [child for child in children if child.pk in done]
    scans = signing.scans(of, done, staff)
    context |= {
        "form": form if may_sign else None,
        "waiting": [(child, names.get(child.pk, ""), child.pk in renewing, parts.get(child.pk)) for child in waiting],
        "partly": [(child, parts[child.pk]) for child in children if child.pk in parts],
        "again": again,
        "picked": set(request.POST.getlist("children")) if posted else set(),
        "signed": [
            {"child": child, "one": done[child.pk], "soon": child.pk in renewing, "scans": scans.get(child.pk, [])}
            for child in signed
        ],
        "without_scan": sum(child.pk not in scans for child in signed),
        "scan_kind": signing.SCAN_KINDS[of].value,
        "may_sign": may_sign,
        "may_take_back": may_sign and of != PaperKind.ENTRUSTMENT,
        "term": term,
        "query": urlencode({"class": place.school_class.pk}),
    }
    return render(request, "mentoring/papers/kind.html", context, status=422 if posted else 200)


def _children_in(kind: str, staff: Any, school_class: int) -> list[Child]:
    found = signing.owing(kind, reached(staff, Act.PAPER_VIEW), timezone.localdate())
    rows = found.filter(school_class=school_class).select_related("school", "school_class__school")
    return list(rows.order_by("pinyin", "pk"))


@allows(Act.PAPER_VIEW)
class PaperEnding(FilteredListView):
    """Agreements and entrustments that run out within a month, or have, the earliest first."""

    heading = "快到期的协议"
    lead = "三十天内到期和已经过期还没有续签的结对协议、委托照护协议。"
    crumbs = (("协议与责任书", "mentoring:paper_list"),)
    rows_template = "mentoring/papers/_ending_rows.html"
    unit = "人"
    empty_text = "三十天内没有协议到期。"

    def get_queryset(self, staff: Any) -> QuerySet[Child]:
        today = timezone.localdate()
        found = signing.running_out(reached(staff, Act.PAPER_VIEW), today, today + signing.SOON)
        return found.select_related("school_class__school").order_by("first_until", "school_class_id", "pinyin", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        today = timezone.localdate()
        return context | {"rows": [(child, child.class_name(today)) for child in context["rows"]], "today": today}


@allows(Act.PAPER_SIGN)
@require_POST
def paper_take_back(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """A signature was entered by mistake."""
    of = kind_or_404(kind)
    child = get_object_or_404(reached(request.user, Act.PAPER_SIGN).select_related("school"), pk=pk)
    if signing.take_back(kind=of, child=child, term=term_of(child.school), today=timezone.localdate()):
        note(request, Event.WRITE, child, f"paper {of} back")
        messages.success(request, f"{child.name}的{of.label}改回未签。")
    else:
        messages.info(request, f"{child.name}的{of.label}没有可以撤回的登记。")
    return redirect(f"{reverse('mentoring:paper_kind', args=[of])}?{urlencode({'class': child.school_class_id})}")


@allows(Act.PAPER_VIEW)
@require_safe
def paper_print(request: HttpRequest, kind: str) -> HttpResponse:
    """The papers of a class in one PDF, of one child, or blank (`?class=`, `?child=`, `?blank=1`)."""
    of = kind_or_404(kind)
    staff: Any = request.user
    today = timezone.localdate()
    if request.GET.get("blank"):
        school = staff.home_school()
        wording = paper_texts.current(school, of) if school else paper_texts.shipped(of)
        return papers_response(request, [blank_paper(wording, school)], f"{wording.title}（空白）")
    if pk := number(request.GET.get("child")):
        rows = reached(staff, Act.PAPER_VIEW).select_related("school", "school_class__school")
        children = [get_object_or_404(rows, pk=pk)]
    else:
        asked = number(request.GET.get("class"))
        children = _children_in(of, staff, asked) if asked else []
    if not children:
        raise Http404
    for child in children[:PRINTED_AT_MOST]:
        note(request, Event.PRINT, child.pk, f"paper {of}")
    term = term_of(children[0].school)
    papers = papers_of(of, children[:PRINTED_AT_MOST], term, today)
    title = f"{children[0].name if len(children) == 1 else children[0].class_name(today)}{of.label}"
    return papers_response(request, papers, title)


@allows(Act.PAPER_VIEW)
@require_safe
def paper_reminder(request: HttpRequest, kind: str) -> HttpResponse:
    """Who has not signed, class by class, to be reminded."""
    of = kind_or_404(kind)
    staff: Any = request.user
    today = timezone.localdate()
    children = signing.owing(of, reached(staff, Act.PAPER_VIEW), today)
    asked = request.GET.get("class", "")
    if asked:
        children = children.filter(school_class=number(asked) or 0)
    paper = reminder_paper(of, children, staff.home_school(), today)
    note(request, Event.PRINT, detail=f"paper {of} reminder: {paper.count}")
    return paper_response(request, "print/sign_reminder.html", {"paper": paper}, f"{of.label}未签名单")


@allows(Act.PAPER_TEXT)
class PaperTextEdit(FormPage):
    """The school's wording of one paper: the version in use to be changed, the older ones below."""

    form_class = TextForm
    template_name = "mentoring/papers/text.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kind = kind_or_404(kwargs["kind"])
        schools = schools_of(request.user, Act.PAPER_TEXT)
        self.school = next((s for s in schools if str(s.pk) == request.GET.get("school", str(s.pk))), None)
        if self.school is None:
            raise Http404
        self.now = paper_texts.current(self.school, self.kind)
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"{self.kind.label}的文本"

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb("协议与责任书", reverse("mentoring:paper_list"))]

    def draft_key(self) -> str:
        return f"paper-text:{self.school.pk}:{self.kind}"

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.now.title, "text": self.now.text, "seen": self.now.number}

    def save(self, form: Any) -> Any:
        given = form.cleaned_data
        row = paper_texts.save_version(
            school=self.school, kind=self.kind, title=given["title"], text=given["text"], seen=given["seen"],
            by=self.request.user,
        )  # fmt: skip
        note(self.request, Event.WRITE, detail=f"paper text {row.pk}")
        return row

    def get_saved_text(self, result: Any) -> str:
        return f"{self.kind.label}第{result.number}版已保存，以后打印和签订都用这一版。"

    def get_cancel_url(self) -> str:
        return reverse("mentoring:paper_list")

    def get_redirect_url(self, result: Any) -> str:
        return self.request.get_full_path()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "kind": self.kind,
            "now": self.now,
            "versions": paper_texts.wordings(self.school, self.kind),
            "fields": paper_texts.FIELDS,
        }
