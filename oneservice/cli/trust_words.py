"""What ``oneservice trust check`` and ``trust show`` say, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.plan import Language

__all__ = ["say"]

_WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "list": {
        "en": "The list of {territory}, edition {version}, as of {at}",
        "zh": "{territory} 信任名单第 {version} 版（截至 {at}）",
    },
    "dates": {
        "en": "issued {issued}, expires {expires}",
        "zh": "签发 {issued}，有效至 {expires}",
    },
    "expired": {
        "en": "EXPIRED at that moment: a later edition may know more",
        "zh": "此时已过期：后来的版本可能载有更多情况",
    },
    "unsigned": {
        "en": "not signed completely: no edition to rely on yet",
        "zh": "签名不齐：还不是可以依据的版本",
    },
    "by_root": {"en": "by the root that the caller named", "zh": "由所指名的签署根引出"},
    "by_file": {
        "en": "self-consistent; the caller chose the file, which is the anchor",
        "zh": "自身一致；文件由调用者自行选定，以此为信任起点",
    },
    "certificates": {"en": "certificates", "zh": "证照"},
    "events": {"en": "events ({id})", "zh": "事件（{id}）"},
    "key": {"en": "key for {use}, {state}: {key}", "zh": "{use}密钥，{state}：{key}"},
    "stolen": {"en": "stolen", "zh": "已失窃"},
    "not yet": {"en": "not yet", "zh": "尚未启用"},
    "in use": {"en": "in use", "zh": "在用"},
    "retired": {"en": "retired", "zh": "已停用"},
    "right": {"en": "may issue {type} for {region}", "zh": "可为 {region} 签发{type}"},
    "no_right": {"en": "may issue nothing at that moment", "zh": "此时无权签发任何证照"},
    "logs": {"en": "Logs", "zh": "透明日志"},
    "witnesses": {"en": "Witnesses", "zh": "见证方"},
    "authorities": {"en": "Timestamp authorities", "zh": "时间戳机构"},
    "seals": {"en": "Seals", "zh": "印章"},
    "recognised": {"en": "Recognised here", "zh": "本地认可的异地证照"},
    "rule": {
        "en": "{type} from {issued_in} in {accepted_in}, {level} at least: {basis}",
        "zh": "{issued_in} 签发的{type}可用于 {accepted_in}，至少须为{level}：{basis}",
    },
    "sealed": {"en": "sealed", "zh": "盖章原件"},
    "collected": {"en": "collected", "zh": "归集数据"},
    "peers": {"en": "Other regions", "zh": "其他地区"},
    "findings": {
        "en": "{path}: {errors}, {notes}",
        "zh": "{path}：错误 {error_count} 项，提示 {note_count} 项",
    },
    "signatures": {"en": "Signatures", "zh": "签名"},
    "edition": {"en": "edition {digest}", "zh": "本版 {digest}"},
    "root": {"en": "root {version}: {digest}", "zh": "签署根 {version}：{digest}"},
    "signed": {
        "en": "signed by {name}, by its own word at {at}",
        "zh": "{name} 已签署（自述时间 {at}）",
    },
    "leaving": {
        "en": "root {version} signed by {name}, who leaves, by its own word at {at}",
        "zh": "退出的 {name} 已签署签署根 {version}（自述时间 {at}）",
    },
    "missing": {"en": "missing: {lack}", "zh": "尚缺：{lack}"},
    "complete": {"en": "complete: it can be published", "zh": "签名齐全，可以公布"},
}


def say(key: str, language: Language, /, **facts: object) -> str:
    """Return the words for ``key``, with ``facts`` in their places."""
    return _WORDS[key][language].format(**facts)
