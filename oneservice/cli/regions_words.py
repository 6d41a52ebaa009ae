"""What ``oneservice regions`` says about a directory, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.plan import Language

__all__ = ["say_region"]

_WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "title": {
        "en": "The directory of {territory}, edition {version}",
        "zh": "{territory} 地区目录第 {version} 版",
    },
    "dates": {
        "en": "issued {issued}, expires {expires}",
        "zh": "签发 {issued}，有效至 {expires}",
    },
    "expired": {
        "en": "EXPIRED at that moment: nobody may act on it",
        "zh": "此时已过期，不能据此行事",
    },
    "absent": {"en": "does not take part at that moment", "zh": "此时未参加（尚未加入或已退出）"},
    "endpoint": {"en": "{kind}: {url}", "zh": "{kind}：{url}"},
    "service": {"en": "service", "zh": "受理服务"},
    "log": {"en": "log", "zh": "透明日志"},
    "status": {"en": "status", "zh": "状态名单"},
    "list": {
        "en": "trust list, {threshold} of {keys} sign: {url}",
        "zh": "信任名单，{keys} 方中须 {threshold} 方签署：{url}",
    },
    "key": {"en": "{use} key {id}, {state}", "zh": "{use}密钥 {id}，{state}"},
    "request": {"en": "request", "zh": "请求"},
    "event": {"en": "event", "zh": "事件"},
    "good": {"en": "good", "zh": "在用"},
    "not good": {"en": "NOT good at that moment", "zh": "此时不可用"},
    "offer": {"en": "offers {kind} {name}", "zh": "提供{kind}：{name}"},
    "one-thing": {"en": "one-thing", "zh": "一件事"},
    "item": {"en": "item", "zh": "事项"},
    "evidence": {"en": "evidence", "zh": "证照查询"},
    "rule": {"en": "recognises {type} from {region}", "zh": "认可 {region} 签发的 {type}"},
    "signatures": {"en": "Signatures", "zh": "签名"},
    "findings": {
        "en": "{path}: {errors}, {notes}",
        "zh": "{path}：错误 {error_count} 项，提示 {note_count} 项",
    },
}


def say_region(key: str, language: Language, /, **facts: object) -> str:
    """Return the words for ``key``, with ``facts`` in their places."""
    return _WORDS[key][language].format(**facts)
