"""
Closeness: how near we are to the people who decide in a key account.

One part is counted from activities, one is rated by people; they stand beside each other and are
never mixed. Before either, the logging coverage of each owner says whether counts can be trusted.
"""

from planlib.key_accounts.closeness.alerts import name_people
from planlib.key_accounts.closeness.review import Closeness, measure_closeness

__all__ = ["Closeness", "measure_closeness", "name_people"]
