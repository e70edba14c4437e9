"""A folder of output that may be the user's own: a list says what this program wrote.

Nothing else in it is ever overwritten or deleted, whatever it is called.
"""

import contextlib
import os
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from estimator_mnist import errors, files, json_files, temporary_files

LIST = ".estimator_mnist.json"
_CHUNK = 1 << 20
# Of a file that is being replaced both are known: a kill leaves one of them.
_VERSIONS = 2

Fingerprint = dict[str, int]  # "bytes" and "crc32" of a file


class OutputFolder:
    """Writes files into a folder, and knows again those that it has written.

    Attributes:
      path: of the folder, which is made with the first file.
    """

    def __init__(self, path: str, adopts: str | None = None):
        """Takes the folder as it is.

        Args:
          adopts: name of a file. Where it is there and the list is not, an earlier
            version of this program, which kept no list, has written what is asked for.
        """
        self.path = path
        main = adopts and os.path.join(path, adopts)
        self._adopts_all = bool(main and os.path.isfile(main)) and not os.path.lexists(
            os.path.join(path, LIST)
        )

    def path_of(self, name: str) -> str:
        """Returns the path of the file `name` in the folder."""
        return os.path.join(self.path, name)

    def is_ours(self, name: str) -> bool:
        """Returns whether `name` is there, and as this program has written it."""
        path = self.path_of(name)
        if os.path.islink(path) or not os.path.isfile(path):
            return False
        return self._adopts_all or fingerprint(path) in self._known().get(name, [])

    def check(self, names: Iterable[str]) -> None:
        """Checks that files of these names may be written.

        Raises:
          FolderError: no file can be written there.
          ForeignFileError: one is there that this program has not written.
        """
        if obstacle := files.obstacle(self.path):
            raise errors.FolderError(
                f"No output in {self.path}: {obstacle}: name another --output_dir."
            )
        for name in names:
            path = self.path_of(name)
            if os.path.lexists(path) and not self.is_ours(name):
                raise errors.ForeignFileError(
                    f"{path} is not as this program wrote it, and would be "
                    "overwritten: move it away, or name another --output_dir."
                )

    def move(self, source: str, name: str) -> None:
        """Moves a file on the same file system into the folder; see `replacing`."""
        self.check([name])
        with files.naming(self.path_of(name)):
            known = self._known()
            versions = [*known.get(name, []), fingerprint(source)][-_VERSIONS:]
            content = {"files": {**known, name: versions}}
            files.write_json(self.path_of(LIST), content)
            files.move(source, self.path_of(name))

    @contextlib.contextmanager
    def replacing(self, name: str) -> Iterator[str]:
        """Yields a temporary path; the file written there becomes `name`, or nothing.

        Raises:
          ForeignFileError: a file is there that this program has not written.
          DiskFullError: there is no room.
        """
        self.check([name])
        with self.temporary() as folder, files.naming(self.path_of(name)):
            temporary = os.path.join(folder, name)
            yield temporary
            self.move(temporary, name)

    def write_text(self, name: str, text: str) -> None:
        """Writes `text` in UTF-8; see `replacing`."""
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, content: bytes) -> None:
        """Writes `content`; see `replacing`."""
        with self.replacing(name) as temporary, open(temporary, "wb") as file:
            file.write(content)

    def names(self) -> list[str]:
        """Returns the names of the files that are there as this program wrote them.

        What an earlier version wrote, which kept no list, is not among them.
        """
        return [name for name in self._known() if self.is_ours(name)]

    def remove(self, name: str) -> None:
        """Removes the file `name` if this program has written it."""
        if self.is_ours(name):
            os.unlink(self.path_of(name))

    @contextlib.contextmanager
    def temporary(self, name: str = "output") -> Iterator[str]:
        """Yields a temporary folder within, and makes what is missing for it.

        What a killed process has left of its own is removed. After an error the folders
        that were made for it are removed, if empty.

        Args:
          name: what is made in it, to be seen in its own name.
        """
        made = files.missing_folders(self.path)
        try:
            with files.naming(self.path):
                os.makedirs(self.path, exist_ok=True)
                temporary_files.remove_abandoned(self.path)
                with temporary_files.folder(self.path, name) as inner:
                    yield inner
        except BaseException:
            with contextlib.suppress(OSError):
                for folder in made:
                    os.rmdir(folder)
            raise

    def _known(self) -> dict[str, list[Fingerprint]]:
        """Returns the list on disk, to which another process may have added."""
        try:
            content: Any = json_files.read(self.path_of(LIST))
            return {name: list(known) for name, known in content["files"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}


def fingerprint(path: str) -> Fingerprint:
    """Returns the size in bytes and the CRC-32 of the file at `path`."""
    size = checksum = 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
    return {"bytes": size, "crc32": checksum}
