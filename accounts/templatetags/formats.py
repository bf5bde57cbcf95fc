"""``accounts.formats`` for templates."""

from django import template

from accounts import formats

register = template.Library()

for write in (
    formats.hour_minute,
    formats.to_the_second,
    formats.day,
    formats.month,
    formats.moment,
    formats.whole_moment,
    formats.machine_moment,
    formats.decimals,
    formats.yuan,
):
    register.filter(write.__name__, write)
