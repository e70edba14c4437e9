"""Names that Python 3 calls otherwise, and fissix leaves: a line each."""

from collections.abc import Mapping
from typing import Any

from fissix import fixer_base, fixer_util

from estimator_mnist.runner.python2.fixes import helpers

# Module and name -> the name there now.
_MEMBERS: Mapping[tuple[str, str], str] = {
    ("string", "letters"): "ascii_letters",
    ("string", "lowercase"): "ascii_lowercase",
    ("string", "uppercase"): "ascii_uppercase",
    ("os", "errno"): "strerror",
    ("time", "clock"): "perf_counter",
    ("inspect", "getargspec"): "getfullargspec",
}
# Functions without a name today -> they are in this package's `tf1.python2`.
_HELPED = ("cmp",)
# Built-in function -> its name now.
_BUILTINS: Mapping[str, str] = {"file": "open"}
# Calls that change nothing today: text is Unicode anyway.
_NEEDLESS = ("reload(sys)", "sys.setdefaultencoding(")


class FixOldNames(fixer_base.BaseFix):
    """Fixes what is in the tables above; `fissix` calls the methods."""

    PATTERN = "power< any trailer< any* > any* >"
    run_order = 4  # before fix_reload

    def transform(self, node: Any, results: Any) -> Any:
        """Changes the name that the node begins with."""
        first, second = node.children[:2]
        if str(node).strip().startswith(_NEEDLESS):
            return fixer_util.Name("None", prefix=node.prefix)
        is_call = second.children[0].value == "("
        if is_call and first.type == fixer_util.token.NAME:
            if first.value in _HELPED:
                helpers.add_import(node, first.value)
            elif first.value in _BUILTINS:
                first.replace(
                    fixer_util.Name(_BUILTINS[first.value], prefix=first.prefix)
                )
        elif second.children[0].value == ".":
            member = second.children[1]
            new = _MEMBERS.get((str(first).strip(), member.value))
            if new:
                member.replace(fixer_util.Name(new))
        return None
