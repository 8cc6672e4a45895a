"""What the lists give out as a workbook goes in again without a change (rosters fault 86)."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caretrack.access.policy import Role
from children.models import AidGrant, Award, BusRide, BusRoute, HealthCheck, Result
from tests.support.factories import make_staff

ON = dt.date(2026, 10, 12)


def fill(slug: str, pupils: dict[str, Any], school: Any) -> None:
    """Something stored of that kind."""
    child = pupils["lan"]
    term = school.terms.get(season=1)
    if slug == "aid":
        AidGrant.objects.create(child=child, programme="助学金", amount="625.50", on=ON, term=term, source="妇联")
    elif slug == "awards":
        Award.objects.create(child=child, title="阳光少年", scope="county", on=ON, evidence="校发3号")
    elif slug == "health":
        HealthCheck.objects.create(
            child=child, on=ON, height_cm="138.5", weight_kg="32", sight_left="5.0", sight_right="0.8", lung_ml=1500,
            blood_pressure="100/65", finding="轻度近视", place="卫生院", needs_follow_up=True, followed_up_on=ON,
        )  # fmt: skip
    elif slug == "results":
        for subject, mark in (("语文", "92.5"), ("数学", "88")):
            Result.objects.create(child=child, term=term, subject=subject, occasion="期末", mark=mark, full_mark=100)
        Result.objects.create(child=child, term=term, subject="音乐", occasion="期末", level="良")
        Result.objects.create(
            child=child, term=term, subject="英语", occasion="期末", mark=110, full_mark=120, level="优"
        )
    else:
        route = BusRoute.objects.create(
            school=school, direction="栗坪村", vehicle="licensed", plate="贵A00000", capacity=19, driver_name="石师傅",
            driver_phone="13800000021",
        )  # fmt: skip
        BusRide.objects.create(child=child, route=route, stop="村口", met_by="罗春花", starts_on=ON)


@pytest.mark.parametrize("slug", ["aid", "awards", "health", "results", "bus"])
def test_an_export_comes_back_unchanged(desk, school, pupils, slug: str) -> None:
    fill(slug, pupils, school)
    clerk = desk(make_staff(Role.CARE_LEAD, school, name="冉主任"), slug)
    book = clerk.client.get(reverse(f"children:{slug}_export"))
    assert book.status_code == 200
    answer = clerk.send_file(SimpleUploadedFile("导出.xlsx", book.content))
    assert answer.status_code == 302, answer.context["form"].errors
    new, changed, same, left_out = clerk.counts()
    assert (new, changed, left_out) == (0, 0, 0), (
        clerk.faults(),
        clerk.page("preview", "?show=changed").context["page"].object_list,
    )
    assert same == (4 if slug == "results" else 1)
    assert not [fault for fault in clerk.faults() if "不认识" in fault]


def test_results_exported_fill_an_empty_school_with_the_same_results(desk, school, pupils) -> None:
    fill("results", pupils, school)
    clerk = desk(make_staff(Role.CARE_LEAD, school, name="冉主任"), "results")
    book = clerk.client.get(reverse("children:results_export")).content
    facts = ("subject", "mark", "level", "full_mark", "occasion", "term")
    before = set(Result.objects.values_list(*facts))
    Result.objects.all().delete()
    clerk.send_file(SimpleUploadedFile("导出.xlsx", book))
    clerk.confirm()
    assert set(Result.objects.values_list(*facts)) == before
