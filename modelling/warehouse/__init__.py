"""A history that stays in its warehouse: the SQL that sums it up there, and the tables it makes.

Here belong what a query has to say to clean and count as `modelling.history` does, in the words of
each dialect, and the reading of what comes back; connecting to a warehouse is the bank's.
"""

from modelling.warehouse.query import summary_sql
from modelling.warehouse.request import WarehouseQuery
from modelling.warehouse.tables import read_customers, read_lives

__all__ = ["WarehouseQuery", "read_customers", "read_lives", "summary_sql"]
