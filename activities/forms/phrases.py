"""A teacher's own sentences: the bar under a text that inserts them, and the form that changes one."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from activities.kinds import SPECS
from activities.models import Kind, Phrase
from activities.phrases import LONGEST
from caretrack.web.forms import CareForm


class PhraseBar(LayoutObject):
    """Buttons that put a sentence into the field above, and one that keeps a sentence of it. Drawn by record.js."""

    def __init__(self, field: str, kind: str, phrases: Sequence[Phrase]) -> None:
        self.field, self.kind, self.phrases = field, kind, phrases

    def render(self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any) -> SafeString:
        """The bar as HTML."""
        given = {"target": form[self.field].auto_id, "kind": self.kind, "phrases": self.phrases}
        return render_to_string("activities/_phrase_bar.html", given)


class PhraseForm(CareForm, forms.Form):
    """One sentence and for which kind of record it is offered."""

    button = "保存"
    text = forms.CharField(label="常用语", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": "2"}))
    kind = forms.ChoiceField(
        label="用在",
        required=False,
        choices=[("", "所有类别"), *((kind, Kind(kind).label) for kind, spec in SPECS.items() if spec.keeps_content)],
    )
