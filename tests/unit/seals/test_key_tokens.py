"""Keys in a device: a real PKCS #11 module (SoftHSM), real sessions, real PINs."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from oneservice.certificates import Curve, VerifyingKey, check_proof
from oneservice.errors import KeyTokenError, KeyUnusableError
from oneservice.seals import Secret, TokenKey, TokenPlace

_MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
)
MODULE = next((one for one in _MODULES if one.exists()), None)
PIN = Secret(b"246813")

pkcs11 = pytest.importorskip("pkcs11", reason="the extra pkcs11 is not installed")
pytestmark = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None,
    reason="SoftHSM is not installed (Debian: apt-get install softhsm2)",
)


class Device:
    """A software token of its own; each test that breaks it gets a fresh one."""

    def __init__(self, folder: Path, label: str) -> None:
        self.folder, self.label = folder, label
        assert MODULE is not None
        self.module = MODULE

    def init(self) -> None:
        command = ["softhsm2-util", "--init-token", "--free", "--label", self.label]
        subprocess.run(
            [*command, "--pin", PIN.text(), "--so-pin", "135792"], check=True, capture_output=True
        )
        pkcs11.lib(str(self.module)).reinitialize()  # a module looks for devices when it starts

    def generate(self, curve: Curve, label: str) -> None:
        from pkcs11 import Attribute, KeyType, Mechanism  # noqa: PLC0415

        parameters = {
            Curve.P256: bytes.fromhex("06082a8648ce3d030107"),
            Curve.P384: bytes.fromhex("06052b81040022"),
            Curve.ED25519: bytes.fromhex("06032b6570"),
        }[curve]
        is_ed = curve is Curve.ED25519
        token = pkcs11.lib(str(self.module)).get_token(token_label=self.label)
        with token.open(rw=True, user_pin=PIN.text()) as session:
            domain = session.create_domain_parameters(
                KeyType.EC_EDWARDS if is_ed else KeyType.EC,
                {Attribute.EC_PARAMS: parameters},
                local=True,
            )
            how = {"mechanism": Mechanism.EC_EDWARDS_KEY_PAIR_GEN} if is_ed else {}
            domain.generate_keypair(store=True, label=label, **how)

    def key(self, label: str, pin: Secret = PIN) -> TokenKey:
        return TokenKey(TokenPlace(module=self.module, token=self.label, label=label), pin)


@pytest.fixture(scope="module", autouse=True)
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    yield folder
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def device(softhsm: Path, request: pytest.FixtureRequest) -> Device:
    found = Device(softhsm, hashlib.sha256(request.node.name.encode()).hexdigest()[:30])
    found.init()
    return found


@pytest.mark.parametrize("curve", list(Curve))
def test_each_kind_of_key_signs_certificates(
    curve: Curve, device: Device, office: Callable[..., Any]
) -> None:
    device.generate(curve, "seal")
    key = device.key("seal")
    assert key.curve is curve
    public = VerifyingKey.from_multibase(key.public_multibase)
    assert public.verifies(key.sign(b"words"), b"words")
    at = office(key=key)
    asked = at.document()
    request = at.lock.request(asked, requester="county:registrar")
    first = asyncio.run(at.lock.seal(asked, request))
    check_proof(first.document, public)
    # The device's signature differs each time; what leaves the lock does not.
    assert asyncio.run(at.lock.seal(asked, request)) == first
    key.close()


def test_a_wrong_pin_is_tried_once(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    device.generate(Curve.P256, "seal")
    key = device.key("seal")
    key.close()
    monkeypatch.setattr(key, "_pin", Secret(b"999999"))
    for _ in range(5):
        with pytest.raises(KeyTokenError) as caught:
            key.sign(b"words")
        assert "999999" not in str(caught.value)
    token = pkcs11.lib(str(device.module)).get_token(token_label=device.label)
    assert not token.flags & (
        pkcs11.TokenFlag.USER_PIN_FINAL_TRY | pkcs11.TokenFlag.USER_PIN_LOCKED
    )
    # Its counter runs: nobody here uses up another attempt, not even with the right PIN.
    with pytest.raises(KeyTokenError, match="by hand"):
        device.key("seal")
    with token.open(user_pin=PIN.text()):
        pass
    assert device.key("seal").sign(b"words")


def test_a_session_that_ended_is_opened_again(device: Device) -> None:
    device.generate(Curve.P256, "seal")
    key = device.key("seal")
    key._session.close()
    assert VerifyingKey.from_multibase(key.public_multibase).verifies(key.sign(b"a"), b"a")
    pkcs11.lib(str(device.module)).reinitialize()  # as when a reader restarts
    assert VerifyingKey.from_multibase(key.public_multibase).verifies(key.sign(b"b"), b"b")


def test_a_device_that_is_gone_and_comes_back(device: Device, softhsm: Path) -> None:
    device.generate(Curve.P256, "seal")
    key = device.key("seal")
    public = VerifyingKey.from_multibase(key.public_multibase)
    shutil.move(softhsm / "tokens", softhsm / "away")
    (softhsm / "tokens").mkdir()
    pkcs11.lib(str(device.module)).reinitialize()
    for _ in range(2):
        with pytest.raises(KeyTokenError):
            key.sign(b"words")
    (softhsm / "tokens").rmdir()
    shutil.move(softhsm / "away", softhsm / "tokens")
    assert public.verifies(key.sign(b"words"), b"words")


def test_two_keys_of_one_device(device: Device) -> None:
    """Logging in counts for the process; logging out, too: each finds its way back."""
    for label, curve in (("one", Curve.P256), ("two", Curve.ED25519)):
        device.generate(curve, label)
    one, two = device.key("one"), device.key("two")
    for key, other in ((one, two), (two, one)):
        assert VerifyingKey.from_multibase(key.public_multibase).verifies(key.sign(b"a"), b"a")
        other.close()
        assert VerifyingKey.from_multibase(key.public_multibase).verifies(key.sign(b"b"), b"b")


def test_threads_take_turns(device: Device) -> None:
    device.generate(Curve.P256, "seal")
    key = device.key("seal")
    public = VerifyingKey.from_multibase(key.public_multibase)
    words = [b"words %d" % number for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(key.sign, words))
    assert all(map(public.verifies, signatures, words))


def test_a_crash_of_the_device_leaves_a_use_that_goes_on(
    device: Device, office: Callable[..., Any]
) -> None:
    device.generate(Curve.P256, "seal")
    key = device.key("seal")
    at = office(key=key, daily_count=1)
    asked = at.document()
    request = at.lock.request(asked, requester="county:registrar")
    shutil.move(device.folder / "tokens", device.folder / "away")
    (device.folder / "tokens").mkdir()
    pkcs11.lib(str(device.module)).reinitialize()
    with pytest.raises(KeyTokenError):
        asyncio.run(at.lock.seal(asked, request))
    (device.folder / "tokens").rmdir()
    shutil.move(device.folder / "away", device.folder / "tokens")
    found = asyncio.run(at.lock.seal(asked, request))
    check_proof(found.document, VerifyingKey.from_multibase(key.public_multibase))


def test_what_is_no_device_module_or_key(device: Device, tmp_path: Path) -> None:
    with pytest.raises(KeyTokenError):
        device.key("no such key")
    with pytest.raises(KeyTokenError):
        TokenKey(TokenPlace(module=device.module, token="no such token", label="x"), PIN)  # noqa: S106
    (tmp_path / "module.so").write_bytes(b"no library")
    with pytest.raises(KeyUnusableError):
        TokenKey(TokenPlace(module=tmp_path / "module.so", token="x", label="x"), PIN)  # noqa: S106


def test_nothing_shows_the_pin(device: Device) -> None:
    device.generate(Curve.P256, "seal")
    key = device.key("seal")
    assert PIN.text() not in f"{key!r} {vars(key)}"


def test_without_the_extra_the_message_names_it() -> None:
    code = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from pathlib import Path\n"
        "from oneservice.seals import *\n"
        "from oneservice.errors import KeyUnusableError\n"
        "try: TokenKey(TokenPlace(module=Path('m.so'), token='t', label='l'), Secret(b'1'))\n"
        "except KeyUnusableError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[pkcs11]" in done.stdout
