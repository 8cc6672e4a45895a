"""The shell prints what the pages print."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from caretrack.access.models import AccessEntry, Event
from children.models import ContactCard
from reports.models import SemesterSummary
from tests.support.paper import text_of


@pytest.fixture
def render(tmp_path, world):
    def run(kind, *arguments):
        target = tmp_path / "out" / f"{kind}.pdf"
        call_command("render", kind, *arguments, "-o", str(target), stdout=StringIO())
        return text_of(target.read_bytes())

    return run


def test_every_kind_prints(render, world):
    assert "留守儿童档案" in render("dossier", "--child", "陈欣怡")
    assert "陈欣怡" in render("card", "--class", "四(1)班")
    assert "关爱留守儿童记录表" in render("monthly", "--child", str(world.child.pk), "--month", "2026-11")
    assert "四（1）班留守儿童关爱工作月报表" in render("class-monthly", "--class", "四（1）班")
    assert "全校留守儿童关爱工作月报表" in render("school-monthly", "--school", world.school.code)
    assert "留守儿童关爱工作总结" in render("semester")


def test_every_register_paper_prints(render, world):
    assert "小学（√）" in render("registration", "--class", "四(1)班")
    assert "√" not in render("registration", "--blank")
    assert "便民服务联系卡" in render("family-card", "--child", "陈欣怡")
    assert "留守儿童成长档案" in render("growth-file", "--child", "陈欣怡", "--as", world.principal.username)
    said = render("history", "--child", "陈欣怡", "--as", world.principal.username, "--variant", "outside")
    assert "儿童A" in said
    assert "全校留守儿童基本情况统计表" in render("statistics", "--on", "2026-11-01")
    assert "13800001111" in render("ledger", "--class", "四(1)班")
    assert "13＋14＝24＋25" in render("civil-summary")


def test_a_print_from_the_shell_is_logged(render, world):
    render("dossier", "--child", "陈欣怡")
    entry = AccessEntry.objects.get(event=Event.PRINT)
    assert (entry.staff_name, entry.child_id, entry.page) == ("命令行", world.child.pk, "render")


def test_a_card_from_the_shell_is_a_version_too(render, world):
    render("card", "--child", "陈欣怡")
    assert ContactCard.objects.get().number == 1


def test_the_semester_takes_a_snapshot_once(render):
    render("semester")
    first = SemesterSummary.objects.get().frozen_at
    render("semester")
    assert SemesterSummary.objects.get().frozen_at == first


def test_as_somebody_prints_what_they_see(render, world):
    with pytest.raises(CommandError, match="0 children called 吴玥"):
        render("dossier", "--child", "吴玥", "--as", world.homeroom.username)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["dossier"], "which child"),
        (["dossier", "--child", "没有这人"], "0 children"),
        (["card", "--class", "九（9）班"], "No class"),
        (["school-monthly", "--school", "x"], "No school"),
        (["school-monthly", "--month", "2026-13"], "--month"),
        (["school-monthly", "--month", "2027-05"], "not begun"),
        (["semester", "--term", "2019-1"], "No such term"),
        (["card", "--as", "nobody"], "No active account"),
        (["growth-file", "--child", "陈欣怡"], "whose sight"),
        (["statistics", "--on", "2030-01-01"], "not come yet"),
    ],
)
def test_what_cannot_be_printed_is_said(render, arguments, said):
    with pytest.raises(CommandError, match=said):
        render(*arguments)


def test_an_unknown_kind_is_refused(render):
    with pytest.raises(CommandError):
        render("poster")
