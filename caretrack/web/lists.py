"""
The three base views: a list with a filter, a page with a form, a page that asks before an act. No fourth one.

A page states what is special about it; gate it with ``@allows(Act.…)``. docs/interface.md shows each in use.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.cache import patch_vary_headers
from django.views.generic import FormView, TemplateView

from caretrack.access.log import write_notes
from caretrack.web import drafts
from caretrack.web.components import Crumb
from caretrack.web.drafts import Sheet
from caretrack.web.forms import CareForm, FilterForm

PAGE_SIZE = 25


class PageHead:
    """What every page says about itself on top. Give attributes, or methods of the same name with ``get_``."""

    request: HttpRequest
    heading = ""
    lead = ""
    crumbs: tuple[tuple[str, str], ...] = ()

    def get_heading(self) -> str:
        """The page's only h1, also its title in the browser's tab."""
        return self.heading

    def get_lead(self) -> str:
        """One sentence under the heading; may be empty."""
        return self.lead

    def get_crumbs(self) -> list[Crumb]:
        """The way here: (label, address) pairs, the page itself left out; an address may be a URL name."""
        return [Crumb(label, resolve_url(url)) for label, url in self.crumbs]

    def head_context(self) -> dict[str, Any]:
        """The names that templates/web/_page.html prints."""
        heading = self.get_heading()
        crumbs = self.get_crumbs()
        return {
            "page_heading": heading,
            "page_lead": self.get_lead(),
            "page_crumbs": [*crumbs, Crumb(heading)] if crumbs else [],
        }


class FilteredListView(PageHead, TemplateView):
    """
    A list of what this person may see, narrowed by a GET form, 25 a page.

    A page gives ``queryset`` (its ``visible_to(staff)`` is always applied), ``filter_class``, ``rows_template`` (drawn
    with ``page`` and ``rows``), and what to say when nothing is there. With htmx only the rows are sent.
    """

    template_name = "web/list_page.html"
    queryset: QuerySet[Any]
    filter_class: type[FilterForm] | None = None
    rows_template = ""
    page_size = PAGE_SIZE
    unit = "条"
    empty_text = "还没有内容。"
    empty_hint = ""
    empty_url = ""
    empty_action = ""
    no_match_text = "没有符合条件的内容。"
    no_match_hint = "可以放宽或清除上面的条件再试。"

    def get_queryset(self, staff: Any) -> QuerySet[Any]:
        """What this person may see, before the filter. Override to annotate; keep ``visible_to``."""
        return self.queryset.all().visible_to(staff)  # type: ignore[attr-defined]

    def get_filter(self) -> FilterForm | None:
        """The filter, bound to the address."""
        return self.filter_class(self.request.GET, staff=self.request.user) if self.filter_class else None

    def is_filtered(self, form: FilterForm | None) -> bool:
        """Whether the address asks for less than everything."""
        return form is not None and any(self.request.GET.get(name, "").strip() for name in form.fields)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.get_filter()
        seen = self.get_queryset(self.request.user)
        narrowed = form.narrow(seen) if form else seen
        page = Paginator(narrowed, self.page_size).get_page(self.request.GET.get("page"))
        context = super().get_context_data(
            **kwargs,
            **self.head_context(),
            filter_form=form,
            page=page,
            rows=page.object_list,
            rows_template=self.rows_template,
            filtered=self.is_filtered(form),
            unit=self.unit,
        )
        for name in ("empty_text", "empty_hint", "empty_url", "empty_action", "no_match_text", "no_match_hint"):
            context[name] = getattr(self, name)
        context |= {"no_match_url": self.request.path, "no_match_action": "清除条件"}
        context["empty_url"] = resolve_url(self.empty_url) if self.empty_url else ""
        return context

    def get_template_names(self) -> list[str]:
        return ["web/_rows.html"] if _wants_fragment(self.request) else [self.template_name]

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


class KeepsDraft:
    """
    Mixin for a FormView whose text must not be lost. FormPage has it already.

    On GET a draft fills the form and the page says so; a refused form is kept; a saved one is forgotten. A view whose
    form is about something names it: ``draft_key`` ("record:child:12"); otherwise the page's address is the name.
    """

    request: HttpRequest
    draft: Any = None
    keeps_draft = True
    #: False for a form that is about something else each time: a draft fills it when it is asked for by `?draft=` only.
    resumes_unasked = True

    def draft_key(self) -> str:
        """What this form is and what it is about; the same for the same form only."""
        return drafts.page_key(self.request.path)

    def draft_title(self) -> str:
        """The words for the list of unfinished forms."""
        return self.get_heading() if isinstance(self, PageHead) else ""

    def with_draft(self, form: Any) -> Any:
        """The form with its sheet, and on GET with the text of the draft."""
        if not self.keeps_draft:
            return form
        staff, key = self.request.user, self.draft_key()
        sent = drafts.sheet_of(self.request) if self.request.method == "POST" else None
        if sent is not None and sent.staff_id == staff.pk and sent.key == key:
            form.sheet = sent
        else:
            form.sheet = Sheet(staff.pk, key, self.request.get_full_path(), self.draft_title()[:80])
        number = self.request.GET.get("draft", "")
        asked = bool(number) or self.resumes_unasked
        if asked and self.request.method in {"GET", "HEAD"} and (draft := drafts.find(staff, key, number)):
            drafts.restore(form, draft)
            form.sheet = drafts.going_on(form.sheet, draft)
            self.draft = draft
        return form

    def keep_refused(self, form: Any) -> None:
        """The form was refused with errors: its text is kept, should the page be closed now, unless it is on record."""
        if self.keeps_draft and form.is_on_record:
            self.forget_draft(form)
            form.sheet = Sheet(form.sheet.staff_id, form.sheet.key, form.sheet.page, form.sheet.title)
        elif self.keeps_draft and (fields := drafts.typed_fields(self.request.POST)) and _is_typed(form, fields):
            drafts.keep(form.sheet, fields)

    def forget_draft(self, form: Any) -> None:
        """The form was saved."""
        if self.keeps_draft:
            drafts.close(self.request.user, form.sheet.key, form.sheet)


class FormPage(KeepsDraft, PageHead, FormView[Any], ABC):
    """
    A page with one form: draws it, keeps its text, calls the service, says that it is done, leads on.

    A page gives ``form_class`` (a CareForm), ``heading``, ``success_url`` and ``save``.
    """

    template_name = "web/form_page.html"
    button = ""
    cancel_url = ""
    saved_text = "已保存。"
    #: What `save` writes, the draft that it ends and the access log are one transaction. For quick saves only: on
    #: SQLite nobody else can write meanwhile. A refusal takes back all that `save` wrote.
    saves_at_once = False

    def get_instance(self) -> Model | None:
        """The row that a ModelForm edits; None for a new one and for a plain form."""
        return None

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if issubclass(self.get_form_class(), forms.BaseModelForm):
            kwargs["instance"] = self.get_instance()
        return kwargs

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if isinstance(form, CareForm):
            form.cancel_url = self.get_cancel_url()
            form.button = self.button or form.button
        return self.with_draft(form)

    def get_cancel_url(self) -> str:
        """The way out without saving; may be empty."""
        return resolve_url(self.cancel_url) if self.cancel_url else ""

    def get_success_url(self) -> str:
        return resolve_url(self.success_url)

    @abstractmethod
    def save(self, form: Any) -> Any:
        """Do what the page is for: call the service. A ValidationError that it raises is shown in the form."""

    def get_saved_text(self, result: Any) -> str:
        """The sentence after saving; it names what was saved."""
        return self.saved_text

    def get_redirect_url(self, result: Any) -> str:
        """Where to go after saving."""
        return self.get_success_url()

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic() if self.saves_at_once else nullcontext():
                result = self.save(form)
                self.forget_draft(form)
                if self.saves_at_once:
                    write_notes(self.request)
        except ValidationError as refusal:
            form.add_refusal(refusal)
            return self.form_invalid(form)
        return self.answer(result)

    def answer(self, result: Any) -> HttpResponse:
        """What the browser gets after saving: the next page with the sentence on it."""
        messages.success(self.request, self.get_saved_text(result))
        return redirect(self.get_redirect_url(result))

    def form_invalid(self, form: Any) -> HttpResponse:
        self.keep_refused(form)
        response = self.render_to_response(self.get_context_data(form=form))
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.get_form()  # first: it finds the draft
        return super().get_context_data(form=form, **{**self.head_context(), "draft": self.draft, **kwargs})


class ConfirmForm(CareForm, forms.Form):
    """No fields: the press of the button is all that is asked."""


class ConfirmPage(FormPage):
    """
    A page that says what is going to happen and does it when the button is pressed.

    A page gives ``question``, ``consequences`` (a list of sentences), ``button``, ``save``; ``tone`` "danger" if it
    cannot be undone. A ``form_class`` may ask for a reason or a date.
    """

    template_name = "web/confirm_page.html"
    form_class: Any = ConfirmForm
    keeps_draft = False
    button = "确定"
    tone = "primary"
    question = ""

    def get_question(self) -> str:
        """What is going to happen, as one sentence with the name of what it happens to."""
        return self.question

    def get_consequences(self) -> list[str]:
        """What follows from it, a sentence each."""
        return []

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.button_tone = self.tone
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = {"question": self.get_question(), "consequences": self.get_consequences(), "tone": self.tone}
        return super().get_context_data(**{**asked, **kwargs})


def _wants_fragment(request: HttpRequest) -> bool:
    """htmx asks for the rows; when the browser's history asks htmx, it needs the whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def _is_typed(form: Any, fields: Mapping[str, list[str]]) -> bool:
    """Whether a form sent back says more than its page did; what is drawn beside the form's own fields counts too."""
    own = {form.add_prefix(name) for name in form.fields}
    beside = any(value.strip() for name in fields.keys() - own for value in fields[name])
    return beside or form.has_changed()
