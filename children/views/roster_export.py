"""The list of children as a workbook in the columns of our own template."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from caretrack.access.gates import allows
from caretrack.access.log import note
from caretrack.access.models import Event
from caretrack.access.policy import ACTS, Act
from caretrack.access.scopes import children_reached_by
from caretrack.downloads import xlsx_response
from caretrack.schools.models.school import Stage
from caretrack.web.components import Crumb
from caretrack.web.templatetags.care import cn_date
from children.forms.export import RosterExportForm
from children.forms.filters import ChildFilter
from children.importing.roster_export import roster_rows
from children.importing.template import template_workbook
from children.models import Child
from children.sight import sights
from mentoring.models import Pairing


@allows(Act.CHILD_EXPORT)
def child_export(request: HttpRequest) -> HttpResponse:
    """Ask how much and what for, then hand out the file: the children that the list shows with the same conditions."""
    staff: Any = request.user
    today = timezone.localdate()
    reached = Child.objects.visible_to(staff).filter(children_reached_by(staff, ACTS[Act.CHILD_EXPORT]))
    listed = ChildFilter(request.GET, staff=staff)
    children = listed.narrow(reached.select_related("school", "school_class__school"))
    form = RosterExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = list(children)
        pks = [child.pk for child in found]
        rows = roster_rows(found, today, sights(staff, pks), _mentors(pks, today), full=form.full)
        how = "完整" if form.full else "隐去号码"
        note(request, Event.EXPORT, detail=f"学生名单 {len(rows)} 人 {how} {form.purpose_words}")
        schools = {child.school.name for child in found}
        name = schools.pop() if len(schools) == 1 else ""
        title = f"{name}留守儿童花名册" if form.full else f"{name}学生名单（号码已隐去，不能再导入）"
        stages = {child.school.stage for child in found} or Stage.values
        return xlsx_response(
            template_workbook(title, cn_date(today), rows, stages=stages), f"学生名单{today:%Y%m%d}.xlsx"
        )
    back = reverse("children:child_list")
    query = request.GET.urlencode()
    context = {
        "form": form,
        "number": children.count(),
        "narrowed": bool(query),
        "back": f"{back}?{query}" if query else back,
        "crumbs": [Crumb("学生", back), Crumb("导出")],
    }
    return render(request, "children/child_export.html", context, status=422 if form.errors else 200)


def _mentors(children: list[int], on: Any) -> dict[int, str]:
    """The 代理家长 of each child on the day."""
    acting = Pairing.objects.on(on).acting_parents().kept(on).filter(child__in=children).order_by("starts_on")
    return dict(acting.values_list("child", "mentor__name"))
