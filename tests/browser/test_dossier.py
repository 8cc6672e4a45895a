"""One child's dossier: two people at once, a photo too large, a number shown for once, the keyboard alone, the phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from caretrack.access.models import AccessEntry, Event
from caretrack.access.policy import Role
from caretrack.schools.models import SchoolClass, Staff
from children.models import Child, Consent, codes
from tests.support.factories import TODAY, make_class, make_left_behind, make_record, make_staff, make_term

MEGABYTE = 1024 * 1024
WISH = "想和爸爸妈妈一起过年。"


@pytest.fixture
def four(stop_at, transactional_db: None) -> SchoolClass:
    stop_at(TODAY)
    school_class = make_class()
    make_term(school_class.school)
    return school_class


@pytest.fixture
def child(four: SchoolClass) -> Child:
    return make_left_behind("李小兰", four)


@pytest.fixture
def teacher(four: SchoolClass) -> Staff:
    return make_staff(Role.HOMEROOM, four, "罗老师")


@pytest.fixture
def registrar(four: SchoolClass) -> Staff:
    return make_staff(Role.REGISTRAR, four.school, "岑老师")


def words(*parts: str) -> re.Pattern[str]:
    """An accessible name of which one part is for the screen reader only: the browser may put a space between."""
    return re.compile(r"\s*".join(parts))


def open_dossier(page: Page, name: str) -> None:
    page.goto("/students/")
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


@pytest.mark.parametrize("keep", ["我的", "对方的"])
def test_two_people_change_the_same_section(
    open_page, picture, child: Child, teacher: Staff, registrar: Staff, keep: str
) -> None:
    first, second = open_page(teacher), open_page(registrar)
    for page in (first, second):
        open_dossier(page, "李小兰")
        page.get_by_role("link", name=words("修改", "户口和住址")).click()
    second.get_by_label("家庭住址").fill("枫香坳村3组")
    second.get_by_role("button", name="保存").click()
    expect(second.get_by_text("李小兰的户口和住址已保存")).to_be_visible()

    first.get_by_label("家庭住址").fill("青榕村8组")
    first.get_by_role("button", name="保存").click()
    expect(first.get_by_text("别人刚刚改过这一部分")).to_be_visible()
    row = first.get_by_role("row", name="家庭住址")
    expect(row).to_contain_text("青榕村8组")
    expect(row).to_contain_text("枫香坳村3组")
    assert Child.objects.get().address == "枫香坳村3组", "nothing is overwritten unseen"
    picture(first, "both")
    row.get_by_label(keep, exact=True).check()
    first.get_by_role("button", name="按选择保存").click()
    expect(first.get_by_role("region", name="户口和住址")).to_contain_text(
        "青榕村8组" if keep == "我的" else "枫香坳村3组"
    )


def test_what_the_other_left_alone_is_saved_without_a_word(
    open_page, child: Child, teacher: Staff, registrar: Staff
) -> None:
    first, second = open_page(teacher), open_page(registrar)
    for page, section in ((first, "性格与成长"), (second, "户口和住址")):
        open_dossier(page, "李小兰")
        page.get_by_role("link", name=words("修改", section)).click()
    second.get_by_label("家庭住址").fill("枫香坳村3组")
    second.get_by_role("button", name="保存").click()
    first.get_by_label("愿望").fill(WISH)
    first.get_by_role("button", name="保存").click()
    expect(first.get_by_text("李小兰的性格与成长已保存")).to_be_visible()
    now = Child.objects.get()
    assert (now.address, now.wishes) == ("枫香坳村3组", WISH)


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_a_photo_of_forty_megabytes(open_page, picture, child: Child, teacher: Staff, tmp_path: Path, js: bool) -> None:
    Consent.objects.create(
        child=child, purpose="photo", given_by="王桂英", relation=codes.Relation.GRANDMOTHER, given_on=TODAY
    )
    large = tmp_path / "IMG_2026.jpg"
    large.write_bytes(b"\xff\xd8\xff\xe0" + bytes(40 * MEGABYTE))
    page = open_page(teacher, phone=True, js=js)
    open_dossier(page, "李小兰")
    page.get_by_role("link", name="添加照片").click()
    page.locator("input[type=file]").set_input_files(large)
    if js:
        expect(page.get_by_role("alert")).to_contain_text("超过 15 MB")
        assert page.locator("input[type=file]").input_value() == ""
    else:
        page.get_by_role("button", name="上传照片").click()
        expect(page.get_by_role("alert")).to_contain_text("照片有 40 MB，超过 15 MB，没有保存")
    picture(page, "large")
    assert not Child.objects.get().photo


def test_a_phone_number_is_shown_for_once_and_noted(open_page, picture, child: Child, teacher: Staff) -> None:
    page = open_page(teacher)
    open_dossier(page, "李小兰")
    assert "13800001111" not in page.content()
    page.get_by_role("button", name=words("显示", "电话")).first.click()
    expect(page.get_by_text("13800001111")).to_be_visible()
    expect(page.get_by_text("查看已记录")).to_be_visible()
    picture(page, "shown")
    entry = AccessEntry.objects.get(event=Event.REVEAL)
    assert (entry.staff_id, entry.child_id) == (teacher.pk, child.pk)
    assert "1380000" not in entry.detail
    page.reload()
    assert "13800001111" not in page.content()


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.innerText || document.activeElement.name || ''").strip()


def test_the_keyboard_alone(open_page, picture, child: Child, teacher: Staff) -> None:
    make_left_behind("龙小川", child.school_class)
    page = open_page(teacher)
    page.goto("/students/")
    page.keyboard.press("Tab")
    assert focused(page) == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    search = page.get_by_role("main").get_by_role("searchbox", name="查找")
    for _ in range(8):  # the tabs of the section come first
        page.keyboard.press("Tab")
        if search.evaluate("box => box === document.activeElement"):
            break
    expect(search).to_be_focused()
    page.keyboard.type("lxl")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="龙小川")).to_have_count(0)
    page.wait_for_load_state("networkidle")  # the list that came while typing is replaced by the one that was asked for
    page.get_by_role("link", name="李小兰").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="李小兰", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        if focused(page) == "记谈心":
            break
    assert focused(page) == "记谈心"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "who uses the keyboard sees where it is"
    page.keyboard.press("Enter")
    expect(page.get_by_label("说了什么")).to_be_visible()


def test_the_search_above_every_page(open_page, child: Child, teacher: Staff) -> None:
    make_left_behind("龙小川", child.school_class)
    page = open_page(teacher)
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("lixiaolan")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=lixiaolan"))
    expect(page.get_by_role("main").get_by_role("link", name="李小兰").first).to_be_visible()
    assert page.get_by_role("main").get_by_role("link", name="龙小川").count() == 0


def test_nothing_is_wider_than_the_phone(open_page, picture, child: Child, teacher: Staff, four: SchoolClass) -> None:
    Child.objects.filter(pk=child.pk).update(
        address="云禾县青榕镇枫香坳村民委员会第三村民小组老油坊旁", wishes=WISH * 5
    )
    make_record(child, teacher, content="http://www.example.invalid/" + "a" * 120)
    page = open_page(teacher, phone=True)
    addresses = {
        "workbench": "/",
        "list": "/students/",
        "dossier": f"/students/{child.pk}/",
        "section": f"/students/{child.pk}/edit/identity/",
        "record": f"/records/add/?child={child.pk}",
        "records": "/records/",
        "month": f"/reports/months/c{four.pk}/2026-11/",
        "prints": f"/reports/prints/classes/{four.pk}/",
        "history": f"/students/{child.pk}/history/",
    }
    for name, address in addresses.items():
        assert page.goto(address).status == 200
        picture(page, name)
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"{name} is {width} px too wide"
