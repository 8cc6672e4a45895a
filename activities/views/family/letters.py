"""Letters to families: texts in versions, preview with a real child, sending, slips, paper."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.family import letters
from activities.family.jobs import LETTERS
from activities.family.letters import letter_papers, readers
from activities.family.papers import FAMILY_SHEETS
from activities.forms.letters import LetterForm, SendForm, SlipForm
from activities.models import HomeLetter, LetterText
from activities.picking import classes_of
from activities.views.family.frame import in_roll_order, tabs
from activities.views.links import way_back
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import pdf_response
from caretrack.jobs.services import enqueue
from caretrack.pdf import render_pdf
from caretrack.schools.models import Term
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from caretrack.web.numbers import number, numbers
from children.life.papers import imprint
from children.queries import roll_order

#: So many letters are laid out while somebody waits: a class.
AT_ONCE = 60
#: So many sent letters stand on a page: the slips of a class are ticked without turning it.
A_PAGE = 60


def text_or_404(request: HttpRequest, pk: int) -> LetterText:
    """The letter, of a school where this person writes to families."""
    rows = LetterText.objects.visible_to(request.user).select_related("school", "made_by")
    text: LetterText = get_object_or_404(rows, pk=pk)
    return text


def show_url(text: LetterText) -> str:
    return reverse("activities:letter_text_show", args=[text.pk])


def crumbs_of(text: LetterText) -> list[Crumb]:
    return [Crumb("致家长的信", reverse("activities:letter_text_list")), Crumb(text.title, show_url(text))]


@allows(Act.FAMILY)
@require_safe
def letter_text_list(request: HttpRequest) -> HttpResponse:
    """The letters in use, with how many went out and whose slip is missing."""
    staff: Any = request.user
    texts = list(LetterText.objects.visible_to(staff).current().select_related("school"))
    seen = HomeLetter.objects.visible_to(staff).filter(text__in=texts)
    sent, missing = _numbers(seen), _numbers(seen.missing())
    context = {
        "tabs": tabs("letter_text_list", staff),
        "rows": [(text, sent.get(text.pk, 0), missing.get(text.pk, 0)) for text in texts],
        "may_write": staff.may(Act.FAMILY_TEXT),
    }
    return render(request, "activities/family/letter_list.html", context)


def _numbers(rows: Any) -> dict[int, int]:
    found: dict[int, int] = {}
    for pk in rows.order_by().values_list("text", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


@allows(Act.FAMILY_TEXT)
@require_POST
def letter_text_ship(request: HttpRequest) -> HttpResponse:
    """Take over the shipped letters."""
    staff: Any = request.user
    count = sum(letters.take_shipped(s, staff, timezone.localdate()) for s in _schools(staff))
    messages.success(request, f"已放入 {count} 封范本，可以按学校的情况修改。" if count else "范本都已经有了。")
    return redirect("activities:letter_text_list")


def _schools(staff: Any) -> list[Any]:
    return [school for school in [staff.home_school()] if school is not None]


@allows(Act.FAMILY_TEXT)
class LetterTextAdd(FormPage):
    """Write a letter."""

    form_class = LetterForm
    heading = "写一封致家长的信"
    crumbs = (("致家长的信", "activities:letter_text_list"),)
    replaces: LetterText | None = None

    def draft_key(self) -> str:
        return "letter-text:new"

    def get_instance(self) -> LetterText:
        school = self.request.user.home_school()  # type: ignore[union-attr]
        if school is None:
            raise PermissionDenied("您没有学校的任职，不能写致家长的信。")
        return LetterText(school=school)

    def save(self, form: Any) -> LetterText:
        staff: Any = self.request.user
        return letters.save_text(form.instance, replaces=self.replaces, by=staff, on=timezone.localdate())

    def get_saved_text(self, result: Any) -> str:
        return f"“{result.title}”已保存为第 {result.number} 版。"

    def get_cancel_url(self) -> str:
        return reverse("activities:letter_text_list")

    def get_redirect_url(self, result: Any) -> str:
        return show_url(result)


@allows(Act.FAMILY_TEXT)
class LetterTextChange(LetterTextAdd):
    """Write the next version of a letter; the one before stays as it went out."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.replaces = text_or_404(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"修改“{self.replaces.title}”"  # type: ignore[union-attr]

    def get_lead(self) -> str:
        return "保存后成为新的一版；已经发出的信仍按原来的一版保存。"

    def draft_key(self) -> str:
        return f"letter-text:{self.replaces.pk}"  # type: ignore[union-attr]

    def get_instance(self) -> LetterText:
        old: Any = self.replaces
        return LetterText(school=old.school, kind=old.kind, title=old.title, text=old.text, question=old.question)

    def get_initial(self) -> dict[str, Any]:
        return {"options": "、".join(self.replaces.options)}  # type: ignore[union-attr]

    def get_cancel_url(self) -> str:
        return show_url(self.replaces)  # type: ignore[arg-type]


@allows(Act.FAMILY)
@require_safe
def letter_text_show(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: how it reads for a real child, to whom it went, whose slip is missing."""
    text = text_or_404(request, pk)
    staff: Any = request.user
    children, today = readers(staff, text.school), timezone.localdate()
    asked = number(request.GET.get("child"))
    chosen = in_roll_order(children.filter(pk=asked) if asked else children).first()
    if chosen is not None:
        note(request, Event.VIEW, chosen, f"letter {text.pk}")
    state = request.GET.get("state", "")
    ever = HomeLetter.objects.visible_to(staff).filter(text=text)
    term = Term.objects.current(text.school, today)
    of_term = term is not None and request.GET.get("term") != "all"
    sent = ever.in_term(term) if term and of_term else ever
    place = request.GET.get("school_class", "")
    rows = sent.filter(child__school_class=number(place) or 0) if place else sent
    listed = rows.missing() if state == "missing" else rows
    ordered = listed.select_related("child__school_class__school", "text").order_by(*roll_order("child__"))
    page = Paginator(ordered, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "text": text,
        "paper": letter_papers(text, [chosen], by=staff, on=today)[0] if chosen else None,
        "chosen": chosen,
        "page": page,
        "rows": [(row, row.child.class_name(today)) for row in page],
        "sent": sent.count(),
        "of_term": of_term,
        "earlier": ever.count() - sent.count(),
        "listed": rows.count(),
        "noted_today": rows.noted_by(staff, today).count(),
        "back_query": urlencode({"school_class": place, "next": request.get_full_path()}),
        "missing": rows.missing().count(),
        "state": state,
        "place": place,
        "here": request.get_full_path(),
        "slip_form": SlipForm(options=text.options, initial={"on": today}) if text.question and page else None,
        "classes": classes_of(children.filter(pk__in=sent.values("child")), today),
        "older": text.replaces,
        "newer": LetterText.objects.filter(replaces=text).first(),
        "may_write": staff.may(Act.FAMILY_TEXT),
        "crumbs": [crumbs_of(text)[0], Crumb(text.title)],
    }
    return render(request, "activities/family/letter_show.html", context)


@allows(Act.FAMILY)
class LetterSend(FormPage):
    """To whom the letter goes; then it can be printed."""

    form_class = SendForm
    keeps_draft = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.text = text_or_404(request, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_heading(self) -> str:
        return f"发出“{self.text.title}”"

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.text)

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def get_form_kwargs(self) -> dict[str, Any]:
        staff: Any = self.request.user
        classes = classes_of(readers(staff, self.text.school), timezone.localdate())
        return super().get_form_kwargs() | {"classes": classes}

    def save(self, form: Any) -> int:
        staff: Any = self.request.user
        given = form.cleaned_data
        children = readers(staff, self.text.school)
        if given["to"] != "all":
            children = children.filter(school_class=int(given["to"]))
        if given["away"]:
            children = children.with_a_parent_away()
        listed = list(children)
        if not listed:
            raise ValidationError("没有符合条件的家庭。")
        for child in listed:
            note(self.request, Event.WRITE, child, f"letter {self.text.pk}")
        return letters.send(self.text, listed, on=given["on"], return_by=given["return_by"], by=staff)

    def get_saved_text(self, result: Any) -> str:
        return f"已登记发给 {result} 个家庭，可以打印了。" if result else "这些家庭都已经登记过，可以直接打印。"

    def get_cancel_url(self) -> str:
        return show_url(self.text)

    def get_redirect_url(self, result: Any) -> str:
        return show_url(self.text)


@allows(Act.FAMILY)
@require_POST
def letter_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What this person noted as sent today was for the wrong families; of one class with ?school_class=."""
    text, staff = text_or_404(request, pk), request.user
    rows = HomeLetter.objects.visible_to(staff).filter(text=text)
    if place := request.GET.get("school_class", ""):
        rows = rows.filter(child__school_class=number(place) or 0)
    children = letters.take_back(rows, by=staff, today=timezone.localdate())  # type: ignore[arg-type]
    for child in children:
        note(request, Event.WRITE, child, f"letter {pk} taken back")
    told = f"已撤销 {len(children)} 户的发出登记。" if children else "没有您今天登记、还没收回回执的发出。"
    messages.info(request, told)
    return redirect(f"{way_back(request, show_url(text))}#slips")


@allows(Act.FAMILY)
@require_POST
def letter_slips(request: HttpRequest, pk: int) -> HttpResponse:
    """The slips of the ticked families came back."""
    text = text_or_404(request, pk)
    ids = numbers(request.POST.getlist("letter"))
    rows = HomeLetter.objects.visible_to(request.user).filter(text=text, pk__in=ids).select_related("child", "text")
    form = SlipForm(request.POST, options=text.options)
    try:
        if not form.is_valid():
            messages.error(request, "；".join(told for texts in form.errors.values() for told in texts))
        elif not ids:
            messages.info(request, "请先勾选交回回执的学生。")
        else:
            for row in rows:
                note(request, Event.WRITE, row.child_id, f"letter {pk} slip")
            count = letters.take_slips(rows, on=form.cleaned_data["on"], choice=form.cleaned_data["choice"])
            messages.success(request, f"已登记收回 {count} 份回执。")
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    return redirect(f"{way_back(request, show_url(text))}#slips")


@allows(Act.FAMILY)
@require_POST
def letter_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The letters of a class or of one child; those of many become background work."""
    text = text_or_404(request, pk)
    staff: Any = request.user
    children = readers(staff, text.school)
    if child := number(request.POST.get("child")):
        children = children.filter(pk=child)
    else:
        term = Term.objects.current(text.school, timezone.localdate())
        sent = HomeLetter.objects.filter(text=text)
        children = children.filter(pk__in=(sent.in_term(term) if term else sent).values("child"))
        if asked := number(request.POST.get("school_class")):
            children = children.filter(school_class=asked)
    listed = list(in_roll_order(children))
    if not listed:
        messages.info(request, "还没有登记发给谁，请先“登记发出”。")
        return redirect(show_url(text))
    if len(listed) > AT_ONCE:
        params = {"text": text.pk, "children": [one.pk for one in listed]}
        job = enqueue(LETTERS, staff, params, title=f"打印致家长的信（{len(listed)} 份）")
        return redirect("jobs:job_show", job.pk)
    for one in listed:
        note(request, Event.PRINT, one, f"letter {pk}")
    papers = letter_papers(text, listed, by=staff, on=timezone.localdate())
    context = {"papers": papers, "imprint": imprint(staff, timezone.localtime())}
    title = f"{text.title} {listed[0].name if len(listed) == 1 else f'{len(listed)}份'}"
    return pdf_response(
        render_pdf("print/home_letter.html", context, title=title, stylesheets=FAMILY_SHEETS), f"{title}.pdf"
    )
