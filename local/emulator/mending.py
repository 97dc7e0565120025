"""Mends MiniStack's source text while it is imported.

A mend is an exact piece of upstream text and what stands in its place. The launcher refuses to start when a piece
is not found exactly once: either upstream fixed the matter (drop the mend) or moved it (look again). Files on disk
are never changed.
"""

import importlib.util
import sys
from collections import defaultdict
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader


@dataclass(frozen=True)
class Mend:
    """One correction: `old` must occur exactly once in `module`; `aws` says how AWS behaves."""

    id: str
    module: str
    old: str
    new: str
    reason: str
    aws: str


class MendError(Exception):
    """A mend does not apply to the installed MiniStack."""


def apply(mends: list[Mend], source: str) -> str:
    """Return the source with every mend applied, in order; raise MendError naming all that do not apply."""
    failures = []
    for mend in mends:
        count = source.count(mend.old)
        if count == 1:
            source = source.replace(mend.old, mend.new)
        else:
            failures.append(f"{mend.id} ({mend.module}): its text occurs {count} times instead of once")
    if failures:
        raise MendError("\n".join(failures))
    return source


def source_of(module: str) -> str:
    """Return the source text of an installed module, as upstream ships it."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise MendError(f"{module} is not installed")
    with open(spec.origin, encoding="utf-8") as file:
        return file.read()


def by_module(mends: list[Mend]) -> dict[str, list[Mend]]:
    grouped = defaultdict(list)
    for mend in mends:
        grouped[mend.module].append(mend)
    return dict(grouped)


class _MendedLoader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, code):
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname):
        return self._code


class _MendedFinder(MetaPathFinder):
    def __init__(self, compiled: dict):
        self._compiled = compiled

    def find_spec(self, fullname, path=None, target=None):
        code = self._compiled.get(fullname)
        if code is None:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        spec.loader = _MendedLoader(fullname, spec.origin, code)
        return spec


def install(mends: list[Mend]) -> None:
    """Check every mend, then make imports of the mended modules use the mended text."""
    compiled, failures = {}, []
    for module, group in by_module(mends).items():
        spec = importlib.util.find_spec(module)
        try:
            compiled[module] = compile(apply(group, source_of(module)), spec.origin if spec else module, "exec")
        except MendError as error:
            failures.append(str(error))
    if failures:
        raise MendError("\n".join(failures))
    sys.meta_path.insert(0, _MendedFinder(compiled))
