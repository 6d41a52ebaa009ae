"""What a catalog declares so that references can be held against it: laws, and types of results."""

from __future__ import annotations

from pydantic import Field, StrictInt

from oneservice.catalog.terms import CatalogModel, Identifier, IsoDate, Text

__all__ = ["Law", "ResultType"]


class Law(CatalogModel):
    """A law that legal bases of this catalog may cite, by its Chinese name.

    Where any file lists laws, lint holds every citation against the lists: unknown names, articles
    beyond the last one, laws that were not in force. ``articles`` is the number of the last one.
    """

    name: Text
    since: IsoDate | None = None
    until: IsoDate | None = None
    """The last day on which it was in force."""
    articles: StrictInt | None = Field(default=None, ge=1, le=5000)


class ResultType(CatalogModel):
    """A type of result or certificate, for ``result.type`` and ``accepts``.

    Where any file lists types, lint tells of every other one; what other authorities issue (an
    identity card) stands here too.
    """

    id: Identifier
    title: Text
