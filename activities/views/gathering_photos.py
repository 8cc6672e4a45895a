"""Pictures of activities and meetings: add, look, take out."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from activities.forms.photos import GatheringPhotoForm
from activities.gathering_photos import is_publicity, keep_gathering_photo, photos_for, without_consent
from activities.gatherings import Gathering
from activities.models import Activity, GatheringPhoto, Meeting
from activities.pictures import take_out
from activities.views.gatherings import crumbs_of, find_to_change, may_change, refuse, show_url
from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.downloads import picture_response
from caretrack.periods import chinese_date
from caretrack.web.components import Crumb
from caretrack.web.lists import FormPage
from children.models import Child


class PhotoAdd(FormPage):
    """A picture to an activity or a meeting; whose family did not agree is named before one is chosen."""

    model: type[Activity | Meeting]
    template_name = "activities/events/photo_form.html"
    form_class = GatheringPhotoForm
    keeps_draft = False
    heading = "添加照片"
    saved_text = "照片已添加。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row: Gathering = find_to_change(self.model, request.user, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_lead(self) -> str:
        return f"{chinese_date(self.row.on)} {self.row.name}。照片不是必需的；活动和会议没有照片同样有效。"

    def get_crumbs(self) -> list[Crumb]:
        return crumbs_of(self.row)

    def get_cancel_url(self) -> str:
        return show_url(self.row)

    def get_success_url(self) -> str:
        return show_url(self.row)

    def save(self, form: Any) -> GatheringPhoto:
        data = form.cleaned_data
        made = keep_gathering_photo(
            gathering=self.row,
            file=data["photo"],
            words=data["words"],
            shows_pupils=data["shows_pupils"],
            by=self.request.user,  # type: ignore[arg-type]
        )
        note(self.request, Event.WRITE, detail=f"{self.row._meta.model_name} {self.row.pk} photo {made.pk}")
        return made

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lacking = without_consent(self.row)
        seen = Child.objects.visible_to(self.request.user).filter(pk__in=[child.pk for child in lacking])
        named = list(seen.by_name())
        return super().get_context_data(
            **{"lacking": named, "others": len(lacking) - len(named), "publicity": is_publicity(self.row), **kwargs}
        )


@allows(Act.EVENT_EDIT)
class EventPhotoAdd(PhotoAdd):
    """A picture of an activity."""

    model = Activity


@allows(Act.EVENT_EDIT)
class MeetingPhotoAdd(PhotoAdd):
    """A picture of a meeting."""

    model = Meeting


def _found(request: HttpRequest, pk: int) -> tuple[GatheringPhoto, Gathering]:
    """A picture that this person may look at, with its gathering. Raises Http404 for any other."""
    photo = get_object_or_404(GatheringPhoto.objects.kept(), pk=pk)
    model, of = (Meeting, photo.meeting_id) if photo.meeting_id else (Activity, photo.activity_id)
    gathering: Any = get_object_or_404(model.objects.visible_to(request.user), pk=of)
    if photo not in photos_for(gathering, request.user):  # type: ignore[arg-type]
        raise Http404
    return photo, gathering


@require_safe
@allows(Act.EVENT_VIEW)
def gathering_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture itself."""
    photo, gathering = _found(request, pk)
    shown = picture_response(photo)
    note(request, Event.VIEW, detail=f"{gathering._meta.model_name} {gathering.pk} photo {pk}")
    return shown


@require_POST
@allows(Act.EVENT_EDIT)
def gathering_photo_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Who may change the gathering takes a picture out."""
    photo, gathering = _found(request, pk)
    if not may_change(type(gathering), request.user, gathering.pk):
        raise refuse(gathering)
    take_out(photo, on=timezone.localdate())
    note(request, Event.WRITE, detail=f"{gathering._meta.model_name} {gathering.pk} photo {pk} removed")
    return redirect(show_url(gathering))
