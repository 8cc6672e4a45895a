"""The child's photo: upload, look, take away."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act, DataClass
from caretrack.web.lists import FormPage
from children.forms.acts import PhotoForm
from children.photos import keep_photo, photo_allowed, photo_consent, remove_photo
from children.views.page import AboutChild, child_or_404, demand


@allows(Act.CHILD_VIEW)
@require_safe
def child_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture itself, for those who see the child; always as a JPEG, never as what somebody sent."""
    child, _ = child_or_404(request, pk)
    if not child.photo or not child.photo.storage.exists(child.photo.name):
        raise Http404
    with child.photo.open("rb") as file:
        response = HttpResponse(file.read(), content_type="image/jpeg")  # at most 800 px: read whole
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = 'inline; filename="photo.jpg"'
    return response


@allows(Act.CHILD_EDIT)
class PhotoEdit(AboutChild, FormPage):
    """Upload a photo, once the family agreed."""

    template_name = "children/photo_form.html"
    form_class = PhotoForm
    data = DataClass.CONTACT
    keeps_draft = False

    def get_heading(self) -> str:
        return f"{self.child.name}的照片"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        consent = photo_consent(self.child)
        return super().get_context_data(**{"consent": consent, "allowed": photo_allowed(self.child), **kwargs})

    def save(self, form: Any) -> Any:
        keep_photo(child=self.child, file=form.cleaned_data["photo"])
        note(self.request, Event.WRITE, self.child, detail="photo")
        return self.child

    def get_saved_text(self, result: Any) -> str:
        return f"{result.name}的照片已保存。"


@allows(Act.CHILD_EDIT)
@require_POST
def photo_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the photo out of the dossier and off the disk."""
    child, sight = child_or_404(request, pk)
    demand(sight, DataClass.CONTACT)
    remove_photo(child=child)
    note(request, Event.WRITE, child, detail="photo")
    return redirect(reverse("children:child_show", args=[pk]))
