"""Words outside the list come with a guess and its reason where one is likely; a person still has to send it."""

import pytest

from tests.children.importing.small_sheets import keys, one


@pytest.mark.parametrize(
    "title, word, guess",
    [
        ("监护类型", "老人带", "grandparent"),
        ("监护类型", "跟爷爷奶奶", "grandparent"),
        ("监护类型", "父母离异跟奶奶", "grandparent"),
        ("监护类型", "姑妈家", "kin_friend"),
        ("监护类型", "妈妈带", "one_parent"),
        ("监护类型", "离异", "skip"),
        ("父亲状况", "跑车", "away_work"),
        ("父亲状况", "跑长途货车", "away_work"),
        ("母亲状况", "当兵", "away_other"),
        ("母亲状况", "没有打工", "at_home"),
        ("父亲状况", "离异", "skip"),
        ("父亲务工地", "离异", "skip"),
        ("留守类型", "父亲跑车", "father"),
        ("留守类型", "妈妈出国了", "mother"),
        ("留守类型", "父母离异", "skip"),
        ("就读方式", "校外租房陪读", "走读"),
        ("就读方式", "不住校租房陪读", "走读"),
        ("监护类型", "母亲改嫁跟奶奶", "grandparent"),
        ("低保", "申请中", "no"),
        ("低保", "享受", "yes"),
        ("低保", "已享受", "yes"),
        ("低保", "未享受", "no"),
        ("低保", "不享受", "no"),
        ("低保", "没有享受", "no"),
        ("低保", "未领取", "no"),
        ("低保", "没领取", "no"),
        ("低保", "不在保", "no"),
        ("低保", "未在保", "no"),
        ("低保", "停止领取", "no"),
        ("低保", "已取消享受", "no"),
        ("低保", "不再享受", "no"),
        ("低保", "曾享受", "no"),
    ],
)
def test_the_guess_is_chosen_beforehand_and_says_why(title: str, word: str, guess: str) -> None:
    _, roster = one(title, word)
    (question,) = roster.questions
    assert (question.default, question.answer) == (guess, "")
    label = next(choice.label for choice in question.choices if choice.value == guess)
    assert f"已先选“{label}”：" in question.sentence


@pytest.mark.parametrize(
    "title, word",
    [
        ("监护类型", "祖父母和姑姑"),
        ("监护类型", "村里照看"),
        ("父亲状况", "身体不好"),
        ("父亲状况", "在镇上打工"),
        ("留守类型", "老人带"),
        ("低保", "暂不清楚"),
        ("低保", "无劳力享受"),
        ("低保", "没有停止领取"),
        ("父亲状况", "没有出国"),
        ("父亲状况", "不跑车了"),
        ("母亲状况", "不读书了"),
        ("母亲状况", "没有上学在家"),
        ("父亲状况", "不打工跑长途"),
        ("留守类型", "父亲不在外地"),
        ("留守类型", "父亲没有外出"),
        ("留守类型", "母亲不在家"),
        ("监护类型", "没有老人"),
        ("监护类型", "父亲去世母亲改嫁"),
        ("就读方式", "非全托"),
    ],
)
def test_where_nothing_is_likely_nothing_is_chosen(title: str, word: str) -> None:
    _, roster = one(title, word)
    (question,) = roster.questions
    assert question.default == ""
    assert "已先选" not in question.sentence


def test_a_parent_who_is_not_there_is_not_read_as_there() -> None:
    child, _ = one("留守类型", "父亲没有外出在家，母亲在外打工")
    assert (child.father.status, child.mother.status) == ("at_home", "away_work")
    child, _ = one("留守类型", "父亲去世，母亲不在外地")
    assert (child.father.status, child.mother.status) == ("deceased", None)


def test_a_guess_is_not_taken_by_itself() -> None:
    child, roster = one("监护类型", "老人带")
    assert (child.care_type, child.notes) == (None, ["监护类型：老人带"])
    answered, _ = one("监护类型", "老人带", answers={keys(roster)[0]: "grandparent"})
    assert (answered.care_type, answered.notes) == ("grandparent", ["监护类型：老人带"])


def test_one_parent_away_is_never_a_single_parent_family() -> None:
    for word in ("单亲留守", "单亲留守（父母离异）", "单亲"):
        child, roster = one("留守类型", word)
        assert child.family_structure is None, word
        assert not any(question.default == "single_parent" for question in roster.questions)


@pytest.mark.parametrize("title", ["监护人姓名", "与学生关系"])
def test_old_people_as_carer_are_grandparents_without_a_name(title: str) -> None:
    child, _ = one(title, "老人带")
    assert (child.carer.relation_code, child.carer.name) == ("60", None)
