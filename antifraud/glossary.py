"""The words of the field, as the product uses them in both languages (product.md, "The words of the field").

One thing has one name everywhere: an office that reads 预警专员 on one page and 预警员 on the next asks whether these
are two people. ``check_translations`` holds every text of the catalogues to it.
"""

import re
from collections.abc import Mapping

TERMS: Mapping[str, tuple[str, ...]] = {
    r"duty officers?": ("值班员",),
    r"grid leaders?": ("网格长",),
    r"warning specialists?": ("预警专员",),
    r"(first|second) specialists?": ("预警专员",),
    r"specialists?": ("预警专员", "专员"),
    r"(building )?informants?": ("楼门长", "信息员"),
    r"carers?": ("反诈关爱员", "关爱员"),
    r"outreach workers?": ("社工", "宣讲员"),
    r"community managers?": ("社区书记",),
    r"police liaisons?": ("社区民警",),
    r"supervisors?": ("督导",),
    r"alerts?": ("预警",),
    r"districts?": ("区县",),
    r"streets?": ("街道",),
    r"communit(y|ies)": ("社区",),
    r"grids?": ("网格",),
    r"buildings?": ("楼栋", "楼"),
    r"posts?": ("岗位", "在岗", "岗"),
    r"dissuasion": ("劝阻",),
    r"dissuaded": ("劝阻",),
    r"prevented": ("挽损",),
    r"dispatch(ed|es)?": ("下发",),
    r"accept(ed|s)?": ("接单",),
    r"breached|overdue": ("超时",),
    r"high risk": ("高风险",),
    r"on call": ("在岗",),
    r"assigned": ("派单", "派给"),
}
"""English → any of these must stand in the Chinese. The longest that fits a text is asked for first."""

AVOID: Mapping[str, str] = {
    "警报": "预警",
    "告警": "预警",
    "派发": "下发（给网格）或派单（给人）",
    "接警": "接单",
    "预警员": "预警专员",
    "网格员长": "网格长",
    "值守员": "值班员",
    "升级处理": "转交",
    "你": "您",
}
"""Chinese that never stands in the interface → what stands there instead."""


ELSEWHERE = frozenset(
    {
        "At the grid",  # the column's name says what is waited for: 待接单
        "Community, building, unit, door. The grid is found by itself.",  # an address begins with its estate: 小区
        "This address accepts only POST.",  # HTTP's
        "The server did not accept this. Reload the page to see how things stand.",  # no alert is accepted here
        "A list out of: desk, specialists, leader, manager, police, supervisor.",  # the table's own keys
        "Street stall",  # a stall anywhere out of doors: 摆摊
        "bring in whoever of the grid is available",
        "{person} accepted this alert at {time}.",  # 接单 says both
    }
)
"""Texts in which a word means something else, or is said by another."""

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
"""A place in a text that the program fills."""


def breaches(english: str, chinese: str) -> list[str]:
    """Return where a translation leaves the field's own words, each in a sentence; empty where it keeps them."""
    found, left = [], "" if english in ELSEWHERE else PLACEHOLDER.sub(" ", english)
    for term, names in sorted(TERMS.items(), key=lambda one: -len(one[0])):
        words = re.compile(rf"\b(?:{term})\b", re.IGNORECASE)
        if (said := words.search(left)) and not any(name in chinese for name in names):
            found.append(f"{said[0]!r} is called {' or '.join(names)}")
        left = words.sub(" ", left)
    return found + [f"{word!r} is called {right}" for word, right in AVOID.items() if word in chinese]
