"""The processor that a benchmark ran on: without it a figure says little."""

import json
import os
import pathlib
import platform
from typing import NamedTuple

# Instruction sets that change what a step takes.
FLAGS = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_tile", "amx_bf16")


class Processor(NamedTuple):
    """A processor by its name, number of cores, and which of FLAGS it has."""

    name: str
    cores: int
    flags: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}, {self.cores} cores, {' '.join(self.flags) or 'no AVX2'}"


def this(cpuinfo: str = "/proc/cpuinfo") -> Processor:
    """Returns this machine's, from Linux's description where there is one."""
    try:
        text = pathlib.Path(cpuinfo).read_text(encoding="utf-8")
    except OSError:
        text = ""
    fields = dict(
        [part.strip() for part in line.split(":", 1)]
        for line in text.split("\n\n", maxsplit=1)[0].splitlines()
        if ":" in line
    )
    present = fields.get("flags", "").split()
    name = fields.get("model name") or platform.processor() or platform.machine()
    flags = tuple(flag for flag in FLAGS if flag in present)
    return Processor(name, os.cpu_count() or 1, flags)


def write_json(path: str, results: object) -> None:
    """Writes what a benchmark found to `path`, with the processor that it ran on."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"processor": this()._asdict(), "results": results}, file, indent=2)
