"""
The wording of pledges and agreements: what ships, a school's own versions, the fields that are filled in.

A text is plain: a blank line begins a paragraph, {{学生}} and the other names of FIELDS are filled in on paper.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from caretrack.merging import check, filled
from caretrack.schools.models import School, Staff
from mentoring.models import PaperKind, PaperText

#: Fields of a text, and what stands there.
FIELDS: dict[str, str] = {
    "学校": "学校全称",
    "学期": "如 2026—2027学年第一学期",
    "学生": "学生姓名",
    "性别": "学生性别",
    "班级": "如 四（1）班",
    "监护人": "实际照顾学生的人",
    "监护人关系": "与学生的关系，如 祖母",
    "父亲": "父亲姓名",
    "母亲": "母亲姓名",
    "班主任": "班主任姓名",
    "代理家长": "代理家长姓名",
}
#: What stands on paper where a fact is not known: a line to write on.
LINE = "＿＿＿＿＿＿"
SHIPPED_LABEL = "系统文本"


@dataclass(frozen=True)
class Wording:
    """One version of a paper; `number` 0 is the text that ships."""

    kind: str
    title: str
    text: str
    number: int = 0

    @property
    def label(self) -> str:
        """How a signature names the version it was given to."""
        return f"第{self.number}版" if self.number else SHIPPED_LABEL


SHIPPED: dict[str, tuple[str, str]] = {
    PaperKind.PLEDGE_CARER: (
        "留守儿童安全责任书（监护人）",
        """{{学校}}：

本人{{监护人}}（{{监护人关系}}）在{{学期}}负责照顾{{班级}}学生{{学生}}，就孩子的安全作出以下承诺：

一、按时接送或安排孩子上学、放学，不让孩子乘坐无牌无证、超员车辆，不让孩子骑乘摩托车和未满年龄骑行电动车。

二、不让孩子私自到河塘、水库、水井边玩耍和游泳；教孩子遇到同伴落水时大声呼救、不盲目施救。

三、管好家中电、火、燃气、农药和药品，不让孩子独自生火做饭，不让孩子单独过夜。

四、孩子生病、受伤或不能到校时，当天告诉班主任；孩子没有按时回家时，立即联系班主任，必要时报警（110）。

五、每周让孩子与在外的父母通一次电话或视频，联系电话变动后三天内告诉班主任。

六、发现孩子受到欺负、伤害，或情绪、行为明显异常时，及时告诉学校。

学校按规定做好校内安全管理和教育。本责任书一式两份，学校和监护人各执一份，签字后生效，有效期至本学期结束。""",
    ),
    PaperKind.PLEDGE_HOMEROOM: (
        "留守儿童安全责任书（班主任）",
        """{{学校}}：

本人{{班主任}}担任{{班级}}班主任，{{学期}}对本班学生{{学生}}的安全关爱工作负责：

一、每天清点到校人数，学生无故缺席的，当堂联系监护人，查明去向并报告学校。

二、每月至少谈心一次，每学期至少家访一次，如实填写记录。

三、按时开展交通、防溺水、消防、防欺凌和防性侵等安全教育。

四、核对联系卡，电话变动及时更新，保证随时能联系到监护人和父母。

五、发现学生遭受或者疑似遭受不法侵害、面临危险的，立即向公安机关和学校报告，不得隐瞒、拖延。

六、保守学生和家庭的隐私。

本责任书一式两份，学校和班主任各执一份，有效期至本学期结束。""",
    ),
    PaperKind.PLEDGE_MENTOR: (
        "留守儿童安全责任书（帮扶教师）",
        """{{学校}}：

本人{{代理家长}}与{{班级}}学生{{学生}}结对，{{学期}}承担以下安全责任：

一、了解孩子的上学路线、居住情况和身边的安全隐患，发现问题及时告诉班主任和监护人。

二、按学校安排谈心、家访和辅导，与孩子单独相处时选择公开、可见的场所。

三、不体罚、不辱骂、不歧视，不接受家长钱物，不擅自带孩子外出。

四、发现孩子遭受或者疑似遭受侵害、面临危险的，立即报告公安机关和学校。

五、保守孩子和家庭的隐私，不在网络上发布孩子的照片和信息。

本责任书一式两份，学校和帮扶教师各执一份，有效期至本学期结束。""",
    ),
    PaperKind.PAIRING: (
        "结对帮扶协议",
        """甲方（学校）：{{学校}}

乙方（代理家长）：{{代理家长}}

丙方（监护人）：{{监护人}}（{{监护人关系}}）

为关心{{班级}}学生{{学生}}的学习、生活和成长，三方商定：

一、乙方每月与孩子谈心、检查作业、辅导学习，定期家访，并做好记录；了解孩子的想法，尊重孩子的意愿。

二、丙方如实介绍孩子情况，配合乙方工作；照顾孩子的责任仍由监护人承担，不因结对而转移。

三、甲方安排和检查结对工作，为乙方提供培训和必要的条件；每年查询乙方有无违法犯罪记录。

四、三方都应保护孩子的隐私和安全。发现孩子面临危险，任何一方都应立即报警并通知其他方。

五、一方情况变化不能继续的，提前告诉其他两方，由甲方重新安排并办理交接。

本协议一式三份，三方各执一份，自签字（盖章）之日起生效。""",
    ),
    PaperKind.ENTRUSTMENT: (
        "委托照护协议",
        """委托人（父母）：{{父亲}}、{{母亲}}

被委托人：{{监护人}}（与孩子关系：{{监护人关系}}）

委托人因外出务工，在一定期限内不能完全履行监护职责，依照《中华人民共和国未成年人保护法》第二十二条、第二十三条，委托被委托人照护未成年子女{{学生}}（{{性别}}，现就读于{{学校}}{{班级}}）。

一、委托前已听取孩子的意见。被委托人具有照护能力，没有法律规定的不得被委托的情形。

二、被委托人负责孩子的日常生活、上学、就医和安全，不让孩子单独居住，发现孩子生病、受伤、旷课或者情绪行为异常，及时告诉委托人和学校。

三、委托人至少每周与孩子和被委托人联系、交流一次，按时支付生活、学习和医疗费用；接到被委托人或学校的通知后，及时采取措施。

四、委托人将委托情况书面告知孩子所在学校和实际居住地的村（居）民委员会。

五、委托期限：自＿＿＿＿年＿＿月＿＿日至＿＿＿＿年＿＿月＿＿日。期满或情况变化的，重新签订。

本协议一式四份，委托人、被委托人、学校和村（居）民委员会各执一份。""",
    ),
}


def shipped(kind: str) -> Wording:
    """The text that ships. Raises KeyError for an unknown kind."""
    title, text = SHIPPED[PaperKind(kind)]
    return Wording(kind, title, text)


def wordings(school: School | int, kind: str) -> list[Wording]:
    """All versions of a school, newest first; the text that ships is the last."""
    own = PaperText.objects.filter(school=school, kind=kind).order_by("-number")
    return [Wording(kind, row.title, row.text, row.number) for row in own] + [shipped(kind)]


def current(school: School | int, kind: str) -> Wording:
    """The version that is printed and signed now."""
    row = PaperText.objects.filter(school=school, kind=kind).order_by("-number").first()
    return Wording(kind, row.title, row.text, row.number) if row else shipped(kind)


def save_version(*, school: School, kind: str, title: str, text: str, seen: int, by: Staff) -> PaperText:
    """
    Make the next version of a school's text. `seen` is the number of the version that was on the page.

    Raises ValidationError for unknown fields, a text that is the same as now, or when somebody was faster.
    """
    check_text(text)
    now = current(school, kind)
    if now.number != seen:
        raise ValidationError(f"刚刚有人保存了{now.label}。您写的还在；请核对新版本后再保存。")
    if (now.title, now.text) == (title, text):
        raise ValidationError("和现在的文本一样，没有新版本要保存。")
    row = PaperText(school=school, kind=kind, number=seen + 1, title=title, text=text, made_by=by)
    row.full_clean(exclude=["change"])
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ValidationError("刚刚有人保存了新的版本，请刷新后再改。") from error
    return row


def check_text(text: str) -> None:
    """Raise ValidationError at the text for a field that does not exist."""
    try:
        check(text, FIELDS)
    except ValidationError as refusal:
        raise ValidationError({"text": refusal.messages}) from refusal


def paragraphs(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The paragraphs of a text with its fields filled in; a fact that is not known leaves a line to write on."""
    said = filled(text.replace("\r\n", "\n"), values, unknown=LINE)
    return tuple(part.strip() for part in re.split(r"\n\s*\n", said) if part.strip())
