"""Load the types every office starts with.

The first ten are the commonest by the Ministry of Public Security's count; the next four aim at
elders. Offices rename and add in the administration: what is there already is left as it is.
"""

from django.db import migrations

TYPES = (
    # code, Chinese, English, aims at elders
    ("brushing_rebate", "刷单返利", "Fake orders for a rebate", False),
    ("fake_investment", "虚假网络投资理财", "Fake investment online", False),
    ("fake_shopping", "虚假购物服务", "Fake shops and services", False),
    ("fake_customer_service", "冒充电商物流客服", "Fake customer service of a shop or courier", False),
    ("fake_loan", "虚假贷款", "Fake loan", False),
    ("fake_credit_report", "虚假征信", "Fake credit record", False),
    ("impersonating_acquaintance", "冒充领导熟人", "Posing as a superior or acquaintance", False),
    ("impersonating_authority", "冒充公检法及政府机关", "Posing as police, court or government", False),
    ("online_dating", "网络婚恋交友", "Dating and friendship online", False),
    ("game_trade", "网络游戏产品虚假交易", "Fake trade in game goods", False),
    ("health_products", "保健品诈骗", "Health products", True),
    ("pension_fraud", "养老投资诈骗", "Pension and retirement schemes", True),
    ("low_price_tour", "低价旅游诈骗", "Low-price tours", True),
    ("house_for_pension", "以房养老诈骗", "House for a pension", True),
    ("other", "其他", "Other", False),
)
LAST = 1000


def load(apps, _schema_editor):
    FraudType = apps.get_model("knowledge", "FraudType")
    for number, (code, name_zh, name_en, is_elder) in enumerate(TYPES, start=1):
        order = LAST if code == "other" else number * 10
        FraudType.objects.get_or_create(
            code=code, defaults={"name_zh": name_zh, "name_en": name_en, "is_elder": is_elder, "order": order}
        )


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_fraud_types_and_texts")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
