"""What an implementation of a port must do to be one: classes of tests that a portal subclasses.

    from oneservice.testing import StoreKit

    class TestOurStore(StoreKit):
        async def open_store(self, folder):
            return await OurStore.open(folder / "ours")

Each test is a plain function that runs a loop of its own, so no plugin is needed. What fails says
which rule of the port is broken.
"""

from oneservice.testing.kits.departments import DepartmentsKit, SampleSubmission
from oneservice.testing.kits.edges import ClockKit, IdsKit, KeyKeeperKit, SignerKit
from oneservice.testing.kits.stores import StoreKit

__all__ = [
    "ClockKit",
    "DepartmentsKit",
    "IdsKit",
    "KeyKeeperKit",
    "SampleSubmission",
    "SignerKit",
    "StoreKit",
]
