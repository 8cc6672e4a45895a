"""常用语: a teacher's own sentences, kept from the record form or written here."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from activities.forms.phrases import PhraseForm
from activities.models import Kind, Phrase
from activities.phrases import begin_with_starters, keep_phrase, phrases_of
from caretrack.access.gates import allows
from caretrack.access.policy import Act
from caretrack.web.lists import FormPage


class PhrasePage(FormPage):
    """What the two pages about sentences share."""

    form_class = PhraseForm
    crumbs = (("关爱记录", "activities:record_list"),)
    success_url = "activities:phrase_list"


@allows(Act.RECORD_WRITE)
class PhraseList(PhrasePage):
    """One's sentences and a form for another one."""

    template_name = "activities/phrase_list.html"
    heading = "常用语"
    lead = "常写的句子存在这里，记录时点一下就填进去。只有您自己看得到。"
    button = "添加"
    saved_text = "常用语已添加。"

    def save(self, form: Any) -> Phrase:
        return keep_phrase(owner=self.request.user, **form.cleaned_data)[0]  # type: ignore[arg-type]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"phrases": list(phrases_of(self.request.user)), **kwargs})  # type: ignore[arg-type]


@allows(Act.RECORD_WRITE)
class PhraseEdit(PhrasePage):
    """Change one's own sentence."""

    heading = "修改常用语"
    cancel_url = "activities:phrase_list"
    saved_text = "常用语已修改。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.phrase = get_object_or_404(Phrase, pk=kwargs["pk"], owner=request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"text": self.phrase.text, "kind": self.phrase.kind}

    def save(self, form: Any) -> Phrase:
        self.phrase.text, self.phrase.kind = form.cleaned_data["text"], form.cleaned_data["kind"]
        self.phrase.save(update_fields=["text", "kind"])
        return self.phrase


@require_POST
@allows(Act.RECORD_WRITE)
def phrase_keep(request: HttpRequest) -> HttpResponse:
    """Keep a sentence from the record form: {text, fresh}; 422 with the reason."""
    kind = request.POST.get("kind", "")
    try:
        phrase, fresh = keep_phrase(
            owner=request.user,  # type: ignore[arg-type]
            text=request.POST.get("text", ""),
            kind=kind if kind in Kind.values else "",
        )
    except ValidationError as refusal:
        return JsonResponse({"refused": "；".join(refusal.messages)}, status=422)
    return JsonResponse({"text": phrase.text, "fresh": fresh})


@require_POST
@allows(Act.RECORD_WRITE)
def phrase_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own sentence off the page."""
    phrase = get_object_or_404(Phrase, pk=pk, owner=request.user)
    phrase.delete()
    messages.success(request, f"已删除常用语“{phrase}”。")
    return redirect(reverse("activities:phrase_list"))


@require_POST
@allows(Act.RECORD_WRITE)
def phrase_begin(request: HttpRequest) -> HttpResponse:
    """Begin with the sentences that schools often use."""
    number = begin_with_starters(request.user)  # type: ignore[arg-type]
    messages.success(request, f"已添加 {number} 句，可以随意修改和删除。")
    return redirect(reverse("activities:phrase_list"))
