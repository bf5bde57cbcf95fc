"""What a duty roster (值班表) and a list of alerts look like in an office's file: their columns. In and out."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from accounts.calendars import Stretch, hours_on
from accounts.clock import LOCAL_TZ, local
from sheets.policy import CellError, Column, Holds

DESK_WORD, LEADER_WORD = "值班台", "带班领导"
WEEKDAY_WORDS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")

COLUMNS = (
    Column(
        "on",
        "日期",
        names=("值班日期", "日子"),
        holds=Holds.DATE,
        is_needed=True,
        fills_down=True,
        example="2026-12-03",
        note="一天可以有几行，日期可以合并单元格。",
        width=13,
    ),
    Column("weekday", "星期", names=("周", "星期几"), may_compute=True, fills_down=True, example="星期四", width=9),
    Column(
        "place",
        "值班岗位",
        names=("岗位", "网格", "值班网格", "值班地点", "区域"),
        example=DESK_WORD,
        note="社区值班台可以不填；网格备勤填网格名称；只列带班领导的行填“带班领导”。",
        width=14,
    ),
    Column("name", "班次", names=("班别",), example="夜班", width=9),
    Column(
        "hours",
        "值班时间",
        names=("时间", "值班时段", "时段", "起止时间", "班次时间"),
        example="20:00-次日08:00",
        note="也可以写在“班次”一列里，如“夜班(20:00-08:00)”；整天写“全天”。",
        width=18,
    ),
    Column(
        "people",
        "值班人员",
        names=("值班人", "值班员", "值班人员姓名", "备勤人员", "值班"),
        is_needed=True,
        example="徐某、林某",
        note="几个人用顿号或空格分开；有同名的，写成“姓名(用户名)”，或填电话。",
        width=22,
    ),
    Column(
        "leader",
        "带班领导",
        names=("带班", "值班领导", "带班人", "带班人员", "领导带班"),
        fills_down=True,
        example="李某",
        note="和本行的值班时间相同。",
        width=14,
    ),
    Column(
        "phone",
        "联系电话",
        names=("电话", "手机", "值班电话", "手机号", "联系方式"),
        example="199****0002",
        note="只用来分清同名的人。",
        width=22,
    ),
)

_CLOCK = (
    r"(?P<{0}_part>凌晨|早上|早|上午|中午|下午|晚上|晚|夜)?(?P<{0}>\d{{1,2}})(?:[:点时](?P<{0}_minute>\d{{1,2}})?分?)?"
)
_TO = r"[-—–~～至到]+"
_SPAN = re.compile(
    rf"{_CLOCK.format('begin')}{_TO}"
    rf"(?:(?P<next>次日|翌日|第二天|明日)|(?P<date>\d{{4}}-\d{{2}}-\d{{2}})T)?{_CLOCK.format('end')}"
)
_WHOLE_DAY = re.compile(r"全天|24小时|昼夜")
_AFTERNOON = {"下午", "晚上", "晚", "夜"}
_BETWEEN = re.compile(r"[\s、,，;；/]+")


def plain(text: str) -> str:
    """Return a cell's text with full-width signs made plain."""
    return unicodedata.normalize("NFKC", text).strip()


def hours_of(text: str, on: date) -> Stretch | None:
    """Return the hours that a cell means on a day; None where it names none.

    Raises ``CellError`` for a time that does not exist, and for hours that go on past the next day.
    """
    bare = re.sub(r"\s+(?=\d{1,2}:)", "T", plain(text)) if re.search(r"\d{4}-\d{2}-\d{2} ", text) else plain(text)
    bare = re.sub(r"\s", "", bare)
    if _WHOLE_DAY.search(bare) and not _SPAN.search(bare):
        return hours_on(on, starts=time(), ends=time())
    found = _SPAN.search(bare)
    if found is None:
        return None
    starts, ends = _time(found, "begin"), _time(found, "end")
    if found["date"]:
        last = datetime.combine(_date(found["date"]), ends, tzinfo=LOCAL_TZ)
        return Stretch(datetime.combine(on, starts, tzinfo=LOCAL_TZ), last)
    hours = hours_on(on, starts=starts, ends=ends)
    if found["next"] and ends > starts:
        raise CellError("too_long", _("These hours go on past the next day. Write them as several rows."))
    return hours


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellError("no_such_day", _("There is no day %(text)s.") % {"text": text}) from None


def _time(found: re.Match[str], name: str) -> time:
    hour, minute = int(found[name]), int(found[f"{name}_minute"] or 0)
    if found[f"{name}_part"] in _AFTERNOON and hour < 12:
        hour += 12
    if hour == 24 and not minute:
        return time()
    if hour > 23 or minute > 59:
        raise CellError("no_such_time", _("There is no time %(text)s. Write it like 20:00.") % {"text": found[0]})
    return time(hour, minute)


def name_of_shift(text: str) -> str:
    """Return what a shift is called: a cell without the hours and brackets in it."""
    bare = _SPAN.sub("", re.sub(r"\s", "", plain(text)))
    return re.sub(r"[()\[\]【】]", "", bare)[:20]


def hours_in_cell(hours: Stretch) -> str:
    """Return hours as a file has them, so that they are read back the same."""
    begins, ends = local(hours.begins_at), local(hours.ends_at)
    nights = (ends.date() - begins.date()).days
    if nights == 1 and ends.time() == time():
        return f"{begins:%H:%M}-24:00"
    if not nights:
        return f"{begins:%H:%M}-{ends:%H:%M}"
    if nights == 1 and ends - begins <= timedelta(days=1):
        return f"{begins:%H:%M}-次日{ends:%H:%M}"
    return f"{begins:%H:%M}-{ends:%Y-%m-%d %H:%M}"


def names_of(text: str) -> list[str]:
    """Return the names in a cell. Offices put a blank into a name of two characters, so that all are equally long."""
    found: list[str] = []
    short = False  # whether the name before this one is a single character that waits for its second
    for name in _BETWEEN.split(plain(text)):
        if not name or name in {"-", "—", "无"}:
            continue
        if short and len(name) == 1:
            found[-1] += name
            short = False
            continue
        found.append(name)
        short = len(name) == 1
    return found


def username_in(name: str) -> tuple[str, str]:
    """Return a name and the username in brackets behind it, "" for none."""
    found = re.fullmatch(r"(.+?)\((.+)\)", name)
    return (found[1], found[2]) if found else (name, "")


def weekday_of(text: str) -> int | None:
    """Return the day of the week that a cell names, Monday is 0; None where it names none."""
    found = re.search(r"[一二三四五六日天]", plain(text))
    return min("一二三四五六日天".index(found[0]), 6) if found else None


# ── a list of alerts ────────────────────────────────────────────────────────────────────────────────────────────────

LEVEL_IN_CELLS = ("高", "中", "低")
AMOUNT_NAMES = ("金额", "涉险金额", "涉案金额", "风险金额", "转账金额", "涉及金额", "资金")

ALERT_COLUMNS = (
    Column("row", "序号", names=("序", "行号"), may_compute=True, is_in_template=False),
    Column(
        "external_id",
        "来源编号",
        names=(
            *("编号", "预警编号", "警情编号", "流水号", "预警流水号", "任务编号", "指令编号", "工单号", "单号"),
            *("序列号", "预警单号", "平台编号"),
        ),
        example="YJ-2026-000117",
        note="平台自己的编号。同一编号再次导入不会重复；没有编号的，按整行内容识别。",
        width=18,
    ),
    Column(
        "level",
        "风险等级",
        names=("等级", "预警等级", "风险级别", "预警级别", "级别", "危险等级", "风险", "预警风险等级"),
        holds=Holds.CHOICE,
        choices=LEVEL_IN_CELLS,
        is_needed=True,
        example="高",
        note="高、中、低；也认“高风险”“红色”“一级”等写法。",
        width=10,
    ),
    Column(
        "fraud_type",
        "诈骗类型",
        names=("类型", "预警类型", "涉诈类型", "诈骗类别", "案件类型", "类别", "诈骗手法", "疑似诈骗类型"),
        example="冒充公检法及政府机关",
        note="系统里没有的类型，原样保留。",
        width=20,
    ),
    Column(
        "name",
        "姓名",
        names=(
            *("受害人", "受害人姓名", "被害人", "潜在受害人", "潜在受害人姓名", "疑似受害人", "当事人", "预警对象"),
            *("人员姓名", "机主", "机主姓名", "居民姓名", "被劝阻人"),
        ),
        example="王某某",
        width=12,
    ),
    Column(
        "phone",
        "电话",
        names=(
            *("手机", "手机号", "手机号码", "联系电话", "电话号码", "联系方式", "受害人电话", "受害人手机号"),
            *("预警号码", "受害人号码", "潜在受害人电话", "被叫号码", "当事人电话"),
        ),
        example="19900000017",
        width=15,
    ),
    Column(
        "warned_at",
        "预警时间",
        names=("时间", "下发时间", "推送时间", "发现时间", "预警日期", "下发日期", "推送日期", "接收时间"),
        holds=Holds.DATE,
        example="2026-04-02 12:00",
        note="平台发出预警的时间；本系统的时限从导入时开始计算。",
        width=18,
    ),
    Column(
        "address",
        "地址",
        names=("住址", "现住址", "居住地址", "详细地址", "联系地址", "家庭住址", "居住地", "现住地址"),
        example="幸福社区3号楼2单元401",
        width=28,
    ),
    Column("grid", "网格", names=("所属网格", "网格名称", "所在网格"), example="第一网格", width=12),
    Column(
        "area_code",
        "区划代码",
        names=("网格编码", "社区代码", "区域代码", "行政区划代码", "网格代码"),
        note="有网格名称的可以不填。",
        width=18,
    ),
    Column(
        "amount",
        "涉险金额（元）",
        names=tuple(f"{name}{unit}" for name in AMOUNT_NAMES for unit in ("", "元", "万元")),
        holds=Holds.NUMBER,
        example="50000",
        note="单位看表头，不写的按元；单元格里写明“5万元”的，以单元格为准。",
        width=14,
    ),
    Column(
        "description",
        "预警内容",
        names=(
            *("内容", "情况", "简要情况", "描述", "预警描述", "案情", "简要案情", "说明", "事由", "情况说明"),
            *("预警说明", "备注", "预警详情", "详情"),
        ),
        example="接到自称公检法的电话，正在向陌生账户转账",
        width=36,
    ),
)
