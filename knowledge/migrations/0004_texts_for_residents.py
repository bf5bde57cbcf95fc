"""Load the texts that are handed to residents: rules of thumb, leaflets, the pledge, the memory card.

None of them has one official wording; each says where it comes from, and every community may write its own. What is
there already is left as it is.
"""

from dataclasses import dataclass

from django.db import migrations

COMMON = "编写：本程序，依据公开的反诈常识；各地可自行修改"


@dataclass(frozen=True)
class Shipped:
    key: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    origin: str = COMMON


TEXTS = (
    Shipped(
        "five_rules",
        "五个一律",
        "Five times always",
        """
陌生来电谈到银行卡，一律挂断。
说您中奖、要您领奖，一律挂断。
自称公检法、要“转接办案”，一律挂断。
短信里让点链接，一律删除。
提到“安全账户”、要您转账，一律是诈骗。
拿不准，打96110问一问；已经转账，马上打110。
""",
        """
A stranger on the phone speaks of your bank card: always hang up.
You have won, you are to collect a prize: always hang up.
They claim to be the police or a court and put you through: always hang up.
A text message wants a link opened: always delete it.
A "safe account", a transfer to be made: always fraud.
Not sure? Ask at 96110. Already paid? Call 110 at once.
""",
        "民间通行口诀，常见为五条或六条，无统一文本；措辞为本程序所写，可按当地说法修改",
    ),
    Shipped(
        "ten_rules",
        "十个凡是",
        "Ten sure signs of fraud",
        """
凡是让您刷单、垫付、做任务返钱的，都是诈骗。
凡是网上认识、带您投资赚钱的，都是诈骗。
凡是说您涉案、要您配合转账的，都是诈骗。
凡是客服主动退款，又要共享屏幕、要验证码的，都是诈骗。
凡是放款之前先交钱的贷款，都是诈骗。
凡是说不处理就影响征信、让您转账的，都是诈骗。
凡是领导、熟人在网上急着要钱，又不肯当面说的，都是诈骗。
凡是脱离平台私下买卖账号装备、先交保证金的，都是诈骗。
凡是送米面油、包治百病、高额养老返利的，都要先问子女和社区。
凡是要您把钱、金条、银行卡交给陌生人来取的，都是诈骗。
拿不准，打96110问一问；已经转账，马上打110；养老诈骗举报打12337。
""",
        """
Orders to fake, money to advance, tasks that pay you back: fraud.
Somebody met online who shows you how to invest: fraud.
You are said to be part of a case and must transfer money: fraud.
Customer service that refunds unasked, wants your screen or a code: fraud.
A loan for which you pay first: fraud.
Your credit record will suffer unless you transfer: fraud.
A superior or friend who needs money at once, only online: fraud.
Game accounts or items traded outside the platform against a deposit: fraud.
Free rice and oil, a cure for everything, high returns for your old age: ask your children and the community first.
Cash, gold or a bank card to be handed to a stranger at your door: fraud.
Not sure? Ask at 96110. Already paid? Call 110 at once. Fraud against elders: 12337.
""",
        "“十个凡是”各地说法不同，无统一文本；措辞为本程序所写，可按当地说法修改",
    ),
    Shipped(
        "leaflet.elder",
        "写给家中长辈的反诈提醒",
        "For elders: five things to keep in mind",
        """
养老钱要看紧：免费体检、免费鸡蛋、低价旅游，先问一句“他图什么”。
保健品不治病：有病去医院，药品有批准文号，没有“包治百病”。
房本、身份证不离手：有人让您抵押房子去理财，先给子女打电话。
警察不会在电话里办案：说您涉案、要您转账的，挂断，再打110核实。
手机有事找熟人：不共享屏幕，不说验证码，不点陌生链接。
儿女、社区和民警都愿意帮您：拿不准，先打96110，或到社区问一问。
已经给了钱，也别怕丢面子：马上打110；举报养老诈骗打12337。
""",
        """
Keep your savings close: with free check-ups, free eggs and cheap tours, ask first what they are after.
Health products cure nothing: see a doctor when you are ill; nothing cures everything.
Keep deeds and identity card with you: before you mortgage the flat for an investment, ring your children.
The police settle no case by telephone: who says you are part of one and must pay is hung up on; then ask 110.
Trouble with the telephone? Ask somebody you know: share no screen, tell no code, open no stranger's link.
Your children, the community and the police are glad to help: call 96110 first, or come in and ask.
Have you paid already? There is no shame in it: call 110 at once; report fraud against elders at 12337.
""",
    ),
    Shipped(
        "leaflet.tenant",
        "写给新邻居和租客的反诈提醒",
        "For new neighbours and tenants",
        """
欢迎您来：我们社区有反诈专员，遇事拿不准，请先来问。
租房只签正规合同，先看房、看证件，再付钱；“低价急租、先转定金”要当心。
招工不收押金、不收培训费；“在家兼职、日结高薪、刷单返利”都是诈骗。
银行卡、电话卡、微信号不出租、不出借：帮人“走流水”是违法犯罪。
网上贷款，放款前先收钱的都是诈骗；急用钱请找正规银行。
请安装国家反诈中心APP，打开来电预警；96110来电一定要接。
被骗了马上打110：越早报，钱越可能追回来；收到12381短信请留心。
""",
        """
Welcome: our community has people who know about fraud; when in doubt, ask us first.
Sign a proper lease; see the flat and the papers before you pay. Cheap, urgent, deposit first: be careful.
An honest job takes no deposit and no fee for training; high daily pay at home for fake orders is fraud.
Lend or rent out no bank card, no SIM card and no account: moving money for others is a crime.
A loan that costs money before it is paid out is fraud; go to a bank.
Install the National Anti-Fraud Centre app and turn on its call warning; always answer 96110.
Defrauded? Call 110 at once: the sooner, the better the chance. Mind text messages from 12381.
""",
    ),
    Shipped(
        "pledge",
        "反诈承诺书",
        "Anti-fraud pledge",
        """
我已听过社区的反诈宣传，知道常见的诈骗手法。
不轻信陌生来电和信息，不点不明链接，不下载不明软件。
不透露密码和验证码，不与陌生人共享屏幕。
不向没有核实的账户转账；拿不准时先打96110，或问家人、问社区。
不出租、不出借、不出售本人的银行卡、电话卡和网络账号。
96110来电我一定接听；发现可疑情况，及时告诉社区和民警。
我把听到的讲给家人听，全家一起防诈骗。
""",
        """
I have heard the community's talk on fraud and know the common ways.
I trust no unknown call or message, open no unknown link and install no unknown app.
I give away no password and no code, and share my screen with no stranger.
I transfer to no account I have not checked; when in doubt I call 96110 first, or ask family or community.
I rent out, lend and sell no bank card, no SIM card and no online account of mine.
I answer when 96110 calls, and tell the community and the police of what looks wrong.
I tell my family what I heard: we guard against fraud together.
""",
    ),
    Shipped(
        "memory_card",
        "随身反诈卡",
        "Pocket reminder",
        """
要我转账？先停一停，问问家人。
要验证码、要共享屏幕？不给，挂断。
说我涉案、说有“安全账户”？是诈骗，挂断。
点赞返钱、先交钱再放款？是诈骗，不理。
拿不准：96110　　已转账：110
养老诈骗举报：12337　　预警短信：12381
""",
        """
Asked to transfer? Stop, and ask the family first.
Asked for a code, or to share the screen? No, and hang up.
Part of a case, a "safe account"? Fraud: hang up.
Paid for likes, fees before a loan? Fraud: leave it.
Not sure: 96110. Already paid: 110.
Fraud against elders: 12337. Warning texts: 12381.
""",
    ),
)


def load(apps, _schema_editor):
    Text = apps.get_model("knowledge", "Text")
    for text in TEXTS:
        Text.objects.get_or_create(
            key=text.key,
            community_code="",
            defaults={
                "title_zh": text.title_zh,
                "title_en": text.title_en,
                "body_zh": text.body_zh.strip(),
                "body_en": text.body_en.strip(),
                "origin": text.origin,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0003_the_first_texts")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
