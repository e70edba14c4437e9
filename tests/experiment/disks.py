"""Small disks for tests, and what fills them."""

import contextlib
import subprocess

import pytest

KINDS = {"bytes": "size=4m", "inodes": "size=64m,nr_inodes=100"}


@contextlib.contextmanager
def mounted(folder, options):
    """Mounts a file system in memory at `folder`; skips without the right to."""
    command = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    with contextlib.suppress(FileNotFoundError):
        if subprocess.run(command, capture_output=True).returncode == 0:
            try:
                yield folder
            finally:
                subprocess.run(["umount", "-l", str(folder)], check=True)
            return
    pytest.skip("no right to mount a small file system")


def fill(disk, but=0):
    """Leaves neither room, but for `but` bytes, nor inodes on `disk`."""
    ballast = disk / "ballast"
    ballast.mkdir(exist_ok=True)
    with contextlib.suppress(OSError), open(ballast / "0", "ab", 0) as file:
        while file.write(bytes(1 << 12)):
            pass
    if but:
        with open(ballast / "0", "ab") as file:
            file.truncate(file.tell() - but)
        return
    with contextlib.suppress(OSError):
        for number in range(1, 1000):
            (ballast / str(number)).touch()


def empty(disk):
    """Removes what `fill` has written."""
    for path in (disk / "ballast").iterdir():
        path.unlink()
    (disk / "ballast").rmdir()
