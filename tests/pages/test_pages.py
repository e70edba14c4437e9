"""Every block of README.md and docs/ runs, and prints what is shown beside it."""

import contextlib
import re
import shutil
import subprocess

import pytest

from tests.pages import blocks

PAGES = pytest.mark.parametrize("page", blocks.PAGES, ids=lambda page: page.stem)
WORDS = {"slow", "offline", "fails", "elsewhere", "ci"}
ALL = {page: blocks.of(page.read_text("utf-8")) for page in blocks.PAGES}
SLOW = [page for page in ALL if any("slow" in block.words for block in ALL[page])]
QUICK = [page for page in ALL if any(not block.words for block in ALL[page])]
# What a clone has that an installation or a page needs.
CLONE = ["estimator_mnist", "flags", "docs", "setup.py", "pyproject.toml", "LICENSE"]
CLONE += [path.name for path in [*blocks.ROOT.glob("*.md"), *blocks.ROOT.glob("*.in")]]


def run_page(shell, page, slow=False):
    """Runs the blocks of a page in their order, each as a program of its own."""
    with contextlib.ExitStack() as servers:
        for block in ALL[page]:
            if "ci" in block.words or ("slow" in block.words and not slow):
                continue
            if block.file:
                (shell.folder / block.file).write_text(block.text)
            elif "elsewhere" in block.words:
                servers.enter_context(in_its_place(shell.folder))
            else:
                run_block(shell, block)


def run_block(shell, block):
    if block.language == "sh":
        done = shell.sh(block.text, "offline" in block.words)
    else:
        done = shell.python(block.text)
    assert done.code == ("fails" in block.words), f"{block.text}\n{done.out}{done.err}"
    if block.prints is not None:
        # A page may leave out what is said meanwhile, on the standard error.
        line = blocks.differs(block.prints, done.out)
        if line and blocks.differs(block.prints, done.out + done.err):
            raise AssertionError(f"{block.text}\nnot as shown: {line}\n{done}")


def in_its_place(folder):
    """Returns what stands in for the server that a page starts in Docker."""
    from tests.pages import serving  # it imports TensorFlow

    return serving.served(folder / "runs/linear-digits/export/saved_model")


@pytest.mark.parametrize("page", QUICK, ids=lambda page: page.stem)
def test_the_blocks_of_a_page_do_what_it_says(page, shell):
    run_page(shell, page)


@pytest.fixture
def clone(shell, data_dir, legacy_dir):
    """Fills the reader's folder and home with what slow blocks find there."""
    for name in CLONE:
        source = blocks.ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, shell.folder / name)
    shutil.copytree(legacy_dir / "linear_tf18", shell.folder / "linear_tf18")
    (shell.folder / "data").symlink_to(data_dir)
    cache = shell.home / ".cache" / "estimator_mnist"
    cache.mkdir(parents=True)
    (cache / "mnist").symlink_to(data_dir / "mnist")


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW, ids=lambda page: page.stem)
def test_the_slow_blocks_of_a_page_do_what_it_says(page, shell, clone):
    if any("offline" in block.words for block in ALL[page]) and not shell.is_private():
        pytest.skip("unshare may not take the network away here")
    run_page(shell, page, slow=True)


@PAGES
def test_a_page_has_no_block_that_nothing_runs(page):
    for block in ALL[page]:
        assert block.language in ("sh", "python"), block
        assert block.words - {block.file} <= WORDS, block
    outside = blocks.outside(page.read_text("utf-8"))
    assert not re.search(r"^(```|    \S)", outside, re.MULTILINE)


def test_the_readmes_test_command_is_the_one_that_ci_runs():
    (ci,) = (block for each in ALL.values() for block in each if "ci" in block.words)
    script = (blocks.ROOT / ".ci" / "run").read_text()
    grep = re.search(r"command=\$\((.*)\)", script)[1]
    found = subprocess.run(
        ["bash", "-c", grep], cwd=blocks.ROOT, capture_output=True, text=True
    )
    assert found.stdout == ci.text


@PAGES
def test_what_a_page_points_to_is_there(page):
    text = page.read_text("utf-8")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), link
    for path in re.findall(r"`(tests/[\w/.]+)`", text):
        assert (blocks.ROOT / path).exists(), path
