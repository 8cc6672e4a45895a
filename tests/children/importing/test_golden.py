"""The golden table of the normalisers, row by row; numbers and check digits are computed, nobody is real."""

import datetime as dt

import pytest

from children.importing.normalise.boarding import read_boarding
from children.importing.normalise.classes import ClassRef, combine, read_class
from children.importing.normalise.dates import read_date
from children.importing.normalise.ethnic import read_ethnic
from children.importing.normalise.id_numbers import birth_of, dragged, read_id, sex_of
from children.importing.normalise.left_behind import read_left_behind
from children.importing.normalise.names import read_child_name, read_name
from children.importing.normalise.phones import read_phones
from children.importing.normalise.places import read_whereabouts, split_place_and_phone
from children.importing.normalise.relations import read_relation
from children.importing.normalise.sex import read_sex
from children.importing.normalise.student_numbers import read_student_no
from children.importing.normalise.text import fold, is_nothing, tidy
from children.importing.normalise.yesno import read_yes_no

CUT_OFF = dt.date(2026, 3, 31)


def whats(reading) -> list[str]:
    return [remark.what for remark in reading.remarks]


@pytest.mark.parametrize(
    "cell, number, sex, born",
    [
        ("'999999201503120012", "999999201503120012", "男", "2015-03-12"),
        ("99999920151011020x", "99999920151011020X", "女", "2015-10-11"),
        ("９９９９９９201410050131", "999999201410050131", "男", "2014-10-05"),
        ("999999 20161122 1048", "999999201611221048", "女", "2016-11-22"),
        ("999999201202290034", "999999201202290034", "男", "2012-02-29"),
        ("99999920151011020×", "99999920151011020X", "女", "2015-10-11"),
    ],
)
def test_id_numbers_are_cleaned(cell: str, number: str, sex: str, born: str) -> None:
    reading = read_id(cell, on=CUT_OFF)
    assert reading.value == number
    assert (sex_of(number), str(birth_of(number))) == (sex, born)


@pytest.mark.parametrize(
    "cell, what",
    [
        (9.9999920150312e17, "id_numeric_cell"),
        (999999201503120000, "id_numeric_cell"),
        ("9.99999E+17", "id_exponent_text"),
        ("999999201503120013", "id_check_digit"),
        ("99999920150229001X", "id_date_invalid"),
        ("999999202602300013", "id_date_invalid"),
        ("999999150312001", "id_length"),
        ("G999999201503120012", "id_is_student_no"),
        ("440524188001010014", "id_of_adult"),
        ("000000000000000000", "id_placeholder"),
        ("999000000001200001", "id_placeholder"),
    ],
)
def test_id_numbers_are_refused(cell: object, what: str) -> None:
    reading = read_id(cell, on=CUT_OFF)
    assert reading.value is None
    assert whats(reading) == [what]


def test_a_number_cell_offers_only_the_birth_date() -> None:
    assert read_id(9.9999920150312e17).remarks[0].offer == "2015-03-12"


@pytest.mark.parametrize("number", ["11010519491231002X", "34052419800101001X"])
def test_check_digit_vectors(number: str) -> None:
    assert read_id(number, pupil=False).value == number


def test_dragged_numbers_are_found_where_three_follow_each_other() -> None:
    column = ["999999201503120012", "999999201509254530", "999999201509254531", "999999201509254532", None]
    assert dragged(column) == {1, 2, 3}
    assert dragged(column[:3]) == set()


@pytest.mark.parametrize(
    "cell, shown, iso",
    [
        ("2015.3", "", "2015-03"),
        (2015.3, "", "2015-03"),
        (2015.1, "0.00", "2015-10"),
        ("2015.10", "", "2015-10"),
        (2015.12, "", "2015-12"),
        (42075, "", "2015-03-12"),
        (20150312, "", "2015-03-12"),
        ("20150312", "", "2015-03-12"),
        ("2015-3-12", "", "2015-03-12"),
        ("2015/3/12", "", "2015-03-12"),
        ("2015年3月12日", "", "2015-03-12"),
        ("2015．3．12", "", "2015-03-12"),
        ("2015。3。12", "", "2015-03-12"),
        ("201503", "", "2015-03"),
        ("2015年3月", "", "2015-03"),
        ("15.3.12", "", "2015-03-12"),
        (dt.datetime(2015, 3, 12, tzinfo=dt.UTC), "yyyy-mm-dd", "2015-03-12"),
    ],
)
def test_dates_keep_the_precision_they_state(cell: object, shown: str, iso: str) -> None:
    assert read_date(cell, number_format=shown, what="birth", on=CUT_OFF).value.iso == iso


def test_a_serial_counts_from_1904_where_the_workbook_does() -> None:
    assert read_date(40613, date1904=True).value.iso == "2015-03-12"


@pytest.mark.parametrize("cell", ["2015-13-01", "2027-01-01", "2017.2.30", 2016.13, "不记得"])
def test_impossible_dates_are_refused(cell: object) -> None:
    reading = read_date(cell, what="birth", on=CUT_OFF)
    assert reading.value is None
    assert whats(reading) == ["birth_invalid"]


def test_january_or_october_is_asked() -> None:
    reading = read_date(2015.1, what="birth", on=CUT_OFF)
    assert (reading.value.iso, whats(reading)) == ("2015", ["birth_month_ambiguous"])


@pytest.mark.parametrize(
    "cell, iso",
    [("二〇一六年五月", "2016-05"), ("二零一六年十二月二十一日", "2016-12-21"), ("二〇一六年 五月四号", "2016-05-04")],
)
def test_a_date_in_chinese_figures(cell: str, iso: str) -> None:
    reading = read_date(cell, what="birth")
    assert reading.value is not None
    assert (reading.value.iso, reading.remarks) == (iso, ())


def test_a_lunar_date_is_kept_as_text() -> None:
    reading = read_date("农历二〇一五年八月十五", what="birth")
    assert (reading.value, reading.detail) == (None, "农历二〇一五年八月十五")


@pytest.mark.parametrize(
    "cell, grade, number",
    [
        ("六（5）班", 6, 5),
        ("四.1", 4, 1),
        ("小四（2）班", 4, 2),
        ("六(5)班", 6, 5),
        ("6（5）", 6, 5),
        ("605", 6, 5),
        ("六年级五班", 6, 5),
        ("三2", 3, 2),
        ("3-2", 3, 2),
        ("0302", 3, 2),
        ("三年二班", 3, 2),
        ("八班", None, 8),
        ("1班", None, 1),
        ("初二3班", 8, 3),
        ("〃二年级", 2, None),
        ("大一班", "大", 1),
    ],
)
def test_classes_are_read(cell: str, grade: object, number: int | None) -> None:
    ref = read_class(cell).value
    assert (ref.grade, ref.number) == (grade, number)


def test_the_entry_year_gives_the_grade() -> None:
    ref = combine(None, read_class("2022级1班").value, school_year=2025)
    assert (ref.grade, ref.number, ref.entry_year) == (4, 1, 2022)


@pytest.mark.parametrize(
    "cell, shown, grade, number, what",
    [
        (dt.datetime(2026, 3, 2, tzinfo=dt.UTC), 'm"月"d"日"', 3, 2, "class_as_date"),
        (-2, "", None, 2, "class_as_negative"),
        (3.1, "", 3, 1, "class_decimal"),
        (4.1, "0.00", 4, 10, "class_decimal"),
    ],
)
def test_classes_that_excel_changed_are_asked_about(cell, shown, grade, number, what) -> None:
    reading = read_class(cell, number_format=shown)
    assert (reading.value.grade, reading.value.number, whats(reading)) == (grade, number, [what])


@pytest.mark.parametrize(
    "cell, numbers",
    [
        (13800000004.0, ["13800000004"]),
        ("138-0000-0004 / 0859-0000005", ["13800000004", "0859-0000005"]),
        ("爸13800000004 妈13800000008（晚上打）", ["13800000004", "13800000008"]),
        ("0859-0013320/13800002111", ["0859-0013320", "13800002111"]),
        ("138 0000 7548", ["13800007548"]),
        ("+86 13800000004", ["13800000004"]),
    ],
)
def test_phones_are_split_and_cleaned(cell: object, numbers: list[str]) -> None:
    assert [phone.number for phone in read_phones(cell).value] == numbers


def test_phone_owners_and_dead_numbers_are_kept() -> None:
    father, mother = read_phones("爸13800000004 妈13800000008（晚上打）").value
    assert (father.owner, mother.owner) == ("51", "52")
    reading = read_phones("13800000001空号")
    assert reading.value[0].dead
    assert whats(reading) == ["phone_dead"]


@pytest.mark.parametrize("cell, what", [("1.38E+10", "phone_exponent"), ("138000012530", "phone_length")])
def test_ruined_phones_are_refused(cell: str, what: str) -> None:
    reading = read_phones(cell)
    assert (reading.value, whats(reading)) == (None, [what])


@pytest.mark.parametrize("cell", ["男", "1", "1-男", "M", 1.0, 1, "♂"])
def test_male(cell: object) -> None:
    assert read_sex(cell).value == "男"


@pytest.mark.parametrize(
    "cell, value",
    [
        *[(word, False) for word in ("不是", "×", "否", "0", "无")],
        *[(word, True) for word in ("√", "是", "有", True)],
        (None, None),
        ("", None),
    ],
)
def test_yes_and_no(cell: object, value: bool | None) -> None:
    assert read_yes_no(cell).value is value


@pytest.mark.parametrize(
    "cell, name, detail",
    [
        ("张　三", "张三", ""),
        ("张 三", "张三", ""),
        ("麦麦提.艾力", "麦麦提·艾力", ""),
        ("麦麦提•艾力", "麦麦提·艾力", ""),
        ("麦麦提·艾力", "麦麦提·艾力", ""),
        ("李四（转走）", "李四", "转走"),
        ("张伟2", "张伟", "2"),
        ("张伟A", "张伟", "A"),
        ("张伟 2", "张伟", "2"),
        ("张伟①", "张伟", "①"),
        ("1.张伟", "张伟", ""),
        ("③张　三", "张三", ""),
        ("（12）麦麦提.艾力", "麦麦提·艾力", ""),
        ("2号李明", "李明", ""),
        ("12号：李 明", "李明", ""),
        ("３号麦麦提.艾力", "麦麦提·艾力", ""),
        ("2李明", "李明", ""),
        ("十二、李四（转走）", "李四", "转走"),
        ("丁一", "丁一", ""),
        ("Anna Maria", "Anna Maria", ""),
    ],
)
def test_names(cell: str, name: str, detail: str) -> None:
    reading = read_name(cell)
    assert (reading.value, reading.detail) == (name, detail)


def test_a_lost_character_is_told_and_two_children_are_refused() -> None:
    assert whats(read_name("周□")) == ["rare_character"]
    reading = read_child_name("田俊远、田欣云")
    assert (reading.value, whats(reading)) == (None, ["children_in_one_cell"])


@pytest.mark.parametrize(
    "cell, code",
    [("汉", "01"), ("汉族", "01"), ("01", "01"), (1, "01"), ("毛难族", "36"), ("崩龙", "46"), ("穿青人", "97")],
)
def test_ethnic_groups(cell: object, code: str) -> None:
    assert read_ethnic(cell).value == code


@pytest.mark.parametrize(
    "cell, sex, code",
    [
        ("祖孙", "女", "62"),
        ("孙子", "男", "61"),
        ("祖孙", None, "60"),
        ("外祖孙", "女", "64"),
        ("外婆", None, "64"),
        ("姑妈", None, "90"),
        ("母女", None, "52"),
    ],
)
def test_relations_say_what_the_adult_is(cell: str, sex: str | None, code: str) -> None:
    assert read_relation(cell, carer_sex=sex).value == code


def test_reversed_and_dialect_relations() -> None:
    assert whats(read_relation("孙子")) == ["relation_reversed"]
    assert whats(read_relation("婆婆")) == ["relation_dialect"]


@pytest.mark.parametrize(
    "cell, meaning",
    [
        ("双亲留守儿童", "both"),
        ("父母均外出", "both"),
        ("单亲留守儿童", "one"),
        ("父外出", "father"),
        ("是", "yes"),
        ("非留守", "nobody"),
    ],
)
def test_left_behind_words(cell: str, meaning: str) -> None:
    assert read_left_behind(cell).value == meaning


def test_left_behind_digits_are_asked_about() -> None:
    reading = read_left_behind("1")
    assert (reading.value, whats(reading)) == (None, ["lb_digits"])


def test_whereabouts() -> None:
    assert read_whereabouts("在家务农").value.status == "at_home"
    assert read_whereabouts("广东东莞").value.place == "广东东莞"
    assert read_whereabouts("省外").value.region == "省外"
    assert whats(read_whereabouts("已故")) == ["parent_status"]
    assert split_place_and_phone("浙江义乌 138 0000 0004") == ("浙江义乌", "138 0000 0004")


def test_student_numbers() -> None:
    assert read_student_no("国网G999999201503120012").value == "G999999201503120012"
    assert whats(read_student_no("2015031200")) == ["student_no_invalid"]


@pytest.mark.parametrize("cell", ["√", "是"])
def test_a_tick_in_a_boarding_column_is_a_boarder(cell: str) -> None:
    assert read_boarding(cell, tick=True).value == "住校"


def test_text_keeps_chinese_brackets_and_drops_padding() -> None:
    assert tidy("  ３组（河边）\u200b ") == "3组（河边）"
    assert fold(" Ａ Ｂ ") == "ab"
    assert is_nothing("NULL")
    assert is_nothing("　")


@pytest.mark.parametrize(
    "ref, words",
    [
        (ClassRef(3, 2), "三年级（2）班"),
        (ClassRef("大", 1), "大（1）班"),
        (ClassRef("中"), "中班"),
        (ClassRef(5), "五年级"),
    ],
)
def test_classes_are_named_as_a_school_says_them(ref: ClassRef, words: str) -> None:
    assert str(ref) == words
