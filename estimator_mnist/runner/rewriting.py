"""Makes of a part of a program the code that runs: parsed, replaced, compiled.

The one way from a script, a cell or a module to code:
read (`sources`) -> Python 2 converted (`python2`) -> parsed -> replaced -> compiled.
"""

import ast
import types

from estimator_mnist.runner import members, sources

# Builtin functions of programs -> what they do; programs do not write these names.
BUILTINS = {"__member__": members.member}


def code(part: sources.Part) -> types.CodeType:
    """Returns what runs for a script or a module; raises SyntaxError."""
    return compiled(_replaced(sources.tree(part)), part.name)


def tree(part: sources.Part) -> ast.Module:
    """Returns the part's tree with the replacements in it; raises ScriptError."""
    return _replaced(sources.parse(part))


class _Replacements(ast.NodeTransformer):
    """Replaces `value.NAME` by a call where the object may have lost this method.

    The method is called by the visitor, for each node of its kind.
    """

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if node.attr not in members.NAMES or not isinstance(node.ctx, ast.Load):
            return node
        function = ast.copy_location(ast.Name("__member__", ast.Load()), node)
        name = ast.copy_location(ast.Constant(node.attr), node)
        return ast.copy_location(ast.Call(function, [node.value, name], []), node)


def _replaced(tree: ast.Module) -> ast.Module:
    return _Replacements().visit(tree)


def compiled(tree: ast.Module | ast.Expression, name: str) -> types.CodeType:
    """Compiles a tree to be run by `exec`, or an expression for `eval`."""
    mode = "eval" if isinstance(tree, ast.Expression) else "exec"
    return compile(tree, name, mode, dont_inherit=True)
