"""Checks of series, all of them."""

from __future__ import annotations

from ftkit.quality import series_time, series_values

CHECKS = tuple(sorted((*series_time.CHECKS, *series_values.CHECKS), key=lambda check: check.code))
