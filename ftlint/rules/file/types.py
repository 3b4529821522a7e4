"""Rules on the type of a file: its first bytes and its name."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.inputs.paths import STDIN
from ftlint.inputs.probe import Probe
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_FOREIGN = {
    "git-lfs": "a Git LFS pointer (git-lfs), not the data; fetch them with: git lfs pull",
    "git-annex": "a git-annex pointer, not the data; fetch them with: git annex get",
    "gzip": "a gzip archive; unpack it with gunzip",
    "zip": "a zip archive or a spreadsheet; unpack it, or export it as JSON Lines",
    "zstandard": "a zstandard archive; unpack it with unzstd",
    "xz": "an xz archive; unpack it with unxz",
    "bzip2": "a bzip2 archive; unpack it with bunzip2",
    "7z": "a 7z archive; unpack it",
    "rar": "a RAR archive; unpack it",
    "lz4": "an lz4 archive; unpack it with unlz4",
    "tar": "a tar archive; unpack it with tar -xf",
    "office": "an old Office document; export the rows as JSON Lines",
    "rtf": "an RTF document; training data is JSON Lines",
    "parquet": "a Parquet file; convert it to JSON Lines",
    "arrow": "an Arrow file; convert it to JSON Lines",
    "avro": "an Avro file; convert it to JSON Lines",
    "orc": "an ORC file; convert it to JSON Lines",
    "hdf5": "an HDF5 file; convert it to JSON Lines",
    "sqlite": "an SQLite database; export the rows as JSON Lines",
    "pdf": "a PDF document; training data is JSON Lines",
    "image": "an image; training data is JSON Lines",
    "xml": "XML or HTML; training data is JSON Lines",
    "yaml": "YAML; training data is JSON Lines",
    "csv": "CSV; convert each row to a JSON object on a line of its own",
    "binary": "neither JSON nor UTF-8 text; training data is JSON Lines",
}


@rule("not-a-text-file", severity="error", on=Event.FILE, tags=["encoding"])
def not_a_text_file(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file is JSON Lines: plain text, not an archive, a table or a document.

    The kind is known by the first bytes (gzip `1F 8B`, zip `PK`, Parquet `PAR1`, SQLite, PDF), by
    text in which no line starts like JSON (CSV, XML, YAML), or by bytes that are no UTF-8 text and
    hold no JSON. A pointer that Git LFS or git-annex left in the place of the data is named too.
    This is an inference: no service names these files, all of them fail to parse. Compressed data
    whose name says so (`.gz`, `.zst`) are checked as what they hold, and reported by
    wrong-file-extension. No fix touches such a file.
    """
    if probe.kind in _FOREIGN:
        what, _, remedy = _FOREIGN[probe.kind].partition("; ")
        yield Hit(None, f"the file is {what}, expected JSON Lines", help=remedy)


@rule("wrong-file-extension", severity="warning", on=Event.FILE, tags=["encoding"],
      cases={"compressed": "warning"})  # fmt: skip
def wrong_file_extension(probe: Probe, options: Options) -> Iterator[Hit]:
    """The name of a file ends in `.jsonl`, and the file is not compressed.

    OpenAI's API description: "The Fine-tuning API only supports `.jsonl` files"; Together's
    client takes `.jsonl` and `.parquet` only. Azure's documents name no other extension either.
    A file that is named `.gz` or `.zst` and holds such data (`compressed`) is checked as what it
    decompresses to, and that is what has to be uploaded.
    """
    if probe.compression:
        message = f"the data are compressed ({probe.compression}), which the service does not take"
        yield Hit(None, message, help="upload the decompressed file", case="compressed")
    elif probe.path != STDIN and not probe.path.endswith(".jsonl"):
        name = probe.path.rpartition("/")[2]
        yield Hit(None, f"the file is named {show(name)}, expected a name that ends in .jsonl")
