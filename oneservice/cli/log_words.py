"""What officers read about logs, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.plan import Language

__all__ = ["BAD", "GOOD", "kind_words", "say"]

GOOD: Final = "green"
BAD: Final = "bold red"

_WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "proof": {"en": "logged", "zh": "已入日志"},
    "checkpoint": {"en": "a signed head that holds", "zh": "日志头签名有效"},
    "split-view": {
        "en": "evidence holds: this log signed two histories that cannot both be true",
        "zh": "证据成立：该日志签署了两套互相矛盾的历史",
    },
    "invalid": {"en": "does not hold", "zh": "不成立"},
    "indeterminate": {"en": "cannot be told", "zh": "无法判断"},
    "head": {"en": "log {origin}, a tree of {size}", "zh": "日志 {origin}，共 {size} 条"},
    "entry": {
        "en": "entry {index}, counted from 0: {entry}, {digest}",
        "zh": "序号 {index}（从 0 起）：{entry}，{digest}",
    },
    "cosigned": {
        "en": "witnessed by {witness} at {at}: it existed before then",
        "zh": "见证方 {witness} 于 {at} 签署：此前已存在",
    },
    "few": {
        "en": "cosigned by {names}, which is not the quorum {quorum}",
        "zh": "仅有 {names} 会签，未达法定数 {quorum}",
    },
    "bare": {
        "en": "cosigned by nobody; the quorum is {quorum}",
        "zh": "无人会签，未达法定数 {quorum}",
    },
    "fine": {
        "en": "{origin}: a tree of {size}; it only grew, and shows the same everywhere",
        "zh": "{origin}：共 {size} 条；只增不改，各处所见一致",
    },
    "new": {"en": "new since the last look: {new}", "zh": "上次检查后新增：{new}"},
    "first": {"en": "first look; this head is remembered", "zh": "首次检查，已记住此日志头"},
    "nothing": {"en": "{origin}: no head could be read", "zh": "{origin}：读不到日志头"},
    "wrong": {"en": "{origin}: something is wrong", "zh": "{origin}：发现问题"},
    "unknown": {"en": "{origin}: cannot be told now", "zh": "{origin}：目前无法判断"},
    "evidence": {
        "en": "evidence for others: {file}; check it with 'oneservice log check'",
        "zh": "可交他方核验的证据：{file}；用 oneservice log check 核验",
    },
    "kinds": {"en": "read: {kinds}", "zh": "已读条目：{kinds}"},
    "kind:certificate": {"en": "certificate", "zh": "证照"},
    "kind:status-list": {"en": "status list", "zh": "状态名单"},
    "kind:seal-use": {"en": "use of a seal", "zh": "用印"},
    "kind:seal-refusal": {"en": "refusal of a seal", "zh": "拒绝用印"},
    "kind:trust-list": {"en": "trust list", "zh": "信任名单"},
    "concern:split-view": {
        "en": "SPLIT VIEW at {view}: the log signed two histories (sizes {other_size} and {size}). "
        "Trust no head of it; give the evidence to the other regions and the audit office.",
        "zh": "分叉（{view}）：该日志签署了两套历史（规模 {other_size} 与 {size}）。"
        "其日志头均不可再信；请将证据交其他地区和审计机关。",
    },
    "concern:rollback": {
        "en": "ROLLBACK at {view}: {size} entries are shown, {seen_size} were seen at {seen_at}. "
        "Entries were taken out, or an old backup was restored.",
        "zh": "回退（{view}）：现有 {size} 条，而 {seen_at} 曾见 {seen_size} 条。"
        "有条目被删除，或恢复了旧备份。",
    },
    "concern:forged": {
        "en": "FORGED at {view}: {why}",
        "zh": "伪造签名（{view}）：{why}",
    },
    "concern:unknown-key": {
        "en": "UNKNOWN KEY at {view}: {why}",
        "zh": "密钥不明（{view}）：{why}",
    },
    "concern:damaged": {"en": "DAMAGED at {view}: {why}", "zh": "文件损坏（{view}）：{why}"},
    "concern:too-few-witnesses": {
        "en": "TOO FEW WITNESSES: cosigned by {cosigned}; the quorum is {quorum}",
        "zh": "见证不足：仅有 {cosigned} 签署；法定数为 {quorum}",
    },
    "concern:stale": {
        "en": "STALE: last cosigned at {cosigned_at}, more than {max_age_hours} hours ago",
        "zh": "过时：最近一次见证签署为 {cosigned_at}，已超过 {max_age_hours} 小时",
    },
    "concern:unreachable": {"en": "unreachable: {why}", "zh": "无法读取：{why}"},
    "concern:unproven": {
        "en": "not compared with {view}: {why}",
        "zh": "未能与 {view} 比对：{why}",
    },
    "concern:behind": {
        "en": "note: {view} knows {size} entries, here are {other_size}; look again soon",
        "zh": "提示：{view} 已知 {size} 条，此处 {other_size} 条；请稍后再查",
    },
}


def say(key: str, language: Language) -> str:
    """Return the words for ``key``."""
    return _WORDS[key][language]


def kind_words(kind: str, language: Language) -> str:
    """Return what a kind of entry is called; one that others write keeps its own name."""
    known = _WORDS.get(f"kind:{kind}")
    return kind if known is None else known[language]
