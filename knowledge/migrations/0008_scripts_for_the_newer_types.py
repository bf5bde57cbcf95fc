"""Load what they say and what to say for the types that came later: frauds on elders as such, and three of the second
level.

Facts are of the public documents and of common knowledge; the words are this program's. What an office wrote for itself
stays as it is.
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


TEXTS = (
    Shipped(
        "script.elder",
        "养老诈骗：话术与劝阻",
        "Frauds on elders: what they say, what to say",
        """
【骗子怎么说】“养老床位先到先得。”“项目是国家支持的，每月返钱。”“这事先别跟孩子说，怕他们担心。”
【共同特点】打着养老服务、养老项目、养老产品、以房养老、代办养老保险的旗号，先送温情和小礼，再催着交钱，叮嘱瞒着子女。
【怎么劝】凡是叫您瞒着家里人的，先停下；要交钱、要签字、要动房子的，等子女到了一起看。
【怎么劝】不说“您被骗了”，说“我陪您问一句”：对方是谁，钱打到哪里，有没有合同。
【马上做】停止付款，留好合同、收据和通话记录，通知子女；举报拨打12337，已转账立即拨打110和96110。
""",
        """
They say: "Places in the home go to whoever comes first." "The state backs it; money comes back every month." "Do not tell the children yet, they would worry."
In common: it calls itself care, a project, a product, a pension for the house or insurance arranged for you; kindness and small gifts first, then haste, and not a word to the children.
Say: whoever wants it kept from the family is a reason to stop. Where there is money, a signature or the flat in it, wait until the children can look with you.
Say: not "you have been deceived" but "let us ask together": who they are, where the money goes, whether there is a contract.
At once: pay nothing more, keep contract, receipts and the list of calls, tell the children; report to 12337; if money has gone, call 110 and 96110 now.
""",
    ),
    Shipped(
        "script.posing_as_child",
        "冒充子女借钱：话术与劝阻",
        "Posing as a son or daughter: what they say, what to say",
        """
【骗子怎么说】“妈，我手机坏了，这是新号。”“我出事了急用钱，别打我原来的电话。”“老师加你微信，今天交培训费。”
【共同特点】换了号码或头像，只打字不通话，说不方便接电话；钱要马上转，收款人是陌生名字。
【怎么劝】现在就拨孩子原来的号码；打不通，打给他的同事、老师或家里别人。
【怎么劝】问一件只有自己家里知道的事。声音和画面也能做假，钱不能只凭一段语音转出去。
【马上做】先不转；已转的立即拨打110，报出对方账号和转账时间，保留聊天记录。
""",
        """
They say: "Mum, my phone is broken, this is my new number." "I am in trouble and need money; do not ring the old one." "The teacher will add you: the course must be paid today."
In common: a new number or picture, typing and never talking, no time to answer a call; the money must go now, to a name nobody knows.
Say: ring the child's old number now; if nobody answers, ring a colleague, a teacher, somebody else of the family.
Say: ask something that only your family knows. A voice and a picture can be made up; no money goes out on one voice message.
At once: transfer nothing; if it has gone, call 110 with the other account and the time, and keep the chat.
""",
    ),
    Shipped(
        "script.credit_card_agent",
        "代办信用卡诈骗：话术与劝阻",
        "Fake credit card agents: what they say, what to say",
        """
【骗子怎么说】“黑户也能办，额度五万起。”“先交工本费、保证金。”“下载这个软件，验证一下还款能力。”
【共同特点】在银行之外代办，要装来路不明的软件；办卡之前一笔一笔地收钱，再说资料填错、要交解冻费。
【怎么劝】信用卡只有银行自己办，办卡之前不收钱。谁先收费，谁就是骗子。
【怎么劝】问清已经交了几次、装了什么软件；告诉当事人，再交也拿不到卡。
【马上做】停止付款，卸载软件，到银行冻结账户、改密码；拨打96110咨询，已转账拨打110。
""",
        """
They say: "A bad record is no matter, fifty thousand at least." "First the fee for the card and a deposit." "Load this app so that we can check that you can pay."
In common: not the bank but an agent, an app from nowhere; before there is a card one payment follows another, then the form was wrong and must be unlocked for money.
Say: only banks give credit cards, and take nothing before. Whoever asks for a fee first is a fraud.
Say: ask how often was paid and what was installed; another payment brings no card either.
At once: pay no more, remove the app, have the bank freeze the account and change the password; ask 96110; if money has gone, call 110.
""",
    ),
    Shipped(
        "script.illegal_fundraising",
        "集资诈骗：话术与劝阻",
        "Fraudulent fundraising: what they say, what to say",
        """
【骗子怎么说】“入股分红，保本保息。”“邻居都投了，上个月就返了。”“再拉两个人，您就是经理。”
【共同特点】许高息、讲排场，靠熟人拉熟人；前几期按时返，用的是后来人的钱，之后换地方失联。
【怎么劝】保本又高息的没有。返给您的那点，是别人的本金。
【怎么劝】不劝“退伙”，劝“先问”：公司有没有金融许可，合同上收款的是谁，钱进了谁的账户。
【马上做】不再投、不再介绍人，保留合同、转账单和宣传单，向社区和街道反映；已受损失拨打110。
""",
        """
They say: "Take a share: capital and interest guaranteed." "All the neighbours are in; it paid last month." "Bring two more and you are a manager."
In common: high interest and much show, one acquaintance brings the next; the first payments are other people's money, then the office has moved and nobody answers.
Say: nothing is both safe and high. What came back to you was somebody else's capital.
Say: not "get out" but "ask first": has the firm a financial licence, who stands in the contract, into whose account does the money go.
At once: put in no more and bring nobody, keep contract, transfers and leaflets, tell the community and the street office; if money is lost, call 110.
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
                "origin": COMMON,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0007_texts_keep_their_versions")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
