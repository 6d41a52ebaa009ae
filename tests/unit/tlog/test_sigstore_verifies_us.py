"""Another implementation reads our heads and proofs: sigstore's verifier for JavaScript.

``npm install @sigstore/verify`` in a folder that ``NODE_PATH`` names (its ``node_modules``) makes
this run; CI does so. Nothing is fetched here.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from oneservice.tlog import TileLog
from oneservice.transparency import NoteSigner

SCRIPT = """
const path = require('path');
const base = path.dirname(require.resolve('@sigstore/verify/package.json'));
const { verifyCheckpoint } = require(path.join(base, 'dist/tlog/checkpoint.js'));
const { verifyMerkleInclusion } = require(path.join(base, 'dist/tlog/merkle.js'));
const crypto = require('crypto');
const cases = JSON.parse(require('fs').readFileSync(0));
const answers = cases.map((one) => {
  const bytes = (text) => Buffer.from(text, 'base64');
  const key = crypto.createPublicKey({ key: bytes(one.key), format: 'der', type: 'spki' });
  const entry = {
    canonicalizedBody: bytes(one.entry),
    inclusionProof: {
      logIndex: String(one.index),
      hashes: one.hashes.map(bytes),
      checkpoint: { envelope: one.checkpoint },
    },
  };
  const tlog = { logID: bytes(one.id), baseURL: one.name, publicKey: key };
  try {
    verifyMerkleInclusion(entry, verifyCheckpoint(entry, [tlog]));
    return 'good';
  } catch (error) {
    return String(error.message || error);
  }
});
console.log(JSON.stringify(answers));
"""


def asked(cases: list[dict[str, Any]]) -> list[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    look = [node, "-e", "require.resolve('@sigstore/verify/package.json')"]
    if subprocess.run(look, capture_output=True, check=False).returncode:
        pytest.skip("@sigstore/verify is not in NODE_PATH; npm install it to hear its opinion")
    done = subprocess.run(
        [node, "-e", SCRIPT], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    answers: list[str] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000])
def test_sigstore_accepts_ours_and_refuses_what_was_changed(
    tmp_path: Path, signer: NoteSigner, size: int
) -> None:
    entries = [b"entry %d" % one for one in range(size)]
    spki = Ed25519PublicKey.from_public_bytes(signer.key.public).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    encoded = {"key": spki, "id": signer.key.id}
    common = {name: base64.b64encode(one).decode() for name, one in encoded.items()}
    cases: list[dict[str, Any]] = []
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries)
        log.publish(log.sign().note.dump())
        for index in sorted({0, size // 3, size // 2, size - 1}):
            proof = log.prove(index)
            cases.append(
                {
                    **common,
                    "name": signer.key.name,
                    "index": index,
                    "hashes": [base64.b64encode(one).decode() for one in proof.hashes],
                    "checkpoint": proof.checkpoint.decode(),
                    "entry": base64.b64encode(entries[index]).decode(),
                }
            )
    good = cases[-1]
    wrong = [
        good | {"entry": base64.b64encode(b"another").decode()},
        good | {"checkpoint": good["checkpoint"].replace(f"\n{size}\n", f"\n{size + 1}\n")},
        good | {"hashes": [*good["hashes"], good["key"]]},
    ]
    answers = asked([*cases, *wrong])
    assert answers[: len(cases)] == ["good"] * len(cases)
    assert "good" not in answers[len(cases) :]
