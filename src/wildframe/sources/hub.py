"""Data sets of the Hugging Face hub, fetched by its own client; only on request."""

from pathlib import Path
from textwrap import shorten

from wildframe.core.display import to_csv
from wildframe.core.errors import UserError
from wildframe.core.files import write_text
from wildframe.sources.folders import as_text


def download(repository: str, root: Path, output: Path) -> str:
    """Fetch those Parquet files of a data set that are missing.

    Args:
        repository: Data set, owner/name.
        root: Folder to fetch to.
        output: CSV file to write, one line per file: file and bytes.

    Returns:
        A summary in one sentence.

    Raises:
        UserError: The files cannot be fetched, or there is none.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # its client's base

    try:
        snapshot_download(
            repository, repo_type="dataset", local_dir=root, allow_patterns=["*.parquet"]
        )
    except (OSError, HTTPError, RuntimeError) as error:  # RuntimeError: of its transfer library
        raise UserError(
            f"{repository}: could not be fetched ({type(error).__name__}: "
            f"{shorten(str(error), 200)}); if the hub asks for consent, give it on the data set's "
            "page and set HF_TOKEN, or copy the files to the source's root"
        ) from error
    files = sorted(root.rglob("*.parquet"))
    if not files:
        raise UserError(f"{repository}: has no Parquet file; correct the source's repository")
    rows = [
        (as_text(path.relative_to(root).as_posix()), str(path.stat().st_size)) for path in files
    ]
    write_text(output, to_csv(("file", "bytes"), rows))
    return (
        f"{len(files)} files, {sum(int(size) for _, size in rows) / 2**30:.1f} GiB, are in {root}"
    )
