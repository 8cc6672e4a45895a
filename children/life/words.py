"""Words that schools use again and again; forms offer them, anything else may be typed (domain §7.10, §7.11)."""

import datetime as dt

from caretrack.schools.models import Term

PROGRAMMES = (
    "两免一补",
    "寄宿生生活补助",
    "营养改善计划",
    "春蕾计划",
    "济难救助",
    "蛋奶工程",
    "社会捐助",
    "临时救助",
)
SOURCES = ("财政专项资金", "妇联", "民政局", "红十字会", "爱心企业", "个人捐助", "学校自筹")
TITLES = (
    "阳光少年",
    "自强少年",
    "留守进步学生",
    "爱心帮助小天使",
    "三好学生",
    "优秀少先队员",
    "优秀学生干部",
    "进步之星",
)
SUBJECTS = ("语文", "数学", "英语", "道德与法治", "科学", "物理", "化学", "历史", "地理", "生物", "信息科技", "体育", "音乐", "美术")  # fmt: skip
OCCASIONS = ("期中", "期末")


def usual_occasion(term: Term | None, day: dt.date) -> str:
    """The examination whose results are likely entered on that day: 期中 until two thirds of the term are over."""
    if term is None or day <= term.starts_on + (term.ends_on - term.starts_on) * 2 / 3:
        return OCCASIONS[0]
    return OCCASIONS[1]
