"""Puts a data set into a folder, for machines without a network.

python -m estimator_mnist.data FOLDER
"""

if __name__ == "__main__":
    from estimator_mnist import import_path

    import_path.leave_out_working_directory()

import sys
from pathlib import Path

from estimator_mnist import errors, files
from estimator_mnist.commands import argument_parser
from estimator_mnist.data import addresses, datasets

_WHAT = """\
Puts the files of MNIST into a folder, for machines that have no network: those of
--data_dir, of a cache, or of a verified download. The program finds them there by
--data_dir=FOLDER.
"""
_EXAMPLES = (
    ("FOLDER", "MNIST, into FOLDER/mnist"),
    ("--dataset=fashion_mnist FOLDER", "Fashion-MNIST, beside it"),
)


def main(arguments: list[str] | None = None) -> int:
    """Writes the files; returns 0, or 1 after an error in one line."""
    options = _parser().parse_args(arguments)
    try:
        data = datasets.load(options.dataset, options.data_dir)
        target = options.folder / data.name
        if obstacle := files.obstacle(str(target)):
            raise errors.FolderError(
                f"FOLDER={options.folder}: {obstacle}: name another folder."
            )
        target.mkdir(parents=True, exist_ok=True)
        for file in datasets.FILES:
            _put(addresses.Address(data.name, file), data, target / f"{file}.gz")
    except (errors.UserError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    count = sum(len(split.labels) for split in (data.published_training(), data.test))
    print(f"{count} images of {data.name}: {target}")
    print(f"Train on them with --dataset={data.name} --data_dir={options.folder}")
    return 0


def _put(address: addresses.Address, data: datasets.DataSet, path: Path) -> None:
    """Writes a file, unless it is there already.

    Raises ForeignFileError where another one is in its place.
    """
    content = addresses.content(address, data)
    if not path.exists():
        files.write_bytes(str(path), content)
    elif path.read_bytes() != content:
        raise errors.ForeignFileError(
            f"{path} is another file; name an empty folder, or move it away."
        )


def _parser() -> argument_parser.ArgumentParser:
    parser = argument_parser.ArgumentParser(
        "estimator-mnist-data", "estimator_mnist.data", _WHAT, _EXAMPLES
    )
    parser.add_argument(
        "--dataset",
        choices=("mnist", "fashion_mnist"),
        default="mnist",
        help="which [mnist]",
    )
    parser.add_argument(
        "--data_dir",
        type=argument_parser.path,
        help="folder that has the files [a cache, a download]",
    )
    parser.add_argument("folder", type=argument_parser.path, metavar="FOLDER")
    return parser


if __name__ == "__main__":
    sys.exit(main())
