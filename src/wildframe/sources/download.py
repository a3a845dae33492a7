"""Ego4D's files, fetched with the publisher's own `ego4d` command; only on request.

Properties of the command (1.7.3) that matter here: a call with several data sets confuses which
files are present, so it is called once per data set; a uid that its manifest lacks ends a call
before anything is fetched; an absent or forbidden object is only logged, with exit status 0; for
``clips_540ss`` it takes no list of uids and would fetch everything.
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
from wildframe.core.video.container import is_whole_mp4
from wildframe.sources.ego4d import RELEASE, Ego4dSource

_NO_ACCESS = re.compile(
    r"\b40[13]\b|Forbidden|AccessDenied|ExpiredToken|InvalidAccessKeyId|SignatureDoesNotMatch|"
    r"[Cc]redentials|AWS profile"
)
_RENEW = (
    "; the publisher's access keys expire after 14 days: if they have, request new ones and "
    "set them with `aws configure`"
)


def download(source: Ego4dSource, output: Path) -> str:
    """Fetch those of a source's annotations and annotated videos that are missing.

    Args:
        source: The source.
        output: CSV file to write, one line per video: uid; status ``present``, ``not_in_manifest``
            (of the publisher's) or ``missing``; and file.

    Returns:
        A summary in one sentence.

    Raises:
        UserError: The command is not installed or fails, or no video could be fetched.
    """
    try:
        source.input_files()
    except UserError:
        _call(source, "annotations", "--benchmarks", "FHO")
    files = {Path(name).stem: Path(source.root) / name for name in source.wanted_media()}
    if not files:
        raise UserError(f"{source.require_annotations()}: names no video; fetch the file again")
    absent = [uid for uid, file in files.items() if not is_whole_mp4(file)]
    unknown: Collection[str] = ()
    remark = by_hand = ""
    if absent and source.fetches_media:
        unknown, remark = _fetch_media(source, absent)
    elif absent:
        command = " ".join(_command(source, source.media, "--benchmarks", "FHO", "-y"))
        remark = by_hand = (
            f"; the publisher's command takes no list of them: `{command}` fetches all"
        )

    def status(uid: str) -> str:
        if is_whole_mp4(files[uid]):
            return "present"
        return "not_in_manifest" if uid in unknown else "missing"

    rows = [(uid, status(uid), str(file)) for uid, file in files.items()]
    count = Counter(found for _, found, _ in rows)
    if not count["present"]:
        raise UserError(
            f"{source.media_folder}: none of {len(rows)} videos could be fetched{remark}"
        )
    write_text(output, to_csv(("uid", "status", "file"), rows))
    sentence = f"{count['present']} of {len(rows)} videos are in {source.media_folder}"
    if count["present"] == len(rows):
        return sentence
    return (
        f"{sentence}; not in the publisher's manifest: {count['not_in_manifest']}; "
        f"not fetched: {count['missing']}; {output} lists them{by_hand}"
    )


def _fetch_media(source: Ego4dSource, uids: Sequence[str]) -> tuple[Collection[str], str]:
    """Fetch videos; return the uids that the manifest lacks, and the command's last output."""
    try:
        return (), _call_for(source, uids)
    except UserError as error:
        # A uid may not be in the manifest, which has been written by then.
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
    """Run the command for one data set; return its last output, as the end of a sentence.

    Raises:
        UserError: It is not installed, or ended with another status than 0.
    """
    command = _command(source, dataset, *options, "-y")
    if shutil.which(command[0]) is None:
        raise UserError(
            "`ego4d`, the publisher's command, is not installed: `pip install ego4d`, set "
            "your access keys with `aws configure`, and run again"
        )
    print(" ".join(command), file=sys.stderr, flush=True)
    last: deque[str] = deque(maxlen=2)
    # A prompt would wait forever in a job.
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
    output = f"; its last output: {' / '.join(last)}" if last else ""
    if _NO_ACCESS.search(output):
        output += _RENEW
    if process.returncode:
        raise UserError(f"`ego4d` for {dataset} ended with status {process.returncode}{output}")
    return output


def _command(source: Ego4dSource, dataset: str, *options: str) -> list[str]:
    command = ["ego4d", "--output_directory", source.root, "--version", RELEASE[source.version]]
    if profile := os.environ.get("AWS_PROFILE"):
        command += ["--aws_profile_name", profile]
    return [*command, "--datasets", dataset, *options]


def _manifest(source: Ego4dSource) -> set[str]:
    """Return the uids of the manifest that the command writes beside the videos."""
    try:
        with (source.media_folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
            # As in the command: the column's name depends on the data set.
            return {
                row.get("file_uid") or row.get("video_uid") or "" for row in csv.DictReader(file)
            }
    except (OSError, UnicodeDecodeError, csv.Error):
        return set()
