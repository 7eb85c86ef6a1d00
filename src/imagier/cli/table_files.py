"""The former place of `imagier.tables.read_table`, for the commands that still ask for it here."""

from imagier.tables import TABLE_SUFFIXES as TABLES
from imagier.tables import read_table as open_table

__all__ = ["TABLES", "open_table"]
