"""What ``wildframe doctor`` says of videos that were not all fetched."""

import pytest
import yaml

from wildframe.doctor import examine


@pytest.fixture
def say(tmp_path, project, write_scod, scod, monkeypatch, capsys):
    """Examine a licensed source of four clips; return the line about its videos."""
    shipped = yaml.safe_load((project / "config.yaml").read_text())
    shipped["sources"]["ego4d"] |= {"root": str(tmp_path / "root"), "licensed": True}
    config = tmp_path / "mine.yaml"
    config.write_text(yaml.safe_dump(shipped))
    clips = tmp_path / "root/v1/clips"
    clips.mkdir(parents=True)
    clips.with_name("annotations").mkdir()
    annotations = write_scod([scod.record(f"clip-{n}") for n in range(4)])
    annotations.rename(clips.with_name("annotations") / annotations.name)
    monkeypatch.chdir(tmp_path)

    def run(**files):
        for name, content in files.items():
            (clips / f"{name.replace('_', '-')}.mp4").write_bytes(content)
        examine([config])
        lines = capsys.readouterr().out.splitlines()
        (line,) = [line for line in lines if " videos in " in line]
        return line.replace(str(tmp_path), "")

    return run


MP4 = b"\0\0\0\x1cftypisom"


def test_missing_videos_are_named_with_a_command_that_fetches_them_again(say):
    assert say() == (
        "missing source ego4d: 0 of 4 videos in /root/v1/clips; "
        "missing: clip-0, clip-1, clip-2 ... "
        "(`snakemake ego4d_download --forcerun sources_download` fetches them)"
    )
    # What the download fetches again is missing here, too.
    assert say(clip_0=MP4, clip_1=b"", clip_2=MP4, clip_3=b"<Error>AccessDenied") == (
        "partly  source ego4d: 2 of 4 videos in /root/v1/clips; missing: clip-1, clip-3 "
        "(`snakemake ego4d_download --forcerun sources_download` fetches them)"
    )
    assert say(clip_1=MP4, clip_3=MP4) == "ok      source ego4d: 4 of 4 videos in /root/v1/clips"
