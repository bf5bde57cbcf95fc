"""Put the frauds on elders under one type, and load the words by which offices call the types.

Sources: the types that the public documents name beside the ministry's ten (loans on the net, fundraising, posing as a
son or daughter), and how offices' ledgers spell these. What an office renamed, moved or took for itself stays as it is.
"""

from django.db import migrations

ELDER = ("elder", "养老诈骗", "Frauds on elders", True, 105)
BELOW_ELDER = ("health_products", "pension_fraud", "low_price_tour", "house_for_pension")
SECOND = (
    # code, Chinese, English, aims at elders, the type above, order
    ("posing_as_child", "冒充子女借钱", "Posing as a son or daughter in need", True, "impersonating_acquaintance", 71),
    ("credit_card_agent", "代办信用卡", "Fake credit card agent", False, "fake_loan", 51),
    ("illegal_fundraising", "集资诈骗", "Fraudulent fundraising", False, "fake_investment", 21),
)
ALIASES = {
    "brushing_rebate": ("刷单", "刷单诈骗", "网络刷单", "刷单返利诈骗", "兼职刷单", "卖方刷单", "刷单返利类"),
    "fake_investment": ("虚假投资理财", "投资理财", "虚假投资", "金融投资诈骗", "网络投资理财", "虚假网络投资理财类"),
    "fake_shopping": ("虚假购物", "网络购物", "购物诈骗", "虚假购物服务类"),
    "fake_customer_service": ("冒充客服", "冒充电商客服", "冒充物流客服", "冒充电商物流客服类", "冒充保健品公司客服"),
    "fake_loan": ("网贷", "网贷诈骗", "贷款诈骗", "网络贷款", "虚假网络贷款", "贷款类诈骗"),
    "fake_credit_report": ("征信", "注销校园贷", "虚假征信类"),
    "impersonating_acquaintance": ("冒充领导", "冒充熟人", "熟人冒充", "冒充领导、熟人", "冒充老板", "冒充亲友"),
    "impersonating_authority": ("冒充公检法", "冒充公安", "冒充民警", "冒充政府机关", "冒充公检法类"),
    "online_dating": ("婚恋交友", "网恋", "杀猪盘", "网络婚恋", "网络交友"),
    "game_trade": ("网络游戏虚假交易", "游戏交易", "游戏装备交易", "虚假游戏交易", "网络游戏交易"),
    "elder": ("涉老诈骗", "养老类诈骗"),
    "health_products": ("保健品", "保健品诈骗类", "药品保健品"),
    "pension_fraud": ("养老投资", "投资养老"),
    "low_price_tour": ("低价旅游", "低价游"),
    "posing_as_child": ("冒充子女", "冒充儿女"),
    "illegal_fundraising": ("非法集资",),
}


def load(apps, _schema_editor):
    FraudType = apps.get_model("knowledge", "FraudType")
    FraudTypeAlias = apps.get_model("knowledge", "FraudTypeAlias")
    code, name_zh, name_en, is_elder, order = ELDER
    fields = {"name_zh": name_zh, "name_en": name_en, "is_elder": is_elder, "order": order}
    elder, is_new = FraudType.objects.get_or_create(code=code, defaults=fields)
    if is_new:
        FraudType.objects.filter(code__in=BELOW_ELDER, parent__isnull=True, children__isnull=True).update(parent=elder)
    types = {one.code: one for one in FraudType.objects.all()}
    for code, name_zh, name_en, is_elder, above, order in SECOND:
        parent = types.get(above)
        if code not in types and parent is not None and parent.parent_id is None:
            fields = {"name_zh": name_zh, "name_en": name_en, "is_elder": is_elder, "order": order, "parent": parent}
            types[code] = FraudType.objects.create(code=code, **fields)
    for code, names in ALIASES.items():
        for name in names if code in types else ():
            FraudTypeAlias.objects.get_or_create(name=name, defaults={"fraud_type": types[code]})


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0005_other_names_of_types")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
