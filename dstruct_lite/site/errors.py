"""The one error of the site build: something a person can act on, so its text says what to do."""

from __future__ import annotations


class SiteError(Exception):
    """The site cannot be built or served; the message names the cause and what helps."""
