"""Rows are corrected in the page: what is typed is kept, laid over the file and told; the file itself stays."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caretrack.access.history import change_by
from caretrack.schools.models import School
from children.importing import batches, storage
from children.importing.mending import leave_row_out
from children.importing.mends import Mends
from children.models import Child, ImportBatch
from tests.support.factories import id_number, make_class, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("import_day")]
BORN = dt.date(2016, 5, 4)
HEAD = ("序号", "姓名", "性别", "出生日期", "身份证号", "班级", "家庭住址")


def workbook(*rows: tuple[object, ...], merges: tuple[str, ...] = ()) -> bytes:
    """A small roster with a title line; row 3 is the first pupil."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "花名册"
    sheet.append(["青榕镇中心小学留守儿童花名册"])
    for row in (HEAD, *rows):
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


GOOD = (1, "韦小山", "男", "2016-05-04", id_number(BORN, 1), "四（1）班", "栗坪村3组")
WRONG = (2, "罗小雨", "女", "2016-13-45", int(id_number(BORN, 2, male=False)[:15]) * 1000, "四（1）班", "栗坪村4组")
NAMELESS = (3, None, "男", "2016-05-04", id_number(BORN, 3), "四（1）班", "栗坪村5组")


@pytest.fixture
def school() -> School:
    school = make_school()
    make_class(school, 4, 1)
    return school


def upload(client: Client, school: School, content: bytes) -> ImportBatch:
    file = SimpleUploadedFile("名册.xlsx", content)
    response = client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    assert response.status_code == 302, response.content.decode()
    return ImportBatch.objects.latest("pk")


def row_url(batch: ImportBatch, row: int) -> str:
    return reverse("children:import_row", args=[batch.pk, 0, row])


def typed(client: Client, batch: ImportBatch, row: int, **cells: str) -> dict[str, str]:
    """What a browser would send: every box as shown, some typed over."""
    form = client.get(row_url(batch, row)).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | cells


def test_a_faulty_row_is_corrected_and_goes_in(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD, NAMELESS))
    assert (batch.counts["new"], batch.counts["rejected"]) == (1, 1)
    page = signed_in.get(reverse("children:import_preview", args=[batch.pk])).content.decode()
    assert row_url(batch, 4) in page
    page = signed_in.get(row_url(batch, 4)).content.decode()
    assert "没有姓名" in page
    assert "B列 姓名" in page
    response = signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4, c1="韦小河"), follow=True)
    assert "第4行已改好" in response.content.decode()
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["rejected"]) == (2, 0)
    signed_in.post(reverse("children:import_confirm", args=[batch.pk]), {"token": batches.plan_token(batch)})
    assert set(Child.objects.values_list("name", flat=True)) == {"韦小山", "韦小河"}


def test_what_is_still_wrong_is_told_and_the_text_stays(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD, WRONG))
    sent = typed(signed_in, batch, 4, c4="99999920160504002", c3="2016-05-04")
    page = signed_in.post(row_url(batch, 4), sent, follow=True)
    assert page.redirect_chain[-1][0] == row_url(batch, 4)
    assert "还有问题" in page.content.decode()
    assert page.context["form"]["c4"].value() == "99999920160504002"
    assert page.context["form"]["c3"].value() == "2016-05-04"


def test_saving_leads_to_the_next_faulty_row(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(NAMELESS, GOOD, (*NAMELESS[:4], id_number(BORN, 9), *NAMELESS[5:])))
    response = signed_in.post(row_url(batch, 3), typed(signed_in, batch, 3, c1="韦小河", next="1"))
    assert response.headers["Location"] == row_url(batch, 5)
    response = signed_in.post(row_url(batch, 5), typed(signed_in, batch, 5, c1="韦小江", next="1"))
    assert response.headers["Location"] == reverse("children:import_preview", args=[batch.pk])


def test_an_untouched_form_corrects_nothing(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD, WRONG))
    signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4))
    batch.refresh_from_db()
    assert batch.mends == ""


def test_a_cell_put_back_is_no_correction_any_more(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD, NAMELESS))
    signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4, c1="韦小河"))
    signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4, c1=""))
    batch.refresh_from_db()
    mends = Mends.read(batch.mends)
    assert mends.cells == {}
    assert [(act.old, act.new, act.by) for act in mends.acts] == [("", "韦小河", "岑老师"), ("韦小河", "", "岑老师")]
    assert batch.counts["rejected"] == 1
    page = signed_in.get(reverse("children:import_preview", args=[batch.pk]) + "?show=mends").content.decode()
    assert "岑老师" in page
    assert "韦小河" in page


def test_the_file_is_unchanged_and_the_corrections_are_sealed(signed_in: Client, school: School) -> None:
    content = workbook(GOOD, NAMELESS)
    batch = upload(signed_in, school, content)
    signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4, c1="韦小河"))
    batch.refresh_from_db()
    assert storage.load(batch.stored) == content
    stored = ImportBatch.objects.filter(pk=batch.pk).extra(select={"raw": "mends"}).values_list("raw", flat=True)  # noqa: S610
    assert "韦小河" not in str(list(stored))
    assert "韦小河" in batch.mends


def test_a_row_left_out_no_longer_disturbs_the_others_and_comes_back(signed_in: Client, school: School) -> None:
    twin = (2, "罗小雨", "女", "2016-05-04", GOOD[4], "四（1）班", "栗坪村4组")
    batch = upload(signed_in, school, workbook(GOOD, twin))
    assert batch.counts["rejected"] == 2
    leave = reverse("children:import_leave", args=[batch.pk, 0, 4])
    signed_in.post(leave)
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["rejected"]) == (1, 0)
    page = signed_in.get(reverse("children:import_preview", args=[batch.pk]) + "?show=skipped").content.decode()
    assert "您选择了不导入" in page
    assert "罗小雨" in page
    signed_in.post(leave)
    batch.refresh_from_db()
    assert batch.counts["rejected"] == 2


def test_every_row_can_be_left_out_and_taken_in_again(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD))
    signed_in.post(reverse("children:import_leave", args=[batch.pk, 0, 3]))
    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"]) == ("planned", 0)


def test_a_correction_inside_a_merge_leaves_the_neighbours(signed_in: Client, school: School) -> None:
    rows = [(n, f"韦小{word}", "男", "2016-05-04", id_number(BORN, n), "四（1）班" if n == 1 else None, "栗坪村")
            for n, word in enumerate("山河江", 1)]  # fmt: skip
    make_class(school, 5, 1)
    batch = upload(signed_in, school, workbook(*rows, merges=("F3:F5",)))
    signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4, c5="五（1）班"))
    plan = batches.stored_plan(batch)
    assert [row["class"] for row in plan] == ["四（1）班", "五（1）班", "四（1）班"]


def test_a_finished_import_is_not_corrected(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD))
    signed_in.post(reverse("children:import_confirm", args=[batch.pk]), {"token": batches.plan_token(batch)})
    batch.refresh_from_db()
    response = signed_in.post(row_url(batch, 3), {"c1": "韦大山"})
    assert response.headers["Location"] == reverse("children:import_done", args=[batch.pk])
    assert Child.objects.get().name == "韦小山"


@pytest.mark.parametrize("row", [1, 2, 99])
def test_a_line_that_is_no_pupil_is_not_there(signed_in: Client, school: School, row: int) -> None:
    batch = upload(signed_in, school, workbook(GOOD))
    assert signed_in.get(row_url(batch, row)).status_code == 404


def test_a_large_file_collects_corrections_until_it_is_checked_again(
    signed_in: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = upload(signed_in, school, workbook(GOOD, NAMELESS))
    monkeypatch.setattr(batches, "BACKGROUND_ROWS", 1)
    page = signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4, c1="韦小河"), follow=True).content.decode()
    assert "改动还没有核对" in page
    assert "确认导入" not in page
    response = signed_in.post(reverse("children:import_recheck", args=[batch.pk]))
    assert "/jobs/" in response.headers["Location"]


def test_rejected_rows_come_back_mended_from_excel(signed_in: Client, school: School) -> None:
    """Upload, fetch the rejected rows, mend them in the workbook, upload that file as it is: all pupils are in."""
    first = upload(signed_in, school, workbook(GOOD, NAMELESS))
    signed_in.post(reverse("children:import_confirm", args=[first.pk]), {"token": batches.plan_token(first)})
    returned = signed_in.get(reverse("children:import_errors", args=[first.pk])).getvalue()
    book = openpyxl.load_workbook(io.BytesIO(returned))
    sheet = book.active
    head = next(row for row in sheet.iter_rows() if any(cell.value == "姓名" for cell in row))
    titles = {cell.value: cell.column for cell in head}
    assert list(titles)[-2:] == ["错误列", "错误说明"]
    line = head[0].row + 1
    assert sheet.cell(line, titles["错误列"]).value == "姓名"
    assert "没有姓名" in sheet.cell(line, titles["错误说明"]).value
    number = sheet.cell(line, titles["身份证号"])
    assert (number.value, number.data_type, number.number_format) == (NAMELESS[4], "s", "@")
    sheet.cell(line, titles["姓名"]).value = "韦小河"
    mended = io.BytesIO()
    book.save(mended)
    second = upload(signed_in, school, mended.getvalue())
    assert (second.counts["new"], second.counts["rejected"]) == (1, 0)
    signed_in.post(reverse("children:import_confirm", args=[second.pk]), {"token": batches.plan_token(second)})
    child = Child.objects.get(name="韦小河")
    assert "没有姓名" not in child.note
    assert Child.objects.count() == 2


def test_corrections_are_in_the_workbook_of_rejected_rows(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD, NAMELESS))
    signed_in.post(row_url(batch, 4), typed(signed_in, batch, 4, c6="栗坪村9组"))
    content = signed_in.get(reverse("children:import_errors", args=[batch.pk])).getvalue()
    cells = [cell.value for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
    assert "栗坪村9组" in cells


def test_giving_up_forgets_the_corrections(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD, NAMELESS))
    with change_by(None, "test"):
        leave_row_out(batch, sheet="花名册", row=4, name="", by=None)
    signed_in.post(reverse("children:import_drop", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.mends == ""


def test_a_pupil_taken_without_a_cell_is_named_on_the_result_with_the_way_to_the_dossier(
    signed_in: Client, school: School
) -> None:
    batch = upload(signed_in, school, workbook(GOOD, WRONG, NAMELESS))
    faults = signed_in.get(reverse("children:import_preview", args=[batch.pk])).context["page"].object_list
    words = {(fault["row"], fault["word"]) for fault in faults if fault["level"] == "error"}
    assert words == {(4, "这一格不导入"), (5, "这一行不导入")}
    address = reverse("children:import_confirm", args=[batch.pk])
    page = signed_in.post(address, {"token": batches.plan_token(batch)}, follow=True)
    (row,) = page.context["incomplete"]
    child = Child.objects.get(name="罗小雨")
    assert (row["name"], row["row"], row["pk"]) == ("罗小雨", 4, child.pk)
    assert set(row["cells"]) == {"出生日期", "身份证号"}
    assert reverse("children:child_show", args=[child.pk]) in page.content.decode()
    assert "已导入，但有内容没有采用" in page.content.decode()


def test_two_pupils_in_one_cell_come_with_what_to_do_for_the_second(signed_in: Client, school: School) -> None:
    batch = upload(signed_in, school, workbook(GOOD, (2, "韦小河、韦小江", *NAMELESS[2:])))
    page = signed_in.get(row_url(batch, 4)).content.decode()
    assert "每名学生写一行，再上传导入" in page
    assert reverse("children:import_errors", args=[batch.pk]) in page
    assert "怎么办" not in signed_in.get(row_url(batch, 3)).content.decode()


FAMILY = ("姓名", "性别", "班级", "母亲姓名", "代管人", "与学生关系", "代管人电话")


def imported(client: Client, school: School, *row: str) -> tuple[Child, str]:
    """A list of one pupil with the family, confirmed; the pupil and the preview."""
    text = "\n".join(",".join(line) for line in (FAMILY, row))
    batch = upload(client, school, text.encode())
    preview = client.get(reverse("children:import_preview", args=[batch.pk]) + "?show=new").content.decode()
    client.post(reverse("children:import_confirm", args=[batch.pk]), {"token": batches.plan_token(batch)})
    return Child.objects.get(), preview


def test_a_number_whose_owner_is_in_doubt_is_kept_as_the_familys(signed_in: Client, school: School) -> None:
    child, preview = imported(signed_in, school, "韦小河", "男", "四（1）班", "莫翠花", "莫翠萍", "母亲", "13800007956")
    assert child.family.get(relation="52").name == "莫翠花"
    phone = child.phones.get()
    assert (phone.number.replace(" ", ""), phone.member) == ("13800007956", None)
    assert "已记作家庭联系电话" in preview


def test_the_mothers_parents_stay_the_mothers_parents(signed_in: Client, school: School) -> None:
    child, preview = imported(
        signed_in, school, "韦小河", "男", "四（1）班", "莫翠花", "卢启珍", "外祖孙", "13800002111"
    )
    assert str(child.family.get(name="卢启珍")) == "外祖父母 卢启珍"
    assert "外祖父母 卢启珍" in preview
    assert "祖父母或外祖父母" not in preview
    dossier = signed_in.get(reverse("children:child_show", args=[child.pk])).content.decode()
    assert "外祖父母 卢启珍" in dossier
    assert "祖父母或外祖父母" not in dossier
