"""A census round from opening to paper: the principal, a class teacher on a phone, the registrar, the principal."""

import io

import pypdf
import pytest
from playwright.sync_api import Page, expect

from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass
from children.models import Census, CensusRow, FamilyMember, StatusChange, codes
from tests.support.factories import TODAY, make_child, make_class, make_parent, make_staff, make_term


@pytest.fixture
def school_class(stop_at, transactional_db: None) -> SchoolClass:
    stop_at(TODAY)
    found = make_class()
    make_term(found.school)
    for name in ("安小禾", "李小兰", "田小雨"):
        child = make_child(name, found)
        for relation in ("51", "52"):
            make_parent(child, relation, codes.ParentStatus.AT_HOME, None)
    make_child("杨小海", found)
    return found


def line(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("listitem").filter(has=page.get_by_role("link", name=name, exact=True))


def test_a_round_from_opening_to_paper(open_page, picture, school_class: SchoolClass) -> None:
    principal = make_staff(Role.PRINCIPAL, school_class.school, "覃校长")
    teacher = make_staff(Role.HOMEROOM, school_class, "韦老师")
    registrar = make_staff(Role.REGISTRAR, school_class.school, "蒙老师")

    office = open_page(principal)
    office.goto("/students/census/")
    office.get_by_role("link", name="开始一次普查").click()
    office.get_by_label("完成期限").fill("2026-11-30")
    office.get_by_role("button", name="开始普查").click()
    expect(office.get_by_text("各班名单已经生成")).to_be_visible()

    phone = open_page(teacher, phone=True)
    phone.goto("/")
    phone.get_by_role("link", name="四（1）班普查未核对").click()
    line(phone, "安小禾").get_by_role("button", name="无变化").click()
    expect(line(phone, "安小禾").get_by_text("无变化", exact=True)).to_be_visible()
    expect(phone.get_by_text("1 / 4")).to_be_visible()
    line(phone, "杨小海").get_by_role("button", name="无变化").click()
    expect(phone.get_by_role("alert").filter(has_text="情况还没有登记")).to_be_visible()
    line(phone, "李小兰").get_by_role("link", name="有变化").click()
    phone.get_by_label("父亲现在").select_option("外出务工")
    phone.get_by_label("从哪天起").first.fill("2026-09-05")
    phone.get_by_label("务工地点").first.fill("广东佛山")
    picture(phone, "change")
    phone.get_by_role("button", name="提交给档案管理员确认").click()
    expect(phone.get_by_text("等待档案管理员确认").first).to_be_visible()
    line(phone, "杨小海").get_by_role("button", name="联系不上").click()
    expect(line(phone, "杨小海").get_by_text("联系不上", exact=True)).to_be_visible()
    phone.get_by_role("link", name="其余都没有变化").click()
    phone.get_by_role("button", name="其余都标为无变化").click()
    expect(phone.get_by_text("已把 1 名学生标为无变化")).to_be_visible()
    picture(phone, "class")
    assert not FamilyMember.objects.filter(status="away_work").exists(), "nothing is true before the registrar says so"

    desk = open_page(registrar)
    desk.goto("/")
    desk.get_by_role("link", name="普查变化待确认").click()
    expect(desk.get_by_text("学校口径：不计入 → 一方外出")).to_be_visible()
    picture(desk, "review")
    desk.get_by_role("button", name="确认勾选的变化").click()
    expect(desk.get_by_text("已确认 1 名学生的变化")).to_be_visible()
    assert StatusChange.objects.filter(child__name="李小兰", kind="new_away").exists()

    office.goto("/students/census/")
    office.get_by_role("link", name="打开").click()
    office.get_by_role("link", name="定稿").click()
    office.get_by_role("button", name="定稿").click()
    expect(office.get_by_text("普查已定稿")).to_be_visible()
    picture(office, "closed")
    assert Census.objects.get().closed_by == principal
    pdf = office.request.get(f"/students/census/{Census.objects.get().pk}/print/")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.body())).pages)
    assert "学期初普查汇总表" in text.replace("\n", "")


def test_keys_answer_and_lead_on(open_page, school_class: SchoolClass) -> None:
    from children.census.rounds import open_round

    open_round(school=school_class.school, kind="annual", cut_off=TODAY, due_on=TODAY, by=None, today=TODAY)
    page = open_page(make_staff(Role.HOMEROOM, school_class, "韦老师"))
    page.goto("/")
    page.get_by_role("link", name="四（1）班普查未核对").click()
    expect(page.get_by_role("heading", name="四（1）班 年度摸底")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("3")
    expect(page.get_by_text("3 / 4")).to_be_visible()
    assert sorted(CensusRow.objects.values_list("answer", flat=True)) == ["open", "unchanged", "unchanged", "unknown"]


def test_without_scripts_the_same_buttons_work(open_page, school_class: SchoolClass) -> None:
    from children.census.rounds import open_round

    census = open_round(school=school_class.school, kind="annual", cut_off=TODAY, due_on=TODAY, by=None, today=TODAY)
    page = open_page(make_staff(Role.HOMEROOM, school_class, "韦老师"), js=False)
    page.goto(f"/students/census/{census.pk}/classes/{school_class.pk}/")
    line(page, "安小禾").get_by_role("button", name="无变化").click()
    expect(page.get_by_text("1 / 4")).to_be_visible()
