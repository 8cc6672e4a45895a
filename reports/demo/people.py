"""Invented people: names, ID numbers of nobody, telephone numbers that cannot exist, villages that are on no map."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")

SEED = "青榕镇"
AREA = "999999"  # no such area code exists, so no such person does
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

SURNAMES = tuple(
    "李王张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫柏向".replace(
        " ", ""
    )
)
BOYS = (
    "浩然", "子轩", "俊杰", "家豪", "文博", "志远", "嘉诚", "明轩", "思源", "宇航", "天佑", "国强", "小军", "建业", "鑫磊",
    "泽宇", "振华", "立新", "春生", "晨阳", "智勇", "海涛", "永康", "景行", "玉龙", "启航", "光耀", "成林", "卫东", "少华",
    "一鸣", "向阳", "金宝", "铁柱", "书豪", "奕辰", "梓涵", "承志", "远航", "长春", "大鹏", "恩泽", "凯文", "伟强", "冬冬",
    "旭东", "乐天", "锦程", "家乐", "昊宇", "君浩", "山", "磊", "涛", "鹏", "辉", "波", "勇", "斌", "凡",
)  # fmt: skip
GIRLS = (
    "雨欣", "思琪", "欣怡", "梦婷", "佳慧", "诗涵", "晓燕", "小芳", "婷婷", "美玲", "春燕", "秀兰", "若兰", "语桐", "梓萱",
    "可馨", "雅静", "慧敏", "心怡", "静怡", "玉洁", "秋月", "红梅", "桂花", "紫涵", "依诺", "安琪", "丽娟", "冬梅", "海燕",
    "芷若", "子墨", "雪儿", "彩云", "金凤", "小满", "晨曦", "佳怡", "巧珍", "念慈", "盼盼", "露露", "圆圆", "星月", "清禾",
    "乐瑶", "雨桐", "文静", "慕青", "知夏", "燕", "洁", "娜", "蕾", "颖", "丹", "霞", "莹", "琴", "芸",
)  # fmt: skip
MEN = (
    "建国", "建军", "志强", "永强", "国庆", "德明", "文华", "小平", "海波", "春林", "大勇", "光明", "长青", "世杰", "贵生",
    "林", "刚", "伟", "军", "强", "平", "兵", "洪", "明", "超", "运来", "小虎", "友根", "水生", "立成",
)  # fmt: skip
WOMEN = (
    "桂英", "秀英", "玉兰", "小红", "春花", "丽华", "翠萍", "艳", "敏", "芳", "玲", "秀梅", "金花", "美华", "晓丽",
    "娟", "燕", "红霞", "素芬", "菊香", "凤", "玉珍", "冬香", "海英", "淑芬", "小莲", "爱华", "彩霞", "琼", "蓉",
)  # fmt: skip
OLD_MEN = ("德福", "有才", "长根", "树生", "正华", "守义", "富贵", "天成", "万年", "保田", "开明", "仁德", "福来", "志清", "茂林", "本初", "全有", "光富", "昌盛", "学礼")  # fmt: skip
OLD_WOMEN = ("桂芝", "秀珍", "玉梅", "凤英", "大妹", "兰英", "素珍", "月娥", "春秀", "碧莲", "金秀", "贵珍", "水英", "桃花", "淑贞", "忠秀", "明芳", "银花", "惠芬", "菊英")  # fmt: skip

CITIES = (
    ("广东省东莞市", "country"), ("广东省深圳市", "country"), ("广东省佛山市", "country"), ("广东省广州市", "country"),
    ("广东省中山市", "country"), ("浙江省义乌市", "country"), ("浙江省宁波市", "country"), ("浙江省温州市", "country"),
    ("江苏省苏州市", "country"), ("江苏省昆山市", "country"), ("福建省泉州市", "country"), ("福建省晋江市", "country"),
    ("上海市", "country"), ("北京市", "country"), ("重庆市", "country"), ("新疆维吾尔自治区石河子市", "country"),
    ("本省省会", "province"), ("邻县县城", "province"), ("云禾县县城", "county"),
)  # fmt: skip
JOBS = (
    ("电子厂", "装配工"), ("鞋厂", "针车工"), ("服装厂", "缝纫工"), ("建筑工地", "钢筋工"), ("建筑工地", "木工"),
    ("建筑工地", "泥瓦工"), ("家具厂", "油漆工"), ("快递公司", "快递员"), ("餐馆", "厨师"), ("餐馆", "服务员"),
    ("物流园", "装卸工"), ("物流公司", "货车司机"), ("玩具厂", "普工"), ("纸箱厂", "普工"), ("物业公司", "保安"),
    ("家政公司", "保洁"), ("家政公司", "月嫂"), ("海鲜市场", "摊贩"), ("汽修厂", "修理工"), ("装修队", "水电工"),
)  # fmt: skip


@dataclass(frozen=True)
class Village:
    name: str
    groups: tuple[str, ...]
    km: tuple[float, float]


TOWN = Village("青榕社区", ("河街", "老街", "新街", "粮站巷"), (0.3, 1.5))
CENTRE_VILLAGES = (
    TOWN,
    Village("石桥村", ("一组", "二组", "三组", "四组"), (1.0, 3.5)),
    Village("白泥塘村", ("上湾组", "下湾组", "塘边组"), (2.0, 5.0)),
    Village("大沙坝村", ("渡口组", "坝上组", "柳林组"), (2.5, 6.0)),
    Village("竹林湾村", ("竹园组", "新屋组", "井坎组"), (3.0, 8.0)),
)
SHANGPING_VILLAGES = (Village("上坪村", ("大院组", "茶山组", "水口组", "岩脚组"), (0.4, 4.0)),)
FENGSHU_VILLAGES = (Village("枫树坳村", ("坳上组", "坳下组", "老鹰岩组"), (0.3, 5.0)),)


def draw(section: str) -> random.Random:
    """A source of choices of its own for each section, so that a change in one does not change the others."""
    return random.Random(f"{SEED}/{section}")  # noqa: S311  invented people, not secrets


def id_number(birth: date, sequence: int, *, male: bool) -> str:
    """An ID number with a valid check digit that belongs to nobody."""
    order = (sequence * 2) % 1000 + (1 if male else 0)
    body = f"{AREA}{birth:%Y%m%d}{order:03}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def day_in_year(rng: random.Random, year: int) -> date:
    """A day of the year, never the 29th of February."""
    return date(year, 1, 1) + timedelta(days=rng.randrange(365))


@dataclass
class Registry:
    """Hands out what must not come twice: names, phones, sequence numbers."""

    rng: random.Random
    names: set[str] = field(default_factory=set)
    phones: int = 0
    sequence: int = 0

    def name(self, surname: str, given: Sequence[str]) -> str:
        """A full name nobody has yet, while the list lasts."""
        for _ in range(40):
            name = surname + self.rng.choice(given)
            if name not in self.names:
                break
        self.names.add(name)
        return name

    def surname(self) -> str:
        """The usual surnames come oftener."""
        return SURNAMES[min(int(self.rng.expovariate(1 / 22)), len(SURNAMES) - 1)]

    def phone(self) -> str:
        """13x0000xxxx: a block of numbers that reaches nobody."""
        self.phones += 1
        return f"13{self.phones % 10}0000{1000 + self.phones // 10:04}"

    def next(self) -> int:
        self.sequence += 1
        return self.sequence


def weighted(rng: random.Random, choices: Sequence[tuple[T, float]]) -> T:
    """One of the choices by weight."""
    return rng.choices([value for value, _ in choices], [weight for _, weight in choices])[0]
