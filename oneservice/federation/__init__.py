"""Regions as peers: to another region, a region's engine is just a department.

There is no second protocol and no centre. A :class:`RegionOffice` puts an engine behind the adapter
protocol: what another region files becomes a case here, under this region's definitions, limits
and calendar, and what happens in the case is told back as signed events. Which items and things are
decided for others is data (:class:`Offer`); what crosses the border is what an item declares, on
a consent, and stands in a log that the person can read.

Only here live: how a case reads as one application, how several offices' requests become one, and
that nothing is lost or doubled between two regions that may both die at any time.
"""

from oneservice.federation.beginnings import MERGE_WITHIN
from oneservice.federation.offers import Offer
from oneservice.federation.office import RegionOffice
from oneservice.federation.owing import owed
from oneservice.federation.results import Papers
from oneservice.federation.views import Owed

__all__ = ["MERGE_WITHIN", "Offer", "Owed", "Papers", "RegionOffice", "owed"]
