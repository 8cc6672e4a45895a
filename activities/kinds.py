"""
What each kind of record asks for beside the common fields (domain §7), told once for forms, pages and prints.

A kind's own answers live in `CareRecord.detail` under the names given here. Letters keep no content (domain §12 P-14),
counselling keeps its text in CounsellingNote (domain §7.8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from activities.models import Kind
from activities.models.record import RECEIVED, SENT, Place, Way

Options = tuple[tuple[str, str], ...]


class Shape(StrEnum):
    """How an answer is given."""

    LINE = "line"
    TEXT = "text"
    PICK = "pick"
    DAY = "day"
    TIME = "time"
    NUMBER = "number"


@dataclass(frozen=True)
class Ask:
    """
    One question of a kind: its key in `detail`, its Chinese label, how it is answered.

    `fill` names what is known of the family or the writer and offered as the answer (activities.known_facts); a NUMBER
    is chosen among the family's numbers and kept masked (domain §7.3).
    """

    name: str
    label: str
    shape: Shape = Shape.LINE
    options: Options = ()
    help: str = ""
    first: bool = False
    fill: str = ""

    def read(self, value: Any) -> str:
        """A stored answer in Chinese."""
        return dict(self.options).get(str(value), str(value))


@dataclass(frozen=True)
class KindSpec:
    """How a kind is asked and shown. `first` fields of a form stand open, everything else is folded."""

    kind: Kind
    icon: str
    asks: tuple[Ask, ...] = ()
    content_label: str = "内容"
    content_help: str = ""
    keeps_content: bool = True
    topics: bool = False
    state: bool = True
    place: str = ""
    way: str = Way.FACE
    ways: bool = False
    with_whom: str = ""
    reached: tuple[str, str] | None = None
    minutes: bool = False
    act: str = "记一次"
    #: Of these, `content` and names of asks, at least one is answered, or the record says nothing and proves nothing.
    says: tuple[str, ...] = ()


def _options(*words: str) -> Options:
    return tuple((word, word) for word in words)


SUBJECTS = _options("语文", "数学", "英语", "其他")
CALLED = _options("父亲", "母亲", "父母", "祖辈", "其他亲属")
#: Of an illness the family is told; not having reached them is tried again (domain §13 no. 83).
TOLD, NOT_TOLD = "已告知", "未能联系上"
#: Of whoever stays away from school the village goes along on the second day (domain §11.5).
WITH_VILLAGE = "与村（社区）联合"
#: A child speaks with its family by phone or by video: for trying again the two are one.
SAME_CONTACT = {Kind.CALL: (Kind.CALL, Kind.VIDEO), Kind.VIDEO: (Kind.CALL, Kind.VIDEO)}

_SPECS = (
    KindSpec(
        Kind.TALK,
        "chat-dots",
        content_label="说了什么",
        content_help="孩子说了什么，您怎样回应，几句话就好。",
        topics=True,
        place=Place.OFFICE,
        ways=True,
        minutes=True,
        says=("content",),
        reached=("谈到了", "没谈成"),
        asks=(
            Ask("reason", "谈话缘由"),
            Ask(
                "type",
                "谈话类型",
                Shape.PICK,
                _options("学业指导", "心理疏导", "纪律教育", "人际关系", "行为习惯", "家庭沟通", "荣誉激励"),
            ),
            Ask("effect", "交谈后效果", Shape.TEXT),
        ),
    ),
    KindSpec(
        Kind.HOME_VISIT,
        "house-door",
        content_label="看到和谈到的情况",
        content_help="每次家访都要有书面记录。",
        place=Place.HOME,
        ways=True,
        minutes=True,
        reached=("见到了家人", "没见到人"),
        says=("content",),
        asks=(
            Ask(
                "purpose",
                "家访目的",
                Shape.PICK,
                _options("例行走访", "了解家庭情况", "学习情况沟通", "行为习惯沟通", "安全排查", "慰问", "劝返复学"),
                first=True,
            ),
            Ask("company", "一起去的", Shape.PICK, _options(WITH_VILLAGE, "本校其他老师")),
            Ask("carer_met", "见到的监护人", help="姓名，如：王桂英", first=True, fill="carer"),
            Ask("carer_relation", "与学生关系", first=True, fill="carer_relation"),
            Ask("carer_phone", "联系方式", Shape.NUMBER, first=True, fill="carer_phone"),
            Ask("address", "住址", fill="address"),
            Ask("family", "家庭成员情况", Shape.TEXT),
            Ask("environment", "生活和学习环境", Shape.TEXT, help="居住条件、有没有学习的地方"),
            Ask("at_home", "孩子在家表现", Shape.TEXT),
            Ask("needs", "教育需求", Shape.TEXT),
            Ask("feedback", "家长反馈", Shape.TEXT),
            Ask("agreed", "达成共识", Shape.TEXT),
            Ask("plan", "后续计划", Shape.TEXT),
            Ask("signed", "监护人签字", Shape.PICK, _options("纸质记录已签字", "没有签字")),
        ),
    ),
    KindSpec(
        Kind.CALL,
        "telephone",
        content_label="主要内容",
        content_help="由孩子自己说，可以不写。",
        place=Place.CARE_HOME,
        way=Way.PHONE,
        with_whom="和谁通话",
        minutes=True,
        reached=("接通了", "没接通"),
        asks=(
            Ask("number", "号码", Shape.NUMBER, first=True),
            Ask("relation", "与学生关系", Shape.PICK, CALLED, first=True),
            Ask("until", "结束时间", Shape.TIME),
            Ask("duty", "值班教师", fill="self"),
        ),
    ),
    KindSpec(
        Kind.PARENT_CONTACT,
        "person-lines-fill",
        content_label="通报和沟通的内容",
        content_help="学习、生活各说几句。",
        way=Way.PHONE,
        ways=True,
        with_whom="联系对象",
        minutes=True,
        reached=("联系上了", "没联系上"),
        asks=(
            Ask("number", "号码", Shape.NUMBER, first=True),
            Ask("relation", "与学生关系", Shape.PICK, _options("父亲", "母亲", "祖辈", "其他监护人"), first=True),
            Ask("sent_as", "联系形式", Shape.PICK, _options("电话", "视频", "当面", "短信", "微信", "打印件")),
            Ask("opinion", "家长意见", Shape.TEXT),
        ),
    ),
    KindSpec(
        Kind.TUTORING,
        "book",
        content_label="辅导内容和资料",
        place=Place.CLASSROOM,
        minutes=True,
        says=("content", "subject", "problem"),
        asks=(
            Ask("subject", "学科", Shape.PICK, SUBJECTS, first=True),
            Ask("problem", "存在问题", Shape.TEXT, first=True),
            Ask("measures", "帮教措施", Shape.TEXT),
            Ask("effect", "效果", Shape.TEXT),
        ),
    ),
    KindSpec(
        Kind.HOMEWORK,
        "journal-check",
        content_label="检查情况",
        state=False,
        place=Place.CLASSROOM,
        says=("content", "subject", "done"),
        asks=(
            Ask("subject", "学科", Shape.PICK, SUBJECTS, first=True),
            Ask("done", "完成情况", Shape.PICK, _options("全部完成", "部分完成", "没有完成"), first=True),
            Ask("problem", "存在问题", Shape.TEXT),
            Ask("measures", "措施", Shape.TEXT),
        ),
    ),
    KindSpec(
        Kind.VIDEO,
        "camera-video",
        content_label="主要内容",
        content_help="由孩子自己说，可以不写。",
        place=Place.CARE_HOME,
        way=Way.VIDEO,
        with_whom="和谁视频",
        minutes=True,
        reached=("接通了", "没接通"),
        asks=(
            Ask("number", "号码", Shape.NUMBER, first=True),
            Ask("relation", "与学生关系", Shape.PICK, CALLED, first=True),
            Ask("until", "结束时间", Shape.TIME),
            Ask("duty", "值班教师", fill="self"),
        ),
    ),
    KindSpec(
        Kind.LETTER,
        "envelope",
        keeps_content=False,
        state=False,
        way=Way.WRITING,
        with_whom="与谁通信",
        asks=(
            Ask("direction", "方向", Shape.PICK, _options(SENT, RECEIVED), first=True),
            Ask("occasion", "写信时机", Shape.PICK, _options("平时", "传统节日", "长辈生日", "寒暑假"), first=True),
            Ask("guide", "指导教师", fill="self"),
            Ask("reply_on", "回信日期", Shape.DAY),
            Ask("forwarded", "转交和反馈", help="转给了谁、什么时候；只写转交情况，不写信的内容。"),
        ),
    ),
    KindSpec(
        Kind.MEAL,
        "cup-hot",
        content_label="情况和感受",
        place=Place.ELSEWHERE,
        says=("content", "company"),
        asks=(
            Ask("company", "同席的人", first=True),
            Ask("occasion", "时机", Shape.PICK, _options("平时", "端午", "中秋", "重阳", "春节", "生日"), first=True),
            Ask("cost", "费用（元）"),
        ),
    ),
    KindSpec(
        Kind.READING,
        "bookmark",
        content_label="读后感",
        content_help="三年级以上请摘几句孩子写的话，或写书评。",
        state=False,
        says=("book",),
        asks=(
            Ask("book", "书名", first=True),
            Ask("span", "阅读期间", help="如：11月2日至11月13日"),
            Ask("review", "书评", Shape.TEXT),
        ),
    ),
    KindSpec(
        Kind.GOOD_DEED,
        "stars",
        content_label="做了什么",
        state=False,
        says=("content",),
        asks=(Ask("witness", "证明人", first=True),),
    ),
    KindSpec(
        Kind.BIRTHDAY,
        "cake2",
        content_label="怎样过的",
        place=Place.CLASSROOM,
        says=("content", "how"),
        asks=(
            Ask(
                "how",
                "形式",
                Shape.PICK,
                _options("班队会", "贺卡", "广播祝福", "小礼物", "集体生日", "与代理家长过"),
                first=True,
            ),
        ),
    ),
    KindSpec(
        Kind.ILLNESS,
        "bandaid",
        content_label="病情和照料经过",
        asks=(
            Ask("taken_to", "送诊单位", first=True),
            Ask("told", "告知家长或监护人", Shape.PICK, _options(TOLD, NOT_TOLD), first=True),
            Ask("told_whom", "告知了谁", fill="carer", help="姓名或称呼"),
            Ask("told_at", "告知时间", Shape.TIME),
            Ask("nursed_by", "照料的人", fill="self"),
            Ask("back_on", "复课日期", Shape.DAY),
        ),
    ),
    KindSpec(Kind.OTHER, "heart", content_label="做了什么", ways=True, minutes=True, asks=(Ask("theme", "事项", first=True),)),
    KindSpec(
        Kind.COUNSELLING,
        "shield-lock",
        keeps_content=False,
        state=False,
        place=Place.COUNSELLING_ROOM,
        ways=True,
        minutes=True,
    ),
)  # fmt: skip

SPECS: dict[str, KindSpec] = {spec.kind.value: spec for spec in _SPECS}
#: What stands open on the form; the rest is behind "更多类别".
COMMON = (Kind.TALK, Kind.HOME_VISIT, Kind.CALL, Kind.PARENT_CONTACT, Kind.TUTORING, Kind.HOMEWORK)


def spec_of(kind: str) -> KindSpec:
    """How a kind is asked and shown. Raises KeyError for a kind that does not exist."""
    return SPECS[kind]


def detail_lines(kind: str, detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The kind's own answers as (Chinese label, answer), unanswered ones left out; for pages and prints."""
    return [(ask.label, ask.read(detail[ask.name])) for ask in spec_of(kind).asks if detail.get(ask.name)]
