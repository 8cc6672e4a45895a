"""Pictures with a record: add, look, take out."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.forms.photos import RecordPhotoForm
from activities.models import Kind, RecordPhoto
from activities.pictures import take_out
from activities.record_photos import keep_record_photo, without_consent
from activities.views.writing import OfRecord
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import picture_response


@allows(Act.RECORD_WRITE)
class RecordPhotoAdd(OfRecord):
    """A picture to a record of one's own; without consent the page says whose is missing."""

    template_name = "activities/record_photo_form.html"
    form_class = RecordPhotoForm
    keeps_draft = False
    heading = "添加照片"
    saved_text = "照片已添加。"

    def check_right(self, request: HttpRequest) -> None:
        super().check_right(request)
        if self.record.kind == Kind.COUNSELLING:
            raise PermissionDenied("心理辅导不拍照。")

    def get_lead(self) -> str:
        return f"{self.record.child} {self.record}。记录不需要照片，确有必要再添加。"

    def save(self, form: Any) -> RecordPhoto:
        made = keep_record_photo(
            record=self.record,
            file=form.cleaned_data["photo"],
            words=form.cleaned_data["words"],
            by=self.request.user,  # type: ignore[arg-type]
        )
        note(self.request, Event.WRITE, self.record.child_id, f"record {self.record.pk} photo")
        return made

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"lacking": without_consent(self.record), **kwargs})


@require_safe
@allows(Act.RECORD_LIST)
def record_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture itself, for those who read the record, while the consent stands."""
    seen = RecordPhoto.objects.visible_to(request.user).select_related("record__child")
    photo = get_object_or_404(seen, pk=pk)
    if without_consent(photo.record):
        raise Http404
    shown = picture_response(photo)
    note(request, Event.VIEW, photo.record.child_id, "record photo")
    return shown


@require_POST
@allows(Act.RECORD_WRITE)
def record_photo_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """The author takes a picture out."""
    photo = get_object_or_404(RecordPhoto.objects.visible_to(request.user).select_related("record"), pk=pk)
    if photo.record.author_id != request.user.pk:
        raise PermissionDenied("照片由写这条记录的老师移除。")
    take_out(photo, on=timezone.localdate())
    note(request, Event.WRITE, photo.record.child_id, "record photo removed")
    return redirect(reverse("activities:record_show", args=[photo.record_id]))
