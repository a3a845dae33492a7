"""What ``wildframe doctor`` says of sources, and of videos that are not all there."""

import json

import pytest
import yaml

from wildframe.doctor import diagnose


@pytest.fixture(autouse=True)
def no_weights(monkeypatch):
    """Pass over the weights of models, which are unpacked to be looked at."""
    monkeypatch.setattr("wildframe.doctor.weights", lambda *_: [])


@pytest.fixture
def say(tmp_path, demo_config, write_scod, scod, monkeypatch, capsys):
    """Examine a compare_with_paper source of four clips; return the line about its videos."""
    shipped = demo_config
    shipped["sources"]["ego4d"] |= {"root": str(tmp_path / "root"), "compare_with_paper": True}
    config = tmp_path / "mine.yaml"
    clips = tmp_path / "root/v1/clips"
    clips.mkdir(parents=True)
    clips.with_name("annotations").mkdir()
    annotations = write_scod([scod.record(f"clip-{n}") for n in range(4)])
    annotations.rename(clips.with_name("annotations") / annotations.name)
    monkeypatch.chdir(tmp_path)

    def run(media="clips", **files):
        shipped["sources"]["ego4d"]["media"] = media
        config.write_text(yaml.safe_dump(shipped))
        for name, content in files.items():
            (clips / f"{name.replace('_', '-')}.mp4").write_bytes(content)
        diagnose([config])
        lines = capsys.readouterr().out.splitlines()
        (line,) = [line for line in lines if "source ego4d: " in line and " videos in " in line]
        return line.replace(str(tmp_path), "")

    return run


FETCH = "snakemake ego4d_download --forcerun sources_download --cores 1 --configfile /mine.yaml"
FUNNEL = "results/manifests/x.funnel.parquet"
LISTED = (
    f"(after `snakemake {FUNNEL} --cores 1 --configfile /mine.yaml`, `wildframe manifests show "
    f"{FUNNEL} --step bad_image` lists them)"
)
MP4 = b"\0\0\0\x0cftypisom\0\0\0\x08moov"


def test_missing_videos_are_named_with_a_command_that_fetches_them_again(say):
    assert say() == (
        "missing source ego4d: 0 of 4 videos in /root/v1/clips; "
        "missing: clip-0, clip-1, clip-2 ... "
        f"(`{FETCH}` fetches them)"
    )
    # What the download fetches again is missing here, too.
    assert say(clip_0=MP4, clip_1=b"", clip_2=MP4, clip_3=b"<Error>AccessDenied") == (
        "partly  source ego4d: 2 of 4 videos in /root/v1/clips; missing: clip-1, clip-3, "
        f"2 of them downloaded in part (`{FETCH}` fetches them)"
    )
    assert say(clip_1=MP4, clip_3=MP4) == "ok      source ego4d: 4 of 4 videos in /root/v1/clips"


def test_clips_that_only_the_publishers_command_fetches_come_with_what_prints_it(say, tmp_path):
    (tmp_path / "root/v1/clips").rename(tmp_path / "root/v1/clips_540ss")
    assert say("clips_540ss").endswith(f"(`{FETCH}` tells in its log what fetches them)")


@pytest.fixture
def say_of(tmp_path, demo_config, monkeypatch, capsys):
    """Examine one more source; return what is said of it."""
    shipped = demo_config
    monkeypatch.chdir(tmp_path)

    def run(used=True, **source):
        settings = {"root": str(tmp_path / "root"), "data_note": "a test"} | source
        config = tmp_path / "mine.yaml"
        is_published = "metadata" in source
        dataset = {"kind": "sets", "source": "x", "label_space": "coco80", "anchors": 1}
        dataset |= {"anchors": "published", "review": "human"} if is_published else {}
        shipped["sources"]["x"], shipped["datasets"]["x"] = settings, dataset
        # What no study uses need not be there.
        shipped["studies"]["vid_robust"]["datasets"] = ["x"] if used else ["demo-videos"]
        config.write_text(yaml.safe_dump(shipped))
        diagnose([config])
        lines = capsys.readouterr().out.replace(str(tmp_path), "").splitlines()
        return [line for line in lines if " source x: " in line]

    return run


def test_a_source_that_no_study_uses_is_passed_over(say_of):
    source = {"kind": "videos", "labels": "nowhere.csv"}
    assert len(say_of(**source)) == 1
    assert say_of(used=False, **source) == []


def test_of_a_folder_of_videos_the_labelled_ones_are_looked_for(say_of, tmp_path):
    (tmp_path / "root").mkdir()
    labels, boxes = tmp_path / "labels.csv", tmp_path / "boxes.csv"
    source = {"kind": "videos", "labels": str(labels)}
    assert say_of(**source) == [
        "missing source x: /labels.csv: no such file; write it with the columns "
        "video,labels[,split], or correct the source's labels"
    ]
    labels.write_text("video,labels\na.mp4,\nb.mkv,\n")
    boxes.write_text("video,frame,wnid,x,y,width,height\na.mp4,0,n03063599,1,1,20,20\n")
    (tmp_path / "root/b.mkv").touch()
    assert say_of(**source, boxes=str(boxes)) == [
        "ok      source x: /labels.csv and /boxes.csv",
        "partly  source x: 1 of 2 videos in /root; missing: a",
    ]
    boxes.write_text(boxes.read_text() + "nope.mp4,0,n03063599,1,1,20,20\n")
    assert say_of(**source, boxes=str(boxes)) == [
        "missing source x: /boxes.csv: line 3: video 'nope.mp4' is not in the file of labels; add "
        "it there, without labels if its boxes give them"
    ]


def test_of_a_folder_of_images_the_images_are_counted(say_of_images, tmp_path):
    assert say_of_images() == ["missing source x: /root: no such folder; correct the source's root"]
    (tmp_path / "root/n03063599").mkdir(parents=True)
    (tmp_path / "root/n03063599/a.png").touch()
    (tmp_path / "root/loose.png").touch()
    assert say_of_images() == [
        "partly  source x: 2 images, labelled by folder, 1 of them unusable, such as loose.png: it "
        f"is in no class folder; move it into the folder of its class {LISTED}",
        "ok      source x: 2 of 2 folders of images in /root",
    ]
    (tmp_path / "root/n03063599/a.png").rename(tmp_path / "root/a.png")
    assert say_of_images() == [
        "missing source x: /root: none of 2 images can be used; a.png: it is in no class folder; "
        "move it into the folder of its class"
    ]
    (tmp_path / "root/a.png").rename(tmp_path / "root/n03063599/a.png")
    labels = tmp_path / "labels.csv"
    labels.write_text("file,labels\nn03063599/a.png,n03063599\nfar/b.png,n03063599\n")
    assert say_of_images(labels=str(labels)) == [
        "partly  source x: 2 images, labelled by /labels.csv, 1 of them unusable, such as "
        "far/b.png: line 3: there is no file far/b.png below the source's root; add it or correct "
        f"the name {LISTED}",
        "partly  source x: 1 of 2 folders of images in /root; missing: far",
    ]


@pytest.fixture
def say_of_images(tmp_path, monkeypatch, capsys):
    """Examine a folder of images; return what is said of it."""
    monkeypatch.chdir(tmp_path)

    def run(**settings):
        source = {"kind": "images", "root": str(tmp_path / "root"), "data_note": "a test"}
        dataset = {"kind": "images", "source": "x", "label_space": "in1k"}
        study = {"in1k": "x", "models": ["squeezenet1_1"]}
        chosen = {
            "sources": {"x": source | settings},
            "datasets": {"x": dataset},
            "studies": {"ego4d": study},
        }
        config = tmp_path / "mine.yaml"
        config.write_text(yaml.safe_dump(chosen))
        diagnose([config])
        lines = capsys.readouterr().out.replace(str(tmp_path), "").splitlines()
        return [line for line in lines if " source x: " in line]

    return run


def test_of_clips_those_that_cannot_be_used_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root").mkdir()
    (tmp_path / "root/a.mp4").touch()
    clips, config = tmp_path / "clips.csv", tmp_path / "mine.yaml"
    clips.write_text("file,start,stop,split\na.mp4,0,1,train\na.mp4,2,1,train\na.mp4,1,2,dev\n")
    source = {"clips": str(clips), "root": str(tmp_path / "root")}
    mine = {"extends": ["demo_ego_exo"], "sources": {"sessions-third": source}}
    config.write_text(yaml.safe_dump(mine))
    diagnose([config])
    lines = capsys.readouterr().out.replace(str(tmp_path), "").splitlines()
    funnel = "results/manifests/demo-third.clips-funnel.parquet"
    assert [line for line in lines if " source sessions-third: " in line] == [
        "partly  source sessions-third: 3 clips of /clips.csv, 2 of them unusable, such as a.mp4: "
        "line 3: it stops at 1 s, which is not after its start at 2 s; correct its times (after "
        f"`snakemake {funnel} --cores 1 --configfile /mine.yaml`, `wildframe manifests show "
        f"{funnel} --step bad_clip` lists them)",
        "ok      source sessions-third: 1 of 1 videos in /root",
    ]


def test_of_a_vid_tree_the_folders_of_the_sets_are_looked_for(say_of, tmp_path):
    assert "Annotations/VID/val: no such folder; unpack" in say_of(kind="vid")[0]
    (tmp_path / "pmsets.json").write_text('{"val/c/000001.JPEG": []}')
    (tmp_path / "labels.json").write_text("{}")
    bare = {"kind": "vid", "annotated": False, "metadata": str(tmp_path)}
    assert say_of(**bare)[0] == "ok      source x: metadata in "
    for name in ("Annotations/VID/val/a", "Annotations/VID/val/b", "Data/VID/val/a"):
        (tmp_path / "root" / name).mkdir(parents=True)
    assert say_of(kind="vid") == [
        "ok      source x: annotations in /root/Annotations/VID/val",
        "partly  source x: 1 of 2 videos in /root/Data/VID; missing: b",
    ]
    (tmp_path / "labels.json").touch()
    (tmp_path / "pmsets.json").write_text(json.dumps({"val/c/01.JPEG": ["val/c/02.JPEG"]}))
    assert say_of(kind="vid", metadata=str(tmp_path)) == [
        "ok      source x: annotations in /root/Annotations/VID/val, metadata in ",
        "missing source x: 0 of 1 videos in /root/Data/VID; missing: c",
    ]


def test_of_ytbb_the_metadata_are_looked_for(say_of, tmp_path):
    (line,) = say_of(kind="ytbb", metadata=str(tmp_path))
    assert line.startswith("missing source x: /ytbb_robustness_test_anchors_full.csv: no such file")
    (tmp_path / "ytbb_robustness_test_anchors_full.csv").write_text("ytid,time_ms,label\nv,1,0\n")
    good = {"annotations": [{"key": "v_1/frame-1.jpg", "labels": [0]}]}
    names = {"labels": ["good", "bad", "unsure"]}
    (tmp_path / "anchor_labels.json").write_text(json.dumps(good | names))
    names["labels"] = ["similar", "dissimilar", "problematic", "incorrect", "dont know"]
    names["labels"] += ["deformation", "background-change", "occlusion-increased"]
    names["labels"] += ["blur-increase", "bad-anchor"]
    (tmp_path / "pmk_labels.json").write_text(json.dumps({"annotations": []} | names))
    (tmp_path / "root/ytbb_videos/v_1").mkdir(parents=True)
    assert say_of(kind="ytbb", metadata=str(tmp_path)) == [
        "ok      source x: metadata in ",
        "ok      source x: 1 of 1 videos in /root/ytbb_videos",
    ]
