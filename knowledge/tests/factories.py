"""Types of fraud and texts for tests."""

import factory

from knowledge.models import FraudType, Text


class FraudTypeFactory(factory.django.DjangoModelFactory):
    """A type by its code; the same code again gives the same type, shipped ones included."""

    class Meta:
        model = FraudType
        django_get_or_create = ("code",)

    code = "brushing_rebate"
    name_zh = "刷单返利"
    name_en = "Fake orders for a rebate"


class TextFactory(factory.django.DjangoModelFactory):
    """A general text under a key of its own."""

    class Meta:
        model = Text

    key = factory.Sequence(lambda number: f"text.{number}")
    title_zh = "标题"
    title_en = "Title"
    body_zh = "第一步\n第二步"
    body_en = "First\nSecond"
