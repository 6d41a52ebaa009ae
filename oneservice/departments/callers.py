"""Who may call a department: the registry of its callers, kept by people, out of band.

Nothing in here was ever told by a message: keys, certificates, client ids and callback addresses
come from an agreement between two offices. So a callback can only go where a person let it go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from oneservice.departments.addresses import is_callable_address
from oneservice.departments.wire import is_id
from oneservice.errors import AdapterError

if TYPE_CHECKING:
    from oneservice.departments.verifying import VerifyingKey

__all__ = ["Caller", "Callers"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One engine that may call.

    Attributes:
        id: its name here; it keeps the name spaces of callers apart for ever, so never reuse one.
        keys: by which it signs requests; two at once while it changes them.
        certificates: names in its client certificates: a DNS name, a URI, or ``sha256:`` and the
            hexadecimal digest of one certificate.
        clients: its OAuth 2.0 client ids.
        callbacks: names, as submissions use them, to the addresses that it registered.
        steps: those that it may file; ``None`` for all.
        regions: beginnings of the region codes that it may file for; ``None`` for all.

    Raises:
        AdapterError: an id or an address must not be used.
    """

    id: str
    keys: tuple[VerifyingKey, ...] = ()
    certificates: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    callbacks: Mapping[str, str] = field(default_factory=dict)
    steps: frozenset[str] | None = None
    regions: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name in (self.id, *self.callbacks):
            if not is_id(name):
                msg = "ids of callers and names of callbacks are 1 to 96 of A-Z a-z 0-9 . _ -"
                raise AdapterError(msg)
        for name, url in self.callbacks.items():
            if not is_callable_address(url):
                msg = (
                    f"callback {name} of caller {self.id}: an address is https://HOST/… without "
                    "user name, query or fragment (http only on this machine)"
                )
                raise AdapterError(msg)

    def may_file(self, step_id: str, region: str | None) -> bool:
        """Say whether it may file an application for this step and region."""
        has_step = self.steps is None or step_id in self.steps
        has_region = self.regions is None or (region or "").startswith(self.regions)
        return has_step and has_region


class Callers:
    """All callers of a department; may be changed while it serves.

    Args:
        callers: those of the beginning.

    Raises:
        AdapterError: two callers share an id, a key id, a certificate or a client id.
    """

    def __init__(self, *callers: Caller) -> None:
        self._callers: dict[str, Caller] = {}
        self._keys: dict[str, tuple[VerifyingKey, Caller]] = {}
        self._certificates: dict[str, Caller] = {}
        self._clients: dict[str, Caller] = {}
        self._verifying: Mapping[str, VerifyingKey] = {}
        for caller in callers:
            if caller.id in self._callers:
                msg = f"two callers have the id {caller.id}"
                raise AdapterError(msg)
            self.put(caller)

    def __iter__(self) -> Iterator[Caller]:
        return iter(tuple(self._callers.values()))

    def put(self, caller: Caller) -> None:
        """Register ``caller``, or replace what was registered under its id.

        Raises:
            AdapterError: it shares a key id, a certificate or a client id with another caller.
        """
        others = {name: one for name, one in self._callers.items() if name != caller.id}
        self._index({**others, caller.id: caller})

    def remove(self, caller_id: str) -> None:
        """Let the caller in no more; what it filed stays."""
        self._index({name: one for name, one in self._callers.items() if name != caller_id})

    def get(self, caller_id: str) -> Caller | None:
        """Return the caller of that id."""
        return self._callers.get(caller_id)

    def of_key(self, keyid: str) -> Caller | None:
        """Return the caller to whom the key belongs."""
        found = self._keys.get(keyid)
        return found[1] if found else None

    def of_certificate(self, *names: str) -> Caller | None:
        """Return the caller that is registered under one of the names; the first that is."""
        return next((self._certificates[one] for one in names if one in self._certificates), None)

    def of_client(self, client_id: str) -> Caller | None:
        """Return the caller of an OAuth 2.0 client id."""
        return self._clients.get(client_id)

    @property
    def keys(self) -> Mapping[str, VerifyingKey]:
        """All keys by which requests may be signed, by key id."""
        return self._verifying

    @property
    def is_signing(self) -> bool:
        """Whether callers sign: then every request must be signed."""
        return bool(self._keys)

    def _index(self, callers: dict[str, Caller]) -> None:
        keys: dict[str, tuple[VerifyingKey, Caller]] = {}
        certificates: dict[str, Caller] = {}
        clients: dict[str, Caller] = {}
        for one in callers.values():
            for key in one.keys:
                _once(keys, key.keyid, (key, one))
            for name in one.certificates:
                _once(certificates, name, one)
            for name in one.clients:
                _once(clients, name, one)
        self._callers, self._keys = callers, keys
        self._verifying = {keyid: key for keyid, (key, _) in keys.items()}
        self._certificates, self._clients = certificates, clients


def _once(index: dict[str, _T], name: str, value: _T) -> None:
    if name in index:
        msg = f"{name} is registered twice: a key, certificate or client id has one owner"
        raise AdapterError(msg)
    index[name] = value
