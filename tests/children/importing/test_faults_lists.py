"""The faults of rosters §6, one small sheet each, with exactly the action they ask for: names, addresses, remarks, and the list as a whole (6.3, 6.4)."""

from tests.children.importing.small_sheets import HEADER, keys, lines, one, read, told


def test_68_and_69_names() -> None:
    assert told(one("备注", "", name="周□")[1], "rare_character") == [("warning", 2, "A")]
    child, roster = one("备注", "", name="李四（转走）")
    assert (child.name, child.notes, told(roster, "name_note")) == ("李四", ["转走"], [("warning", 2, "A")])
    child, roster = one("备注", "", name="张伟2")
    assert (child.name, told(roster, "name_namesake_mark")) == ("张伟", [("warning", 2, "A")])
    assert one("备注", "", name="田  勇")[0].name == "田勇"


def test_71_an_address_without_a_village_is_told() -> None:
    child, roster = one("家庭住址", "3组")
    assert (child.address, told(roster, "address_short")) == ("3组", [("warning", 2, "D")])


def test_72_distances_without_a_unit_are_asked_about() -> None:
    rows = [[*HEADER, "上下学距离"], ["韦小禾", "女", "四（1）班", 1500], ["罗小花", "女", "四（1）班", 800]]
    roster = read(lines(*rows))
    assert (keys(roster), roster.children[0].commute_km) == (["distance_unit/名册/D"], None)
    answered = read(lines(*rows), answers={"distance_unit/名册/D": "m"})
    assert [child.commute_km for child in answered.children] == [1.5, 0.8]
    assert one("上下学距离（里）", 6)[0].commute_km == 3
    assert one("上下学距离（公里）", 45)[0].commute_km == 45


def test_73_and_74_sensitive_notes_and_columns() -> None:
    assert told(one("备注", "父吸毒，请关注")[1], "sensitive_note") == [("warning", 2, "D")]
    child, roster = one("银行卡号", "6200000000000000000")
    assert (told(roster, "sensitive_column"), child.notes) == ([("warning", None, "D")], [])


def test_77_a_child_listed_twice_is_asked_about() -> None:
    row = ["韦小禾", "女", "四（1）班", "2016-03-12"]
    roster = read(lines([*HEADER, "出生日期"], row, [*row[:2], "四（2）班", row[3]]))
    assert ([child.fate for child in roster.children], keys(roster)) == (["import", "ask"], ["same_child/名册/3"])


def test_78_namesakes_with_different_birthdays_are_two_children() -> None:
    roster = read(
        lines(
            [*HEADER, "出生日期"], ["张伟", "男", "四（1）班", "2016-03-12"], ["张伟", "男", "四（1）班", "2016-05-01"]
        )
    )
    assert [child.fate for child in roster.children] == ["import", "import"]


def test_29_numbers_that_are_missing_are_told_and_a_new_count_is_none() -> None:
    rows = [[number, name, "女", "四（1）班"] for number, name in ((1, "韦小禾"), (2, "罗小花"), (5, "蒙小河"), (1, "石小江"), (2, "覃小湖"))]  # fmt: skip
    roster = read(lines(["序号", *HEADER], *rows))
    (found,) = [found for found in roster.findings if found.what == "serial_gap"]
    assert "缺 3–4" in found.sentence
    assert found.rows == (4,)
    assert len(roster.children) == 5


def test_a_number_taken_from_the_father_is_masked_in_the_remark() -> None:
    roster = read(
        lines(
            [*HEADER, "父亲姓名", "父亲电话", "母亲姓名", "母亲电话"],
            ["韦小禾", "女", "四（1）班", "韦大山", "13800000007", "罗小花", "同上"],
        )
    )
    (said,) = [found.sentence for found in roster.findings if found.what == "ditto_across"]
    assert "13800000007" not in said
    assert "138****0007" in said


def test_the_stated_pupils_of_a_class_are_compared_with_the_class_in_the_system() -> None:
    sheet = lines(
        ["三年级（2）班留守儿童统计表"],
        ["学生总数：46   留守儿童数：1"],
        ["姓名", "性别", "家庭住址"],
        ["韦小禾", "女", "栗坪村"],
    )
    roster = read(sheet, class_sizes={(3, 2): 19})
    assert [total.agrees for total in roster.totals] == [False]
    (said,) = [found.sentence for found in roster.findings if found.what == "class_total"]
    assert "学生总数是 46，系统里三年级（2）班现有 19 人" in said
    assert not told(roster, "control_total"), "the rows themselves are as many as stated"
    same = read(sheet, class_sizes={(3, 2): 46})
    assert [total.agrees for total in same.totals] == [True]
    assert not told(same, "class_total")
