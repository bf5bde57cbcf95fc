"""Load the texts every office starts with: the dissuasion card, the scripts by type, the rules of thumb.

None of them has one official wording; each says where it comes from, and the office betters it in
the administration. What is there already is left as it is.
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
        "dissuasion_card",
        "紧急劝阻流程卡",
        "Dissuasion card",
        """
亮明身份：说清姓名、单位，告诉对方可拨打社区或96110核实；绝不索要验证码，绝不要求转账。
连打两次电话；若一直占线，高度可疑，马上联系家属，同时出发上门。
十分钟内到门口，请物业人员或楼门长一起去。
见面第一件事：请居民挂断电话、退出屏幕共享、断开网络。
问三句：谁让你转的？转给谁？已经转了多少？
还没有转：讲一个同类案例，当面卸载涉诈软件，请家属留下陪伴。
已经转了：立即拨打110或96110，报上姓名、开户行、准确金额和时间、对方账号，保留截图；头半小时最关键。
做好记录，请居民签字确认；七天后再次回访。
""",
        """
Say who you are and where you work; offer 96110 or the community office to check it. Never ask for a code or a transfer.
Call twice. A line that stays busy is highly suspicious: call the family at once and set out for the door.
Be at the door within ten minutes, with the property manager or the stairwell's informant.
First of all have them hang up, leave screen sharing and go offline.
Ask three things: who told you to transfer, to whom, and how much has gone already?
Not transferred yet: tell a case of the same kind, remove the app together, have the family stay.
Already transferred: call 110 or 96110 now, with name, bank, exact amounts and times, the other account and screenshots. The first half hour decides.
Write it down, have it signed, and come again in seven days.
""",
    ),
    Shipped(
        "script.brushing_rebate",
        "刷单返利：话术与劝阻",
        "Fake orders for a rebate: what they say, what to say",
        """
【骗子怎么说】“点赞关注就有佣金，先做一单试试。”“这是联单，做完三单才能提现。”“你操作失误，补一单就全部返还。”
【共同特点】先返小钱，再以联单、卡单、解冻为由要求越垫越多。
【怎么劝】返给你的小钱是鱼饵。正规平台不会让你先垫钱，刷单本身就是违法的。
【怎么劝】现在就试着全额提现：提不出来，就说明钱不在你手里。再补多少都提不出来。
【马上做】停止转账，退群，截下聊天和转账记录，卸载任务软件，拨打96110。
""",
        """
They say: "Like and follow and you earn; try one order." "This is a chain, you can draw it out after three." "You made a slip; one more order and all comes back."
In common: a little comes back first, then more and more is asked to complete, release or unfreeze.
Say: the small money was the bait. No honest shop has you pay in advance, and fake orders are against the law themselves.
Say: try to draw out everything now. If you cannot, the money is not yours any more, and no further payment will free it.
At once: stop paying, leave the group, keep screenshots of chats and transfers, remove the app, call 96110.
""",
    ),
    Shipped(
        "script.fake_investment",
        "虚假网络投资理财：话术与劝阻",
        "Fake investment online: what they say, what to say",
        """
【骗子怎么说】“老师带单，稳赚不赔。”“我有内部消息，平台有漏洞。”“今天入金有赠送，名额有限。”
【共同特点】陌生人拉群，群里全是托；软件要点链接下载；账面天天涨，提现要先交税、交保证金。
【怎么劝】群里晒收益的可能只有你一个是真客户。账面上的数字他们随手就能改。
【怎么劝】查一查这家机构有没有牌照；正规投资不会让你把钱转给个人账户。
【马上做】不再入金，申请全额提现并截图，保存链接和群聊，拨打96110。
""",
        """
They say: "Follow the teacher's trades, you cannot lose." "I have inside news, the platform has a loophole." "Pay in today and get a bonus; few places left."
In common: a stranger brings you into a group of shills; the app comes by a link; the figures rise daily, and drawing out first costs a tax or a deposit.
Say: you may be the only real customer in that group. They type the figures on your screen as they like.
Say: look up whether the firm has a licence. Honest investment never goes to a private person's account.
At once: pay in nothing more, ask for everything back and keep a screenshot, keep link and chat, call 96110.
""",
    ),
    Shipped(
        "script.fake_shopping",
        "虚假购物服务：话术与劝阻",
        "Fake shops and services: what they say, what to say",
        """
【骗子怎么说】“加微信私下交易更便宜。”“先付定金锁货。”“货被海关扣了，补一笔税就发。”
【共同特点】价格低得离谱，避开平台付款，付了钱还有下一笔。
【怎么劝】离开平台付款，就没有人替你担保。到付、当面验货他答应吗？
【怎么劝】保证金、解冻费、税费一笔接一笔，就是骗局的样子。
【马上做】停止付款，保存商品页面和聊天记录，联系平台客服核实，拨打96110。
""",
        """
They say: "Cheaper if we deal in private." "A deposit keeps it for you." "Customs holds it; pay the tax and it ships."
In common: a price too low to be true, payment outside the platform, and after each payment another.
Say: outside the platform nobody stands surety for you. Would they agree to payment on delivery?
Say: deposit, release fee, tax, one after another: that is what this fraud looks like.
At once: stop paying, keep the page and the chat, ask the platform itself, call 96110.
""",
    ),
    Shipped(
        "script.fake_customer_service",
        "冒充电商物流客服：话术与劝阻",
        "Fake customer service: what they say, what to say",
        """
【骗子怎么说】“您的快递丢了，给您双倍理赔。”“您误开了会员，不取消每月扣费。”“打开屏幕共享，我教您操作。”
【共同特点】能报出订单信息，引导下载会议软件、打开屏幕共享，再要验证码或让你贷款。
【怎么劝】知道你的订单，不等于是客服。退款原路返回，不用你转账，更不用验证码。
【怎么劝】屏幕共享等于把手机递给他，密码、验证码他都看得见。
【马上做】先关屏幕共享、断网，再用官方软件里的客服核实；改密码，拨打96110和银行客服。
""",
        """
They say: "Your parcel is lost, we pay double." "You joined a paid membership; unless cancelled it is charged monthly." "Share your screen, I will show you."
In common: they know the order, lead you to a meeting app with screen sharing, then want codes or have you borrow.
Say: knowing your order does not make them the shop. A refund comes back the way you paid; it needs no transfer and no code.
Say: sharing the screen is handing them the phone; they see every password and code.
At once: end screen sharing and go offline, then ask in the shop's own app; change passwords, call 96110 and the bank.
""",
    ),
    Shipped(
        "script.fake_loan",
        "虚假贷款：话术与劝阻",
        "Fake loan: what they say, what to say",
        """
【骗子怎么说】“无抵押、秒到账、黑户也能贷。”“卡号填错，账户冻结，交解冻金。”“先刷流水证明还款能力。”
【共同特点】放款之前要交钱：手续费、保证金、解冻费、刷流水。
【怎么劝】正规贷款放款前一分钱不收。钱没到手先交钱，就是诈骗。
【怎么劝】所谓“不交就上征信、被起诉”是吓唬人，借款没有到账，合同不成立。
【马上做】停止转账，卸载软件，需要用钱去银行柜台问；拨打96110。
""",
        """
They say: "No security, paid out in seconds, bad record or not." "The card number is wrong, the account is frozen, pay to release it." "Move some money first to show you can repay."
In common: you pay before the loan comes: a fee, a deposit, a release, a test of turnover.
Say: an honest loan costs nothing before it is paid out. Paying first is the fraud.
Say: "pay or it goes on your record, or to court" is a threat without ground: no loan has been paid out to you.
At once: stop paying, remove the app; who needs a loan asks at a bank's counter. Call 96110.
""",
    ),
    Shipped(
        "script.fake_credit_report",
        "虚假征信：话术与劝阻",
        "Fake credit record: what they say, what to say",
        """
【骗子怎么说】“您的学生账户要注销，否则影响征信。”“您的贷款利率违规，要调整。”“把额度提出来转到指定账户清零。”
【共同特点】自称金融平台或监管部门，用征信吓人，要屏幕共享，要把各平台的钱借出来转走。
【怎么劝】征信由中国人民银行征信中心统一管理，任何人都不能替你修改、消除。
【怎么劝】注销账户、调整利率都不需要转账。让你借钱再转出去的，都是诈骗。
【马上做】挂电话，关屏幕共享，不再借款；已借的联系平台说明，拨打110或96110。
""",
        """
They say: "Your student account must be closed or your credit record suffers." "Your loan's rate breaks the rules and must be adjusted." "Draw out the limit and move it to this account to clear it."
In common: they pose as a finance platform or regulator, frighten with the credit record, want screen sharing, and have you borrow everywhere and send it on.
Say: the record is kept by the central bank's credit centre; nobody can change or clear it for you.
Say: closing an account or adjusting a rate needs no transfer. Whoever has you borrow and send it on is a fraud.
At once: hang up, end screen sharing, borrow nothing more; tell the lenders what happened, call 110 or 96110.
""",
    ),
    Shipped(
        "script.impersonating_acquaintance",
        "冒充领导熟人：话术与劝阻",
        "Posing as a superior or acquaintance: what they say, what to say",
        """
【骗子怎么说】“我是你领导，加我这个新号。”“我在开会，不方便接电话，先帮我垫一笔。”“妈，我手机坏了，急着交费。”
【共同特点】新号码、急用钱、不接电话、不让告诉别人；声音和视频也可能是合成的。
【怎么劝】用原来存的号码打过去，或者当面问一句。真有急事，不差这一分钟。
【怎么劝】问一件只有你们两个人知道的事。
【马上做】没核实前不转；财务人员按制度双人审批；已转的立即拨打110。
""",
        """
They say: "This is your director; add this new number." "I am in a meeting and cannot talk; pay it for me for now." "Mum, my phone is broken, I must pay a fee."
In common: a new number, in a hurry, will not take a call, tell nobody; voice and picture may be made by a machine too.
Say: call the number you have always had, or ask face to face. A true need can wait a minute.
Say: ask something only the two of you know.
At once: no transfer before it is checked; at a firm, two people approve; if it has gone, call 110 now.
""",
    ),
    Shipped(
        "script.impersonating_authority",
        "冒充公检法及政府机关：话术与劝阻",
        "Posing as police, court or government: what they say, what to say",
        """
【骗子怎么说】“你名下的卡涉嫌洗钱。”“这是你的逮捕令，案件保密，不许告诉家人。”“把钱转到安全账户，查清就退。”
【共同特点】电话转接“警官”，出示假通缉令，让人躲进宾馆单独通话，要求屏幕共享和转账。
【怎么劝】公安机关不会在电话、网络上办案，不会发逮捕令照片，没有“安全账户”。
【怎么劝】真民警就在社区派出所，我陪你走过去问。
【马上做】挂断，断网，不要单独待着；通知家属和社区民警，拨打110。
""",
        """
They say: "A card in your name was used for money laundering." "Here is the warrant; the case is secret, tell nobody at home." "Move the money to a safe account until this is cleared."
In common: the call is passed to an "officer", a false warrant is shown, the victim is sent to a hotel room alone, with screen sharing and transfers.
Say: police handle no case by phone or chat and send no picture of a warrant; there is no "safe account".
Say: the real officer is at the station round the corner. I will walk there with you.
At once: hang up, go offline, do not stay alone; tell the family and the community's officer, call 110.
""",
    ),
    Shipped(
        "script.online_dating",
        "网络婚恋交友：话术与劝阻",
        "Dating and friendship online: what they say, what to say",
        """
【骗子怎么说】“我们的将来要有点积蓄。”“我有个投资平台，帮我操作一下。”“我被扣在外地，借我周转。”
【共同特点】照片完美、从不见面、感情升温快，然后带你投资，或一次次遇难借钱。
【怎么劝】不要先否定感情。请他现在打一个视频，拿着写有你名字的纸；约在社区见一面。
【怎么劝】谈感情的人不会催你投钱，更不会让你瞒着家里人。
【马上做】停止转账，保存聊天和收款账号，请家属多陪伴；拨打96110。
""",
        """
They say: "We should save for our future." "I have an investment platform; look after it for me." "I am held up far away; lend me something."
In common: perfect pictures, never a meeting, feelings that grow fast; then an investment, or one misfortune after another.
Say: do not begin by denying the feelings. Ask them for a video call right now, with your name on a sheet of paper; ask for a meeting here.
Say: whoever loves you does not press you to invest, nor to hide it from your family.
At once: stop paying, keep the chat and the account numbers, have the family stay near; call 96110.
""",
    ),
    Shipped(
        "script.game_trade",
        "网络游戏产品虚假交易：话术与劝阻",
        "Fake trade in game goods: what they say, what to say",
        """
【骗子怎么说】“低价卖号，高价收号。”“换个平台交易，点这个链接。”“账户冻结，充值同等金额解冻。”“小朋友，用妈妈的手机扫一下。”
【共同特点】离开官方平台，假交易网站，反复充值解冻；未成年人常被以“免费送皮肤”引诱。
【怎么劝】在官方平台之外没有担保。充钱解冻，充多少冻多少。
【怎么劝】对孩子不要责骂，先问清用了谁的手机、付了几次。
【马上做】停止充值，改支付密码，保存网址和订单，家长拨打110或96110。
""",
        """
They say: "Accounts sold cheap, bought dear." "Let us trade on another site; here is the link." "The account is frozen; pay in the same again to release it." "Scan this with your mother's phone."
In common: away from the official platform, a sham trading site, paying again and again to unfreeze; children are lured with free game costumes.
Say: outside the official platform nobody stands surety. Whatever you pay in to unfreeze is frozen too.
Say: do not scold a child; first find out whose phone it was and how many payments.
At once: pay in no more, change the payment password, keep address and orders; a parent calls 110 or 96110.
""",
    ),
    Shipped(
        "script.health_products",
        "保健品诈骗：话术与劝阻",
        "Health products: what they say, what to say",
        """
【骗子怎么说】“免费体检、免费领鸡蛋。”“专家说您这病再不治就晚了。”“这个疗程包治，今天最后一天优惠。”
【共同特点】先送小礼、认干亲，再开会销售，把普通食品说成药，劝人停药、瞒着子女。
【怎么劝】保健食品不是药，包装上有“蓝帽子”标志也不能治病。停药之前先问医生。
【怎么劝】不急着说老人错了：先问买了多少、吃了什么、有没有票据。
【马上做】先不付尾款，保留票据和包装，联系子女；举报拨打12315，养老诈骗举报12337，已受骗拨打110。
""",
        """
They say: "A free check-up, free eggs." "The expert says it will soon be too late." "This course cures it; today is the last day of the offer."
In common: small gifts and family talk first, then a sales meeting; plain food is sold as medicine, people are told to stop their own and to keep it from their children.
Say: a health food is no medicine and cures nothing, whatever mark the packet bears. Ask a doctor before stopping any medicine.
Say: do not begin with who was wrong; ask how much was bought, what was taken, whether there is a receipt.
At once: pay no balance, keep receipts and packets, call the children; report to 12315, elder fraud to 12337; if deceived, call 110.
""",
    ),
    Shipped(
        "script.pension_fraud",
        "养老投资诈骗：话术与劝阻",
        "Pension and retirement schemes: what they say, what to say",
        """
【骗子怎么说】“预订养老床位，年年返利。”“替您补缴养老金，内部名额。”“国家养老项目，投得多领得多。”
【共同特点】承诺高息返利，带人参观，头几期按时返钱，之后失联。
【怎么劝】养老金只能通过社保机构办理，不会由个人代办。利息高得离谱，本金就危险。
【怎么劝】先不签字，让子女和社区一起看合同，查这家机构是否登记。
【马上做】保留合同和收据，拨打96110咨询，12337举报，已受骗拨打110。
""",
        """
They say: "Book a place in a home now and draw interest every year." "We pay your pension in arrears; places through contacts." "A state project: the more you put in, the more you get."
In common: high returns are promised, there is a guided visit, the first payments come on time, then nobody answers.
Say: a pension is arranged with the social security office alone, never through a private person. Interest too high puts the capital at risk.
Say: sign nothing yet; let the children and the community read the contract and look up whether the firm is registered.
At once: keep contract and receipts, ask 96110, report to 12337; if deceived, call 110.
""",
    ),
    Shipped(
        "script.low_price_tour",
        "低价旅游诈骗：话术与劝阻",
        "Low-price tours: what they say, what to say",
        """
【骗子怎么说】“一元游三天，包吃包住。”“交会员费，终身免费游。”“只听一堂课，不买没关系。”
【共同特点】用低价或免费把人带走，途中关起门来推销，或收会员费后跑路。
【怎么劝】车费饭钱总要有人出，羊毛出在购物和会员费上。
【怎么劝】看旅行社有没有经营许可证，合同和发票有没有。
【马上做】不交会员费，告诉家人去哪里、跟谁去；纠纷拨打12345，被骗拨打110，养老诈骗举报12337。
""",
        """
They say: "Three days for one yuan, board and lodging free." "Pay the membership and travel free for life." "Only one talk; you need not buy."
In common: people are carried off for next to nothing and sold to behind closed doors, or the membership fees vanish with the firm.
Say: somebody pays for the coach and the meals: you do, in the shop and by the fee.
Say: look for the travel agency's licence, a contract and an invoice.
At once: pay no membership; tell the family where you go and with whom; complaints to 12345, if deceived 110, elder fraud to 12337.
""",
    ),
    Shipped(
        "script.house_for_pension",
        "以房养老诈骗：话术与劝阻",
        "House for a pension: what they say, what to say",
        """
【骗子怎么说】“房子照住，每月领养老钱。”“只是抵押走个流程，利息公司还。”“去公证处签个字就行。”
【共同特点】让老人抵押房产借款，再把钱“投资”出去；断供之后房子被拍卖。
【怎么劝】签的是借款和抵押合同，还不上，房子就没了。请子女和律师先看。
【怎么劝】正规的此类业务只由持牌保险机构开办，有冷静期，不会催着签。
【马上做】停止签字和公证，房本、身份证不离手；已签的尽快咨询法律援助12348，报警110，举报12337。
""",
        """
They say: "Live on in your flat and draw a pension every month." "The mortgage is a formality; the company pays the interest." "Just sign at the notary's."
In common: elders mortgage the flat, the loan is "invested", the payments stop and the flat is auctioned.
Say: what you sign is a loan and a mortgage; if it is not repaid the flat is gone. Let the children and a lawyer read it first.
Say: only licensed insurers offer the honest kind; it has days to think it over and nobody hurries you.
At once: sign and notarise nothing, keep deeds and identity card; if already signed, ask legal aid at 12348, call 110, report to 12337.
""",
    ),
    Shipped(
        "rules.hang_up",
        "“一律”口诀",
        "Always hang up, always delete",
        """
陌生人来电，谈到银行卡，一律挂断。
谈到中奖，一律挂断。
谈到“转接公安、检察院、法院”，一律挂断。
短信让点链接，一律删除。
微信里陌生人发来的链接，一律不点。
提到“安全账户”，一律是诈骗。
""",
        """
A stranger on the phone speaks of your bank card: hang up.
Of a prize: hang up.
Of putting you through to police, prosecutor or court: hang up.
A text message wants a link opened: delete it.
A stranger sends a link on WeChat: do not open it.
Somebody says "safe account": it is fraud, always.
""",
        "民间通行口诀，各地条数不一（常称“五个一律”“六个一律”），无统一文本",
    ),
    Shipped(
        "rules.five_nots",
        "五不",
        "Five times no",
        """
不回拨：陌生来电不回拨。
不轻信：陌生人的话不轻信。
不点击：不明链接不点击。
不透露：密码和验证码不透露。
不转账：没有核实不转账。
""",
        """
Do not call back a number you do not know.
Do not believe a stranger lightly.
Do not open a link you cannot place.
Do not give away passwords or codes.
Do not transfer before you have checked.
""",
        "通行宣传口号，释义为本程序所写",
    ),
    Shipped(
        "hotlines",
        "求助电话",
        "Numbers to call",
        """
110　报警
96110　反诈预警劝阻与咨询，来电请接听
12381　涉诈预警劝阻短信（只发短信）
12337　养老诈骗举报
""",
        """
110: police
96110: advice and dissuasion; take the call when it rings
12381: warnings by text message (it only sends)
12337: report fraud against elders
""",
        "各主管部门公布的号码",
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
    dependencies = [("knowledge", "0002_the_types_of_fraud")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
