"""Moments, numbers and money as each language writes them, in the office's own time."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from accounts import formats

LATE_EVENING_IN_LONDON = datetime(2026, 4, 1, 18, 6, 9, tzinfo=UTC)  # the next day in the office

CASES = [
    (formats.hour_minute, LATE_EVENING_IN_LONDON, "02:06", "02:06"),
    (formats.to_the_second, LATE_EVENING_IN_LONDON, "02:06:09", "02:06:09"),
    (formats.day, LATE_EVENING_IN_LONDON, "2026年4月2日", "2 Apr 2026"),
    (formats.day, date(2026, 12, 31), "2026年12月31日", "31 Dec 2026"),
    (formats.month, LATE_EVENING_IN_LONDON, "2026年4月", "April 2026"),
    (formats.month, date(2026, 12, 1), "2026年12月", "December 2026"),
    (formats.moment, LATE_EVENING_IN_LONDON, "04-02 02:06", "2 Apr 02:06"),
    (formats.whole_moment, LATE_EVENING_IN_LONDON, "2026年4月2日 02:06:09", "2 Apr 2026 02:06:09"),
    (formats.machine_moment, LATE_EVENING_IN_LONDON, "2026-04-02T02:06:09+08:00", "2026-04-02T02:06:09+08:00"),
    (formats.decimals, Decimal("1234567.891"), "1,234,567.89", "1,234,567.89"),
    (formats.decimals, 0.125, "0.13", "0.13"),
    (formats.decimals, 0.995, "1.00", "1.00"),
    (formats.yuan, Decimal("12000.00"), "12,000元", "12,000 yuan"),
    (formats.yuan, Decimal("12000.50"), "12,000.50元", "12,000.50 yuan"),
    (formats.yuan, None, "", ""),
    (formats.headline, Decimal(587000), "58.7万元", "587,000 yuan"),
    (formats.headline, Decimal(0), "0.0万元", "0 yuan"),
]


@pytest.mark.parametrize(("write", "value", "chinese", "english"), CASES)
def test_each_language_has_its_own_way(write, value, chinese, english) -> None:
    with translation.override("zh-hans"):
        assert write(value) == chinese
    with translation.override("en"):
        assert write(value) == english


def test_templates_write_as_python_does() -> None:
    text = Template("{% load formats %}{{ at|moment }} {{ at|day }} {{ n|decimals:1 }}")
    with translation.override("zh-hans"):
        assert text.render(Context({"at": LATE_EVENING_IN_LONDON, "n": 1234.56})) == "04-02 02:06 2026年4月2日 1,234.6"
