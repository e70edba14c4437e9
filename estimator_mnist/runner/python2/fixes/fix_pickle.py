"""Pickles of Python 2 hold its strings as bytes, which are read as Latin-1 text.

Then the keys of a dict, for example, are what the program looks for.
"""

from typing import Any

from fissix import fixer_base, fixer_util


class FixPickle(fixer_base.BaseFix):
    """The fixer; `fissix` calls its methods."""

    PATTERN = """
    power< ('pickle' | 'cPickle' | 'pkl') trailer< '.' ('load' | 'loads') >
           call=trailer< '(' argument=any ')' > any* >
    """
    run_order = 4  # before fix_imports changes the module's name

    def transform(self, node: Any, results: Any) -> None:
        """Adds the encoding to the arguments of the call."""
        argument = results["argument"]
        if "encoding" in str(argument):
            return
        encoding = fixer_util.Name("encoding='latin1'", prefix=" ")
        results["call"].insert_child(2, fixer_util.Comma())
        results["call"].insert_child(3, encoding)
