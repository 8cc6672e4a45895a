"""What the pages say of a file is what stands in it: its titles, how many pupils wait for a class."""

from typing import Any

import pytest

from children.importing.parse import ParsedRoster
from children.importing.sheets import Merge
from tests.children.importing.small_sheets import HEADER, keys, lines, read, told

TITLES = ["青榕镇中心小学留守儿童花名册", "填报日期：2026年11月20日"]


@pytest.mark.parametrize("group", ["学生基本情况", "监护人情况"])
def test_the_upper_row_of_a_merged_head_is_no_title(group: str) -> None:
    roster = read(
        lines(
            *([title] for title in TITLES),
            ["序号", "班级", "姓名", group, None],
            [None, None, None, "性别", "民族"] if group == "学生基本情况" else [None, None, None, "姓名", "联系电话"],
            [1, "四（1）班", "韦小禾", "女", "汉族"],
            merges=[Merge(2, 3, 2, 4), *(Merge(2, column, 3, column) for column in range(3))],
        )
    )
    assert [facts.lines for facts in roster.titles.values()] == [TITLES]


def test_a_title_merged_over_two_rows_stays_one() -> None:
    roster = read(lines([TITLES[0]], [], HEADER, ["韦小禾", "女", "四（1）班"], merges=[Merge(0, 0, 1, 2)]))
    assert [facts.lines for facts in roster.titles.values()] == [TITLES[:1]]


def waiting(*written: tuple[Any, Any]) -> ParsedRoster:
    return read(lines(HEADER, *([name, "女", klass] for name, klass in written)))


@pytest.mark.parametrize("klass", ["六（5）班", "2026-03-02", "向日葵班"])
def test_a_row_without_a_name_counts_for_no_class(klass: str) -> None:
    roster = waiting(("韦小禾", klass), (None, klass), ("韦小山", klass))
    assert [question.sentence.partition("（")[2][-6:] for question in roster.open_questions] == ["2 名学生）"]
    assert told(roster, "name_missing") == [("error", 3, "A")]


@pytest.mark.parametrize("klass", ["六（5）班", "2026-03-02", "向日葵班"])
def test_a_class_of_rows_without_names_only_is_not_asked_about(klass: str) -> None:
    assert keys(waiting(("韦小禾", "四（1）班"), (None, klass))) == []
