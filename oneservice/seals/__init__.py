"""Where seal keys live, and the lock before them.

Rules that live only here: nothing is signed before the approval and the document's digest are
durable; every use and every refused use stands in a book that an audit office reads; keys are in
encrypted files that only their owner can read, or in devices (PKCS#11), and neither a key nor what
opens it ever shows in a message. What a seal may do is decided by ``oneservice.certificates``.
"""

from oneservice.seals.book import SealBook
from oneservice.seals.book_rows import Use
from oneservice.seals.desk import LockedSigner
from oneservice.seals.key_files import open_key_file, write_key_file
from oneservice.seals.lock import SafetyLock, Sealed, SealKey
from oneservice.seals.passwords import Secret, read_secret
from oneservice.seals.public_forms import PublicForms, public_forms
from oneservice.seals.rotation import TransitionOfKeys
from oneservice.seals.stamping import stamp
from oneservice.seals.stamping_desk import StampingDesk
from oneservice.seals.tokens import TokenKey, TokenPlace
from oneservice.seals.tongsuo import TongsuoKey, TongsuoSm2

__all__ = [
    "LockedSigner",
    "PublicForms",
    "SafetyLock",
    "SealBook",
    "SealKey",
    "Sealed",
    "Secret",
    "StampingDesk",
    "TokenKey",
    "TokenPlace",
    "TongsuoKey",
    "TongsuoSm2",
    "TransitionOfKeys",
    "Use",
    "open_key_file",
    "public_forms",
    "read_secret",
    "stamp",
    "write_key_file",
]
