"""Keeps Python 2's meaning of `/`: `old_div(a, b)`, where it may be of integers.

`a / b` stays where one of both is a float for certain, and is `a // b` where both are
integers for certain.
"""

from typing import Any

from fissix import fixer_base, fixer_util, pytree
from fissix.pgen2 import token
from fissix.pygram import python_symbols as symbols

from estimator_mnist.runner.python2.fixes import helpers

_CONTAINERS = (symbols.term, symbols.arith_expr, symbols.factor, symbols.power)
_FLOAT_CALLS = {"float", "sqrt", "exp", "log"}


class FixDivision(fixer_base.BaseFix):
    """The fixer; `fissix` calls its methods, innermost divisions first."""

    order = "post"

    def match(self, node: Any) -> bool:
        """Returns whether this is a product with `/` in it, or an `x /= y`."""
        if node.type not in (symbols.term, symbols.expr_stmt):
            return False
        return any(_is(child, "/", "/=") for child in node.children)

    def transform(self, node: Any, results: Any) -> Any:
        """Returns what stands for the node; None where it stays."""
        new = _product(node) if node.type == symbols.term else _in_place(node)
        if new is not None:
            for name in ("old_div", "old_idiv"):
                if f"{name}(" in str(new):
                    helpers.add_import(node, name)
            new.prefix = node.prefix
        return new


def _product(node: Any) -> Any:
    operands = [child.clone() for child in node.children]
    left, changed = operands[0], False
    for operator, right in zip(operands[1::2], operands[2::2], strict=True):
        if not _is(operator, "/") or _is_float(left) or _is_float(right):
            left = pytree.Node(symbols.term, [left, operator, right])
            continue
        changed = True
        if _is_integer(left) and _is_integer(right):
            whole = pytree.Leaf(token.DOUBLESLASH, "//", prefix=operator.prefix)
            left = pytree.Node(symbols.term, [left, whole, right])
        else:
            left = _call("old_div", left, right)
    return left if changed else None


def _in_place(node: Any) -> Any:
    target, operator, value = node.children
    # What is called to find the target must not be called twice.
    if not _is(operator, "/=") or _is_float(value) or _has_call(target):
        return None
    new = _call("old_idiv", target.clone(), value.clone())
    new.prefix = " "
    equals = pytree.Leaf(token.EQUAL, "=", prefix=operator.prefix)
    return pytree.Node(symbols.expr_stmt, [target.clone(), equals, new])


def _call(name: str, left: Any, right: Any) -> Any:
    left.prefix, right.prefix = left.prefix.lstrip(" "), " "
    return fixer_util.Call(fixer_util.Name(name), [left, fixer_util.Comma(), right])


def _is(node: Any, *values: str) -> bool:
    return isinstance(node, pytree.Leaf) and node.value in values


def _is_float(node: Any) -> bool:
    """Returns whether an expression is a float for certain."""
    if node.type == token.NUMBER:
        return node.value[:2].lower() != "0x" and any(c in ".eEjJ" for c in node.value)
    if node.type == symbols.power and _called(node) in _FLOAT_CALLS:
        return True
    if node.type == symbols.atom and _is(node.children[0], "("):
        return len(node.children) == 3 and _is_float(node.children[1])
    if node.type == symbols.power:  # what is called or indexed may be anything
        return _is(node.children[-2], "**") and _is_float(node.children[-1])
    return node.type in _CONTAINERS and any(map(_is_float, node.children))


def _is_integer(node: Any) -> bool:
    """Returns whether an expression is an integer for certain."""
    if node.type == token.NUMBER:
        return not _is_float(node)
    return node.type == symbols.power and _called(node) in ("len", "int")


def _called(node: Any) -> str | None:
    """Returns the name of the function where the node is one call of it."""
    last = node.children[-1]
    if last.type != symbols.trailer or not _is(last.children[0], "("):
        return None
    name = node.children[-2]
    if name.type == symbols.trailer and len(node.children) == 3:  # math.sqrt(...)
        return name.children[-1].value if _is(name.children[0], ".") else None
    return name.value if len(node.children) == 2 and name.type == token.NAME else None


def _has_call(node: Any) -> bool:
    return any(_is(leaf, "(") for leaf in node.leaves())
