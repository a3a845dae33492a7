"""Ego4D's files, fetched with the publisher's own `ego4d` command; never without being asked.

What the command is like (1.7.3), and what is done about it: it is called once a data set, for a
call with several mixes up what it has; a uid that its manifest lacks ends a call before anything is
fetched; an object that is absent or forbidden is only logged, and the exit status stays 0; it takes
no list of uids for ``clips_540ss`` and would fetch all of it.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Collection, Sequence
from pathlib import Path

from wildframe.core.display import to_csv
from wildframe.core.errors import UserError
from wildframe.core.files import write_text
from wildframe.sources.ego4d import (
    RELEASE,
    Ego4dSource,
    annotated_media,
    require_annotations,
    require_split_files,
)

_WITHOUT_LISTS = "clips_540ss"

_NO_ACCESS = re.compile(
    r"\b40[13]\b|Forbidden|AccessDenied|ExpiredToken|InvalidAccessKeyId|SignatureDoesNotMatch|"
    r"[Cc]redentials|AWS profile"
)
_RENEW = (
    "; the publisher's access keys expire after 14 days: if that is it, ask for new ones and put "
    "them in place with `aws configure`"
)


def download(source: Ego4dSource, output: Path) -> str:
    """Fetch a source's annotations and annotated videos, as far as they are not there.

    Args:
        source: Which they are, and where they go.
        output: CSV file to write, one line a video: uid; status ``present``, ``not_in_manifest``
            (of the publisher's) or ``missing``; and file.

    Returns:
        What is there in the end, in one sentence.

    Raises:
        UserError: The command is not installed or fails, or no video is there in the end.
    """
    if source.media == _WITHOUT_LISTS:
        command = " ".join(_command(source, _WITHOUT_LISTS, "--benchmarks", "FHO", "-y"))
        raise UserError(
            f"{_WITHOUT_LISTS}: the publisher's command takes no list of these videos; "
            f"`{command}` fetches all that there are"
        )
    _fetch_annotations(source)
    files = {Path(name).stem: Path(source.root) / name for name in sorted(annotated_media(source))}
    if not files:
        raise UserError(f"{require_annotations(source)}: names no video; fetch the file again")
    absent = [uid for uid, file in files.items() if not is_mp4(file)]
    unknown, said = _fetch_media(source, absent) if absent else (set(), "")

    def status(uid: str) -> str:
        if is_mp4(files[uid]):
            return "present"
        return "not_in_manifest" if uid in unknown else "missing"

    rows = [(uid, status(uid), str(file)) for uid, file in files.items()]
    count = Counter(found for _, found, _ in rows)
    if not count["present"]:
        raise UserError(f"{_folder(source)}: none of {len(rows)} videos could be fetched{said}")
    write_text(output, to_csv(("uid", "status", "file"), rows))
    sentence = f"{count['present']} of {len(rows)} videos are in {_folder(source)}"
    if count["present"] == len(rows):
        return sentence
    return (
        f"{sentence}; not in the publisher's manifest: {count['not_in_manifest']}; "
        f"not fetched: {count['missing']}; {output} lists them"
    )


def _fetch_annotations(source: Ego4dSource) -> None:
    try:
        require_annotations(source)
        require_split_files(source)
    except UserError:
        _call(source, "annotations", "--benchmarks", "FHO")
        require_annotations(source)
        require_split_files(source)


def _fetch_media(source: Ego4dSource, uids: Sequence[str]) -> tuple[Collection[str], str]:
    """Fetch videos; return the uids that the publisher has not, and what the command said."""
    try:
        return (), _call_for(source, uids)
    except UserError as error:
        # Perhaps a uid is not in the manifest, which has been put down by then.
        known = _manifest(source)
        unknown = {uid for uid in uids if known and uid.lower() not in known}
        if not unknown:
            raise
        if len(unknown) == len(uids):
            return unknown, f"; {error}"
    return unknown, _call_for(source, [uid for uid in uids if uid not in unknown])


def _call_for(source: Ego4dSource, uids: Sequence[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "uids.txt"
        # The command refuses capitals.
        file.write_text("".join(f"{uid.lower()}\n" for uid in uids), encoding="utf-8")
        return _call(source, source.media, "--video_uid_file", str(file))


def _call(source: Ego4dSource, dataset: str, *options: str) -> str:
    """Run the command for one data set; return its last words, to be put after a sentence.

    Raises:
        UserError: It is not installed, or ended with another status than 0.
    """
    command = _command(source, dataset, *options, "-y")
    if shutil.which(command[0]) is None:
        raise UserError(
            "`ego4d`, the publisher's command, is not installed: `pip install ego4d`, put your "
            "access keys in place with `aws configure`, and run again"
        )
    print(" ".join(command), file=sys.stderr, flush=True)
    last: deque[str] = deque(maxlen=2)
    # Its prompts would wait for ever in a job.
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", file=sys.stderr, flush=True)
            if line.strip():
                last.append(line.strip()[:300])
    said = f"; its last words: {' / '.join(last)}" if last else ""
    if _NO_ACCESS.search(said):
        said += _RENEW
    if process.returncode:
        raise UserError(f"`ego4d` for {dataset} ended with status {process.returncode}{said}")
    return said


def _command(source: Ego4dSource, dataset: str, *options: str) -> list[str]:
    command = ["ego4d", "--output_directory", source.root, "--version", RELEASE[source.version]]
    if profile := os.environ.get("AWS_PROFILE"):
        command += ["--aws_profile_name", profile]
    return [*command, "--datasets", dataset, *options]


def _manifest(source: Ego4dSource) -> set[str]:
    """Return the uids of the manifest that the command has put beside the videos."""
    try:
        with (_folder(source) / "manifest.csv").open(encoding="utf-8", newline="") as file:
            # As the command reads it: the name of the column differs from data set to data set.
            return {
                row.get("file_uid") or row.get("video_uid") or "" for row in csv.DictReader(file)
            }
    except (OSError, UnicodeDecodeError, csv.Error):
        return set()


def _folder(source: Ego4dSource) -> Path:
    return Path(source.root) / source.version / source.media


def is_mp4(file: Path) -> bool:
    """Tell whether a file is there and begins as an MP4 does; an error saved as one does not."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(8)[4:] == b"ftyp"
