"""Where a child lives, as far as a list needs it: the village (村、社区) that an address names; the names of provinces."""

import re

from children.models import Child

#: As they are written without 省, 市 or 自治区.
PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_VILLAGE = re.compile(r"([^\s省市县区镇乡]{1,12}?(?:村|社区|居委会))")


def village_in(*texts: str) -> str:
    """The village that the first of the texts to name one names; empty if none does."""
    for text in texts:
        if found := _VILLAGE.search(text or ""):
            return found.group(1)
    return ""


def village_of(child: Child) -> str:
    """The village that the child's group, address or place of registration names; empty if none does."""
    return village_in(child.village_group, child.address, child.hukou_place)
