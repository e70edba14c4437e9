"""Draws what may be in a file: JSON that was edited, bytes that were damaged."""

import copy
import json
import os
import pathlib
import shutil

from hypothesis import strategies as st

ODD = [
    None,
    True,
    0,
    -1,
    2**31,
    2**40,
    2**70,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    -1e300,
    "",
    "x",
    "../..",
    "é" * 1000,
    "\0",
    "\ud800",
    "nan",
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"x": {"y": [1, 2]}},
]
values = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
# Of a whole file.
CONTENTS = {
    "empty": b"",
    "open": b"{",
    "null": b"null",
    "number": b"7",
    "digits": b"9" * 5000,
    "list": b"[]",
    "object": b"{}",
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "just too deep": b'{"x":' * 150 + b"1" + b"}" * 150,
    "latin-1": '{"é": 1}'.encode("latin-1"),
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "bom": b"\xef\xbb\xbf{}",
    "nul": b"\0" * 100,
    "surrogate": b'{"\\ud800": "\\udfff"}',
}


def places(value, path=()):
    """Yields the paths to all that is in a value of JSON, itself first."""
    yield path
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, one in inner:
        yield from places(one, (*path, key))


def replaced(value, path, new):
    """Returns a copy in which something else is at `path`."""
    if not path:
        return new
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return changed


def removed(value, path):
    """Returns a copy without what is at `path`."""
    if not path:
        return {}
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return changed


@st.composite
def edited(draw, text):
    """Draws the bytes of JSON text in which something is another value, or gone."""
    value = json.loads(text)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(value))))
        if draw(st.booleans()) or not path:
            value = replaced(value, path, draw(values))
        else:
            value = removed(value, path)
    return json.dumps(value).encode()


@st.composite
def damaged(draw, content):
    """Draws bytes of which some are others, missing, or too many."""
    place = draw(st.integers(0, max(0, len(content) - 1)))
    with_what = draw(
        st.sampled_from([b"\0", b"\xff", b"\xff" * 8, (2**44).to_bytes(8, "little")])
        | st.binary(min_size=1, max_size=16)
    )
    how = draw(st.sampled_from(["over", "in", "cut", "drop"]))
    if how == "over":
        return content[:place] + with_what + content[place + len(with_what) :]
    if how == "in":
        return content[:place] + with_what + content[place:]
    if how == "cut":
        return content[:place]
    return content[:place] + content[place + len(with_what) :]


def json_contents(text):
    """Draws what may be in a JSON file that once held `text`."""
    return st.sampled_from(list(CONTENTS.values())) | edited(text)


class Pipe:
    """A named pipe, at which reading waits for ever."""


class Folder:
    """A folder, with a file in it."""


class DeadLink:
    """A link to nothing."""


class LinkToItself:
    """A link to itself."""


THINGS = [Pipe, Folder, DeadLink, LinkToItself]


def put(path: pathlib.Path, what):
    """Puts bytes, or one of THINGS, in the place of a file."""
    if path.is_dir():
        shutil.rmtree(path)
    elif os.path.lexists(path):
        path.unlink()
    if isinstance(what, bytes):
        path.write_bytes(what)
    elif what is Pipe:
        os.mkfifo(path)
    elif what is Folder:
        path.mkdir()
        (path / "within").write_text("x")
    elif what is DeadLink:
        path.symlink_to(path.parent / "nothing")
    else:
        path.symlink_to(path)
