"""An address that says less than the stored one: the longer one stays, and the line says so."""

import datetime as dt
import json

import pytest

from caretrack.access.history import change_by
from caretrack.schools.models import School
from children.importing import batches
from children.importing.keeping import Kept
from children.importing.normalise.addresses import completed, is_part_of
from children.models import Child, FamilyMember
from tests.children.importing.small_sheets import imported
from tests.support.factories import make_class, make_school, make_term

FULL = "云禾县青榕镇大沙坝村柳林组52号"
HEADER = ["姓名", "性别", "出生日期", "班级", "家庭住址"]
PUPIL = ["韦小禾", "女", "2016-03-12", "四（1）班"]


@pytest.mark.parametrize(
    "stated, part",
    [
        ("云禾县青榕镇", True),
        ("大沙坝村", True),
        ("大沙坝村 柳林组", True),
        ("大沙坝村，柳林组52号", True),
        ("柳林组５２号", True),
        ("大沙坝村柳林组5", False),
        ("2号", False),
        ("小沙坝村", False),
        (FULL, False),
        (FULL + "二楼", False),
        ("", False),
    ],
)
def test_what_is_a_part_of_an_address(stated: str, part: bool) -> None:
    assert is_part_of(stated, FULL) is part


def test_a_group_with_another_number_is_another_group() -> None:
    assert not is_part_of("一组", "大沙坝村十一组")
    assert not is_part_of("大沙坝村十", "大沙坝村十一组")
    assert is_part_of("十一组", "大沙坝村十一组")


@pytest.mark.parametrize(
    "stated, whole",
    [
        ("云禾县大沙坝村柳林组52号", FULL),
        ("大沙坝村52号", FULL),
        ("大沙坝村委会", FULL),
        ("云禾县大沙坝村柳林组53号", "云禾县青榕镇大沙坝村柳林组53号"),
        ("大沙坝村三组", "云禾县青榕镇大沙坝村三组"),
        ("小沙坝村", "云禾县青榕镇小沙坝村"),
        ("小沙坝村 柳林组52号", "云禾县青榕镇小沙坝村柳林组52号"),
        ("青榕社区3组", "云禾县青榕镇青榕社区3组"),
        ("红旗村一组", "云禾县青榕镇红旗村一组"),
        ("禾阳镇", "云禾县禾阳镇"),
        ("青榕镇街上", "云禾县青榕镇街上"),
        ("大沙坝村（租房）", "云禾县青榕镇大沙坝村（租房）"),
        ("贵州省云禾县", "贵州省" + FULL),
        ("广东省东莞市", "广东省东莞市"),
        ("禾阳县青榕镇", "禾阳县青榕镇"),
        ("街上", "街上"),
        ("520000000000", "520000000000"),
    ],
)
def test_parts_that_are_left_out_stay_unless_one_above_is_another(stated: str, whole: str) -> None:
    assert completed(stated, FULL) == whole


@pytest.mark.parametrize(
    "stated, stored, whole",
    [
        ("云禾县大沙坝村五组", "青榕镇大沙坝村第五村民小组3号", "云禾县青榕镇大沙坝村第五村民小组3号"),
        ("3组", "大沙坝村三组12号", "大沙坝村三组12号"),
        ("十一组", "大沙坝村一组12号", "大沙坝村十一组"),
        ("云禾县青榕镇大沙坝村", "云禾县街上", "云禾县青榕镇大沙坝村"),
        ("仁怀市茅台镇", "贵州省遵义市仁怀市大坝镇三合村", "贵州省遵义市仁怀市茅台镇"),
        ("镇宁县城关镇东门村", "镇宁县二组", "镇宁县城关镇东门村二组"),
        ("大沙坝村", "云禾县三组", "云禾县大沙坝村"),
        ("大沙坝村", "街上", "大沙坝村"),
    ],
)
def test_parts_are_the_same_in_other_words(stated: str, stored: str, whole: str) -> None:
    assert completed(stated, stored) == whole


@pytest.mark.parametrize(
    "stated",
    [
        "重庆市万州区", "北京市朝阳区", "上海市", "杭州市西湖区", "东莞市长安镇", "凯里市", "广东省东莞市",
        "重庆万州区", "重庆忠县", "广东深圳市宝安区", "浙江杭州西湖区", "广东东莞长安镇",
    ],
)  # fmt: skip
def test_nothing_of_the_old_province_is_put_before_another_city(stated: str) -> None:
    assert completed(stated, "贵州省遵义市播州区青榕镇大沙坝村3组") == stated


@pytest.mark.parametrize(
    "stated, whole",
    [
        ("遵义市汇川区", "贵州省遵义市汇川区"),
        ("汇川区", "贵州省遵义市汇川区"),
        ("遵义汇川区", "贵州省遵义市汇川区"),
        ("贵州遵义播州区大沙坝村", "贵州省遵义市播州区青榕镇大沙坝村3组"),
        ("贵州遵义市播州区大坝镇", "贵州省遵义市播州区大坝镇"),
        ("河南村2组", "贵州省遵义市播州区青榕镇河南村2组"),
        ("江西移民村", "贵州省遵义市播州区青榕镇江西移民村"),
    ],
)
def test_the_province_stays_before_another_place_of_the_same_city(stated: str, whole: str) -> None:
    assert completed(stated, "贵州省遵义市播州区青榕镇大沙坝村3组") == whole


@pytest.fixture
def school(db: None) -> School:
    school = make_school(code="990001")
    make_term(school)
    make_class(school, 4, 1)
    imported(school, HEADER, [*PUPIL, FULL])
    return school


@pytest.mark.data
def test_a_shorter_address_leaves_the_longer_one_and_says_so(school: School) -> None:
    content = "\n".join(",".join(row) for row in (HEADER, [*PUPIL, "大沙坝村"])).encode()
    with change_by(None, "test"):
        batch = batches.take_file(school=school, by=None, name="b.csv", content=content, on=dt.date(2026, 11, 21))
        batches.check(batch, None)
    (line,) = Kept(batch, json.loads(batch.result)).rows()
    assert (line["status"], line["changes"]) == ("same", [])
    assert line["notes"] == [
        f"表里的“大沙坝村”只是系统里家庭住址“{FULL}”的一部分，保留系统里的；确要改短，请到学生档案里改。"
    ]
    assert Child.objects.get().address == FULL


@pytest.mark.data
def test_another_or_a_longer_address_is_taken_and_the_token_still_empties_it(school: School) -> None:
    for stated, stored in ((FULL + "二楼", FULL + "二楼"), ("小沙坝村", "云禾县青榕镇小沙坝村"), ("【清空】", "")):
        assert imported(school, HEADER, [*PUPIL, stated])["changed"] == 1
        assert Child.objects.get().address == stored


@pytest.mark.data
def test_what_an_address_leaves_out_in_the_middle_stays_and_the_line_says_so(school: School) -> None:
    content = "\n".join(",".join(row) for row in (HEADER, [*PUPIL, "云禾县大沙坝村三组"])).encode()
    with change_by(None, "test"):
        batch = batches.take_file(school=school, by=None, name="b.csv", content=content, on=dt.date(2026, 11, 21))
        batches.check(batch, None)
    (line,) = Kept(batch, json.loads(batch.result)).rows()
    assert line["changes"] == [["家庭住址", FULL, "云禾县青榕镇大沙坝村三组"]]
    assert line["notes"] == [
        "表里的家庭住址“云禾县大沙坝村三组”没有写全，没写的照系统里的补上：“云禾县青榕镇大沙坝村三组”，请核对。"
    ]


@pytest.mark.data
def test_a_carers_address_likewise(school: School) -> None:
    header = [*HEADER, "监护人", "与学生关系", "监护人住址"]
    carer = [*PUPIL, "", "王腊梅", "奶奶"]
    imported(school, header, [*carer, FULL])
    assert FamilyMember.objects.get().address == FULL
    imported(school, header, [*carer, "大沙坝村"], on=dt.date(2026, 11, 21))
    assert FamilyMember.objects.get().address == FULL
