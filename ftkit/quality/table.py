"""Checks of tables beyond missing and constant columns, all of them."""

from __future__ import annotations

from ftkit.quality import table_cells, table_columns, table_missing

CHECKS = (*table_missing.CHECKS, *table_columns.CHECKS, *table_cells.CHECKS)
