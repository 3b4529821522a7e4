"""The rules, one family a module. Importing this package declares them all."""

from __future__ import annotations

import os
from importlib import import_module

for _file in sorted(os.listdir(os.path.dirname(__file__))):  # pkgutil takes a millisecond to import
    _name, _ending = os.path.splitext(_file)
    if _ending == ".py" and _name != "__init__":
        import_module(f"{__name__}.{_name}")
