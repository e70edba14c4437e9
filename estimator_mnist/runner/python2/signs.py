"""What shows that code which parses as Python 3 was written for Python 2.

A sign is what cannot run in Python 3: a program that shows one never did.
"""

import ast
import re
from collections.abc import Iterable, Iterator

_BUILTINS = {
    "basestring",
    "execfile",
    "long",
    "raw_input",
    "reduce",
    "reload",
    "unichr",
    "unicode",
    "xrange",
}
_MODULES = {
    "ConfigParser",
    "Queue",
    "StringIO",
    "Tkinter",
    "cPickle",
    "cStringIO",
    "httplib",
    "urllib2",
    "urlparse",
}
# Names of modules that are there.
_MEMBERS = {
    "itertools.ifilter",
    "itertools.imap",
    "itertools.izip",
    "os.getcwdu",
    "string.letters",
    "string.lowercase",
    "string.maketrans",
    "string.uppercase",
    "sys.maxint",
    "sys.setdefaultencoding",
    "urllib.quote",
    "urllib.urlencode",
    "urllib.urlopen",
    "urllib.urlretrieve",
}
# Methods of dicts; pandas had one of them in Python 3.
_METHODS = {"has_key", "iterkeys", "itervalues", "viewitems", "viewkeys"}
_METHOD_OF_PANDAS_TOO = "iteritems"
# A program that asks which Python this is was written for both.
_FOR_BOTH = re.compile(r"\bversion_info\b|\bhexversion\b|\bPY[23]\b|python_version")
_SHEBANG = re.compile(r"#!.*\bpython2")
# Functions whose result was a list.
_LISTS = {"map", "filter", "zip"}
_METHODS_OF_LISTS = {"append", "extend", "sort", "pop", "index", "reverse"}
# What takes a list, and fails with or misunderstands an iterator.
_TAKE_LISTS = {"len", "shuffle", "array", "asarray", "constant"}


def is_for_both(code: str) -> bool:
    """Returns whether the code asks which Python it runs in."""
    return bool(_FOR_BOTH.search(code))


def shown_by(code: str) -> bool:
    """Returns whether code that parses as Python 3 can only have been Python 2."""
    if _SHEBANG.match(code):
        return True
    if is_for_both(code):
        return False
    tree = ast.parse(code)
    bound = set(_bound(tree))
    nodes = list(_unguarded(tree))
    return any(_is_sign(node, bound) for node in nodes) or any(_list_uses(nodes))


def _is_sign(node: ast.AST, bound: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _BUILTINS - bound
    if isinstance(node, ast.Import):
        return any(alias.name in _MODULES for alias in node.names)
    if isinstance(node, ast.ImportFrom) and not node.level:
        names = {f"{node.module}.{alias.name}" for alias in node.names}
        return node.module in _MODULES or bool(names & _MEMBERS)
    if isinstance(node, ast.Attribute):
        return _is_old_member(node, bound)
    # print >> file, "text"
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.RShift)
        and isinstance(node.left, ast.Name)
        and node.left.id == "print"
    )


def _is_old_member(node: ast.Attribute, bound: set[str]) -> bool:
    owner = node.value.id if isinstance(node.value, ast.Name) else None
    if f"{owner}.{node.attr}" in _MEMBERS:
        return True
    if owner == "six":
        return False
    if node.attr == _METHOD_OF_PANDAS_TOO:
        return not bound & {"pandas", "pd"}
    return node.attr in _METHODS


def _unguarded(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the nodes of a tree, except for what a `try` with handlers tries."""
    yield node
    for child in ast.iter_child_nodes(node):
        tried = isinstance(node, ast.Try) and node.handlers and child in node.body
        if not (tried and _may_be_missing(node)):
            yield from _unguarded(child)


def _may_be_missing(node: ast.AST) -> bool:
    names = {n.id for n in _handled(node) if isinstance(n, ast.Name)}
    everything = {"Exception", "BaseException"}
    missing = {"ImportError", "ModuleNotFoundError", "NameError", "AttributeError"}
    return not names or bool(names & (everything | missing))


def _handled(node: ast.AST) -> Iterator[ast.AST]:
    for handler in node.handlers if isinstance(node, ast.Try) else ():
        if handler.type is not None:
            yield from ast.walk(handler.type)


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0]
                if alias.name == "*":  # of six.moves, for example: any name
                    yield from _BUILTINS


def _list_uses(nodes: Iterable[ast.AST]) -> Iterator[bool]:
    """Yields True for each place that needs a list and gets an iterator or view."""
    nodes = list(nodes)
    names = _names_of_lists(nodes)

    def is_list(node: ast.AST) -> bool:
        return _is_list_call(node) or (isinstance(node, ast.Name) and node.id in names)

    for node in nodes:
        if isinstance(node, ast.Subscript):
            yield is_list(node.value)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield is_list(node.left) or is_list(node.right)
        elif isinstance(node, ast.Call) and node.args:
            yield _last_name(node.func) in _TAKE_LISTS and is_list(node.args[0])
        if isinstance(node, ast.Attribute) and node.attr in _METHODS_OF_LISTS:
            yield is_list(node.value)


def _names_of_lists(nodes: Iterable[ast.AST]) -> set[str]:
    """Returns the names bound to results of such calls, and to nothing else."""
    from_calls: set[str] = set()
    others: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Assign) and _is_list_call(node.value):
            from_calls |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.arg):
            others.add(node.arg)
    stores = [
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return {n for n in from_calls - others if stores.count(n) == 1}


def _is_list_call(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id in _LISTS and len(node.args) > 1
    return False


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
