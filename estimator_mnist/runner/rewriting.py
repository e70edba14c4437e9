"""Makes of a part of a program the code that runs: parsed, replaced, compiled.

The one way from a script, a cell or a module to code:
read (`sources`) -> Python 2 converted (`python2`) -> parsed -> replaced -> compiled.
"""

import ast
import types

from estimator_mnist.runner import sources


def code(part: sources.Part) -> types.CodeType:
    """Returns what runs for a script or a module; raises SyntaxError."""
    return compiled(_replaced(sources.tree(part)), part.name)


def tree(part: sources.Part) -> ast.Module:
    """Returns the part's tree with the replacements in it; raises ScriptError."""
    return _replaced(sources.parse(part))


def _replaced(tree: ast.Module) -> ast.Module:
    return tree


def compiled(tree: ast.Module | ast.Expression, name: str) -> types.CodeType:
    """Compiles a tree to be run by `exec`, or an expression for `eval`."""
    mode = "eval" if isinstance(tree, ast.Expression) else "exec"
    return compile(tree, name, mode, dont_inherit=True)
