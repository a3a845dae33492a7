"""Published accuracies, and the lines through them."""

import pytest

from wildframe.core.errors import UserError
from wildframe.studies.vid_robust.testbed import read_testbed

HEADER = (
    "model,model_type,val-on-vid-robust-classes,imagenet-vid-robust_pm0,imagenet-vid-robust_pm10,"
    "ytbb-robust_pm0,x\n"
)

# Three models of standard training, for a line.
ROWS = "a,STANDARD,95,50.0,25,1,\nh,STANDARD,96,60,40,1,\ni,STANDARD,97,70,55,1,\n"


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a file and reads it."""

    def read(text, targets="vid30"):
        path = tmp_path / "published.csv"
        path.write_text(text)
        return read_testbed(path, targets, resamples=10)

    return read


def test_published_accuracies_are_read(read):
    rows = [
        "b,MORE_DATA,98,70,60,1,",
        "c_aws,STANDARD,98,70,60,1,",
        "d-batch64,STANDARD,98,70,60,1,",
        "e_subsample,STANDARD,98,70,60,1,",
        "f,STANDARD,98,48.9,60,1,",
        "g,STANDARD,,,,1,",
    ]
    found = read(HEADER + ROWS + "\n".join(rows) + "\n").consistency
    assert [one.model for one in found.models if one.is_standard] == ["a", "h", "i"]
    assert [one.model for one in found.models[3:]] == [
        "b",
        "c_aws",
        "d-batch64",
        "e_subsample",
        "f",
    ]
    assert (found.models[0].before, found.models[0].after) == (0.5, 0.25)
    assert found.line.n == 3


def test_both_shifts_have_a_line_each(read):
    testbed = read(HEADER + ROWS + "low,STANDARD,91,80,70,1,\n")
    # The floor of either is of the accuracy before its shift.
    assert (testbed.consistency.line.n, testbed.data_set.line.n) == (4, 3)
    assert (testbed.data_set.models[0].before, testbed.data_set.models[0].after) == (0.95, 0.5)


def test_a_file_may_be_without_validation_images(read):
    testbed = read((HEADER + ROWS).replace("val-on-vid-robust-classes", "y"))
    assert testbed.data_set is None


def test_published_percentages_are_counts_again(read):
    # 749 and 582 of 1,109 anchors, to two and to five decimals.
    text = "a,STANDARD,98,67.54,52.48,1,\nb,STANDARD,98,67.53832,52.47971,1,\n"
    for model in read(HEADER + ROWS + text).consistency.models[3:]:
        assert (model.before, model.after) == (749 / 1109, 582 / 1109)


def test_torchvisions_weights_are_those_of_published_models(read):
    names = "resnet50,STANDARD,98,67,52,1,\ninceptionv3,STANDARD,97,67,52,1,\n"
    data_set = read(HEADER + ROWS + names).data_set
    assert data_set.before("resnet50.tv_in1k") == 0.98
    assert data_set.before("inception_v3.tv_in1k") == 0.97
    for other in ("resnet50", "resnet50.a1_in1k", "resnet50.tv_in1k+vid", "resnet18.tv_in1k"):
        assert data_set.before(other) is None


@pytest.mark.parametrize(
    ("text", "targets", "message"),
    [
        (HEADER, "ytbb24", "not model,model_type,.*ytbb-robust_pm10"),
        ("", "vid30", "line 1: the columns are '', not model,model_type"),
        (HEADER + "a,STANDARD,1,50,x,1,\n", "vid30", "line 2: 50 and x are not two percentages"),
        (HEADER + "a,STANDARD,1,101,5,1,\n", "vid30", "line 2: 101 and 5 are not two"),
        (HEADER + "a,STANDARD,1,nan,5,1,\n", "vid30", "line 2: nan and 5 are not two"),
        (
            HEADER + ROWS[: ROWS.index("i,")],
            "vid30",
            "three .* 49 in imagenet-vid-robust_pm0, and 2 are",
        ),
    ],
)
def test_files_that_publish_nothing_are_refused(read, text, targets, message):
    with pytest.raises(UserError, match=message):
        read(text, targets)


def test_a_file_that_is_absent_is_named(tmp_path):
    with pytest.raises(UserError, match=r"no\.csv: no such file; .* or correct its path"):
        read_testbed(tmp_path / "no.csv", "vid30")
