"""Made-up videos and choices that tests of sets share."""

from wildframe.manifests.sets import SetChoices

# Of ImageNet VID: bird, dog, turtle; a hen and a box turtle are kinds of them; a cup is no target.
BIRD, DOG, TURTLE = "n01503061", "n02084071", "n01662784"
HEN, BOX_TURTLE, CUP = "n01514859", "n01669191", "n03147509"


def choices(**values):
    defaults = {
        "dataset": "d",
        "targets": "vid30",
        "label_source": "frame",
        "frames": 2,
        "seconds": None,
        "step": 1,
    }
    return SetChoices(**(defaults | values))


def video(name="v", **values):
    return {
        "video_id": name,
        "split": "val",
        "media": f"{name}.mp4",
        "media_kind": "video",
        "frames": 100,
        "rate": 30.0,
        "width": 64,
        "height": 48,
        "labels": [DOG],
        "problem": None,
    } | values


def box(frame, wnid, side=10.0, position=0, video_id="v"):
    return {
        "video_id": video_id,
        "frame": frame,
        "position": position,
        "wnid": wnid,
        "box": {"x": 1.0, "y": 2.0, "width": side, "height": side},
    }


def steps(parts):
    return [(row["record_id"], row["step"]) for part in parts for row in part.decisions]


def sets_of(parts):
    """Return offset, image and labels of each frame by anchor."""
    found = {}
    for part in parts:
        for row in part.sets:
            members = found.setdefault(row["anchor_id"], [])
            members.append((row["offset"], row["image_id"], row["labels"]))
    return found
