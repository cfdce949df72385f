"""
The authorities' daily bulletin: read from the files that people have, checked, and written again in its own order.

`read_bulletin` turns a file into events and refusals, row by row; `check_bulletins` tells what is wrong in what was
printed.
"""

from gatewatch.monitor.bulletins.checks import BulletinFinding, check_bulletins
from gatewatch.monitor.bulletins.reading import Cell, Sheet, UnreadableError, read_bulletin

__all__ = ["BulletinFinding", "Cell", "Sheet", "UnreadableError", "check_bulletins", "read_bulletin"]
