"""What the cross-region story says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oneservice.catalog import CrossRegionMode
from oneservice.cli.demo_book import Phrases, spoken
from oneservice.cli.demo_regions.places import PLACES
from oneservice.plan import MODE_TITLES, Language

__all__ = ["CROSS_REGION", "name_of", "tell"]

CROSS_REGION: Final = "cross-region"
"""Name of the story."""

_COLLECT: Final = MODE_TITLES[CrossRegionMode.COLLECT]
_PHRASES: Final[Phrases] = {
    "peers": ("Three regions, and nobody is the centre", "三个地区，互为对等，没有中心"),
    "peer": (
        "{}, {}: its own database, keys, clock and log (process {})",
        "{}，{}：自有数据库、密钥、时钟和日志（进程 {}）",
    ),
    "learned": (
        "{} knows the others from the signed directory (edition {}) and {} trust lists",
        "{}依据签名的地区目录（第 {} 版）和 {} 份信任名单认识其他地区",
    ),
    "auditors": (
        "each log is cosigned by the other regions, an audit office and a university; one may lie",
        "每份日志由其他地区、审计机关和高校联署，其中一个说谎也无妨",
    ),
    "child": (
        "A child is born in one region and registered in another",
        "孩子在一地出生，在另一地落户",
    ),
    "routed": (
        "one application in {}; the {} is decided in {}, by its rules",
        "在{}一次申请；{}由{}按当地规定办理",
    ),
    "parted": (
        "the wires to {} are cut for {} hours: the case waits, {} knows nothing of it",
        "与{}断网 {} 小时：办件等待，{}尚不知情",
    ),
    "healed": (
        "the wires are mended: it arrives by itself, once",
        "网络恢复：自动送达，且只送达一次",
    ),
    "killed": ("kill -9 of {}, and a new start: it goes on", "强制终止{}后重启：继续办理"),
    "registered": (
        "registered in {} under {}; the case in {} is concluded",
        "{}已登记，编号 {}；{}的办件办结",
    ),
    "village": (
        "A village clerk seals for her, under a mandate",
        "村级代办员凭授权为村民盖章",
    ),
    "sealed": (
        "the clerk of a village in {} seals her proof of residence; logged first",
        "{}某村代办员为她出具居住证明并盖章；用章先记入日志",
    ),
    "beyond": (
        "the clerk is asked for another kind of paper: refused ({}), on record",
        "请代办员出具另一类证明：拒绝（{}），并留下记录",
    ),
    "revoked": (
        "the mandate is revoked: at once refused ({}), on record",
        "授权被撤销后：立即拒绝（{}），并留下记录",
    ),
    "train": (
        "A train of returning workers shows its health certificates",
        "一列返岗专列集中核验健康证明",
    ),
    "arrived_by_train": (
        "{} people arrive in {}; one call: {} certificates count",
        "{} 人到达{}；一次调用核验：{} 份有效",
    ),
    "others": ("the others, as dealt: {}", "其余与事先设定一致：{}"),
    "train_yourself": (
        "judge them yourself, offline: all but whose they are. In {}:",
        "请自行离线核验（是否为本人除外），目录 {}：",
    ),
    "shop": (
        "The cook opens a shop elsewhere, and brings nothing that exists already",
        "厨师异地开店：已有的材料不用再交",
    ),
    "asked": (
        "{} asks {} for her papers; she sees them first, at {}",
        "{}向{}调取她的证照；先请本人预览：{}",
    ),
    "allowed": ("she agrees; {} sends them as they were sealed", "本人同意；{}原样发出证照"),
    "spared": (
        "her health certificate counts by a rule of recognition: {} is spared",
        "她的健康证明依互认规则有效：免办{}",
    ),
    "window": (
        "a window in {}, her home, takes the papers, and sends them on",
        f"在她的家乡{{}}，窗口{_COLLECT.zh}：就近收件，转交审批地",
    ),
    "two_instants": (
        "received in {} at {}; accepted by the deciding office at {}",
        "{}收件时间 {}；审批部门受理时间 {}",
    ),
    "opens": ("the shop opens in {} under {}", "{}准予开业，编号 {}"),
    "late": (
        "later than promised: the promise was {} working day(s) for the whole case",
        "超过承诺时限：整件事承诺 {} 个工作日办结",
    ),
    "pages": (
        "all that she got, as pages for the browser: {}",
        "她拿到的全部证照，可用浏览器查看：{}",
    ),
    "no_pages": (
        "pages to look at are drawn with the extra: pip install -e '.[faces]'",
        "安装 pip install -e '.[faces]' 后可生成证照页面",
    ),
    "read_log": (
        "in {} she can read who got what about her: {}",
        "她可在{}查看谁调取了她的什么数据：{}",
    ),
    "bundle": (
        "the whole case '{}', all parts of both regions: {}",
        "完整办件（{}），含两地各部分：{}",
    ),
    "book": (
        "the village's seal: used {} time(s); refusals, all in the log: {}",
        "村用章：使用 {} 次；拒绝记录均在日志中：{}",
    ),
    "yourself": (
        "Verify it yourself, offline: two papers, one in the log of each region. In {}:",
        "请自行离线核验：两份文书，分别在两地日志中，目录 {}：",
    ),
    "whole": (
        "and both whole cases, each part under the same policy (policy.yaml):",
        "以及两个完整办件，每一部分均适用同一策略（policy.yaml）：",
    ),
    "proofs": (
        "and that a log holds one, by its files alone (C2SP tlog-proof; log/ is for others):",
        "以及仅凭日志文件核验其中一份已载入日志（C2SP tlog-proof；log/ 目录供其他程序使用）：",
    ),
    "cook": (
        "A cook's health certificate counts in another region",
        "一地的健康证明在另一地直接有效",
    ),
    "issued": (
        "issued in {}, in its log, cosigned by three witnesses or more",
        "{}签发，已入日志，并有三个以上见证方联署",
    ),
    "counts": ("in {} it is {}, by a rule of recognition", "在{}依互认规则核验：{}"),
    "moving": (
        "Her certificate moves: never two that count",
        "证照转移：任何时刻至多一份有效",
    ),
    "held": (
        "{} holds it: nobody may rely on it until older status lists run out",
        "{}暂停其效力：旧的状态清单失效前，任何人不得采信",
    ),
    "promised": ("{} promises to take it in, as {}", "{}承诺接收，新标识 {}"),
    "released": ("{} transfers it out; that word is in its log", "{}转出，并记入其日志"),
    "arrived": (
        "{} takes it in: the new one names the old one, and is in its log",
        "{}转入：新证载明旧证，并记入其日志",
    ),
    "stands": (
        "the registers now: in {} {}, in {} {}",
        "登记状态：{}为“{}”，{}为“{}”",
    ),
    "lie": (
        "A region that shows an old log, or an old register, is found out",
        "展示旧日志、旧登记簿的地区会被发现",
    ),
    "restored": ("the log of {} is restored from an old backup", "{}的日志从旧备份恢复"),
    "alarm": (
        "{} raises an alarm about {}: {} entries are shown, {} were seen before",
        "{}对 {} 报警：只展示 {} 条，此前见过 {} 条",
    ),
    "read": (
        "{} checks the alarm, by the key of {}, and reads it",
        "{}用{}的公钥核验警报并知悉",
    ),
    "refused": (
        "its witnesses cosign nothing that contradicts what they saw",
        "见证方拒绝为与其所见相矛盾的内容联署",
    ),
    "forgot": (
        "its newest log is put back, its register is an old one: what {} revoked counts again",
        "恢复最新日志，却用了旧登记簿：{}以新日期发布的清单中，已撤销的证照又显示有效",
    ),
    "forgot_found": (
        "{} compares the new list with one that it kept: a revocation is forgotten",
        "{}与此前留存的清单比对：一项撤销不见了",
    ),
    "forgot_shown": (
        "{} reads both lists: {} signed both, its log holds both; nobody's word is needed",
        "{}核验这两份清单：均由{}自己签名并已入其日志，无需听信任何一方",
    ),
    "mended": (
        "its newest register is put back, too: it works again",
        "再恢复最新登记簿后，工作照常",
    ),
    "lists": (
        "status lists in the logs: {}; those of {} contradict each other, as told above",
        "已入日志的状态清单：{} 份；其中{}的清单前后矛盾（见上文）",
    ),
    "audit": (
        "An auditor with files only, in a process of its own",
        "审计员仅凭文件，在独立进程中离线核验",
    ),
    "worth": (
        "{}: {}",
        "{}：{}",
    ),
    "checks": (
        "  in a log: {1}; witnessed: {2}; by the status lists: {3} ({0})",
        "  已入日志：{1}；有见证：{2}；状态清单显示有效：{3}（{0}）",
    ),
    "fine": ("Everything is as it should be.", "一切符合预期。"),
    "wrong": ("Something is not as it should be: {}", "有不符合预期之处：{}"),
    "folder": ("folder: {}", "目录：{}"),
}

_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "970301": ("where the child is born", "孩子出生地"),
    "980201": ("where shop and child are registered", "开店、落户地"),
    "990101": ("the home of a cook", "厨师家乡"),
    "valid": ("valid", "有效"),
    "ended": ("no longer counts", "已失效"),
    "expired": ("expired", "已过期"),
    "forged": ("forged", "伪造"),
    "not_recognised": ("not recognised here", "不在互认范围"),
    "other_holder": ("somebody else's", "非本人"),
    "other_type": ("another kind of paper", "证照类型不符"),
    "revoked": ("revoked", "已撤销"),
    "suspended": ("suspended", "已暂停"),
    "mandate_scope": ("beyond the mandate", "超出授权范围"),
    "mandate_revoked": ("mandate revoked", "授权已撤销"),
    "health_certificate": ("health certificate", "健康证明"),
    "residence_proof": ("proof of residence", "居住证明"),
    "transfer_notice": ("notice of the move", "转移通知"),
    "health_cert-1": ("a new examination", "健康证明（重新体检）"),
    "birth_registration-1": ("registration of the birth", "出生登记"),
    "child": ("child", "孩子落户"),
    "shop": ("shop", "开店"),
    "01": ("valid", "有效"),
    "06": ("transferred out", "转出"),
    "pass": ("yes", "是"),
    "fail": ("no", "否"),
    "not_checked": ("not asked for", "未要求"),
}
"""Codes of the library, in people's words."""


def tell(name: str, language: Language, *given: object) -> str:
    """Return a phrase in ``language``; a region among ``given`` bears its name, the code behind."""
    return spoken(_PHRASES, name, language, *(_place(one, language) for one in given))


def _place(fact: object, language: Language) -> object:
    if not isinstance(fact, str) or fact not in PLACES:
        return fact
    english, chinese = PLACES[fact]
    return f"{chinese}（{fact}）" if language == "zh" else f"{english} ({fact})"


def name_of(code: str | None, language: Language) -> str:
    """Return what people call a code; the code itself where they have no word for it."""
    english, chinese = _NAMES.get(code or "-", (code or "-",) * 2)
    return chinese if language == "zh" else english
