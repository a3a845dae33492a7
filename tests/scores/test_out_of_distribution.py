import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS, SEPARATIONS
from wildframe.core.tables import read_table, write_rows
from wildframe.scores.out_of_distribution import read_confidences, score_pairs, separation

LEVELS = st.lists(st.integers(0, 6), min_size=1, max_size=30)


def test_separation_by_hand():
    found = separation(np.array([0.1, 0.4]), np.array([0.3, 0.5]))
    # Three of four pairs are in order; found at precisions 1 and 2/3; one false alarm with both.
    assert found == {
        "auroc": 0.75,
        "aupr": pytest.approx((1 + 2 / 3) / 2),
        "fpr95": 0.5,
        "outside": 2,
        "inside": 2,
    }


def test_certain_and_blind():
    apart = separation(np.zeros(5), np.ones(7))
    assert (apart["auroc"], apart["aupr"], apart["fpr95"]) == (1, 1, 0)
    blind = separation(np.ones(5), np.ones(7))
    assert (blind["auroc"], blind["aupr"], blind["fpr95"]) == (0.5, 5 / 12, 1)


def test_nineteen_of_twenty_are_enough():
    outside = np.array([0.1] * 19 + [0.9])
    assert separation(outside, np.full(10, 0.5))["fpr95"] == 0


@given(LEVELS, LEVELS)
def test_auroc_is_the_share_of_pairs_in_order(outside, inside):
    a, b = np.array(outside, float), np.array(inside, float)
    pairs = (a[:, None] < b).mean() + (a[:, None] == b).mean() / 2
    assert separation(a, b)["auroc"] == pytest.approx(pairs)


@given(LEVELS, LEVELS)
def test_aupr_and_fpr95_are_those_of_their_definitions(outside, inside):
    a, b = np.array(outside, float), np.array(inside, float)
    found, before, area, alarms = separation(a, b), 0.0, 0.0, None
    for level in np.unique(np.concatenate([a, b])):
        recall = (a <= level).mean()
        precision = (a <= level).sum() / ((a <= level).sum() + (b <= level).sum())
        area, before = area + (recall - before) * precision, recall
        if alarms is None and recall >= 0.95:
            alarms = (b <= level).mean()
    assert found["aupr"] == pytest.approx(area)
    assert found["fpr95"] == pytest.approx(alarms)


WNIDS = ["n01440764", "n01443537", "n01484850"]
"""The first classes of ImageNet-1K."""

FILES = ("o", "in")
"""Outside and inside."""


@pytest.fixture
def datasets(tmp_path, manifest_row):
    """Predictions on two unknown images, and on three known ones, one of another class."""

    def write(name, images):
        manifest = [manifest_row(image, labels=[wnid]) for image, (wnid, _) in images.items()]
        write_rows(tmp_path / f"{name}.manifest.parquet", MANIFEST, manifest)
        rows = [
            {
                "image_id": image,
                "view_key": "",
                "top": [],
                "scores": [*logits, *[-50.0] * 996, 5.0],
            }
            for image, (_, logits) in images.items()
        ]
        facts = {"model": "m", "label_space": "in1k"}
        write_rows(tmp_path / f"{name}.parquet", PREDICTIONS, rows, facts=facts)

    write("o", {"x": (WNIDS[0], [0.0, 0.0, 9.0]), "y": (WNIDS[1], [2.0, 0.0, 9.0])})
    write(
        "in",
        {
            "p": (WNIDS[0], [1.0, 0.0, 0.0]),
            "q": (WNIDS[1], [0.0, 3.0, 0.0]),
            "other": (WNIDS[2], [0.0, 0.0, 9.0]),
        },
    )
    return tmp_path


def run(wildframe, folder, *options, inside="in"):
    files = ["--outside", folder / "o.parquet", "--outside-manifest", folder / "o.manifest.parquet"]
    files += ["--inside", folder / f"{inside}.parquet"]
    files += ["--inside-manifest", folder / "in.manifest.parquet"]
    said = wildframe("scores", "separation", *files, "--output", folder / "s.parquet", *options)
    return said.output, read_table(folder / "s.parquet", SEPARATIONS).to_pylist()


def test_the_subset_is_of_the_classes_that_unknown_images_are_listed_under(datasets, wildframe):
    said, (row,) = run(wildframe, datasets)
    assert "m: label space subset" in said
    # Without the third class: x 1/2 and y 0.88 outside, p 0.73 and q 0.95 inside.
    assert (row["classes"], row["outside"], row["inside"]) == (2, 2, 2)
    assert row["auroc"] == 0.75


def test_with_all_classes_confidence_is_another(datasets, wildframe):
    said, (row,) = run(wildframe, datasets, "--label-space", "full")
    assert "label space full" in said
    # The third class makes the model surer outside than the last, of logit 5, does inside.
    assert row["auroc"] == 0


def test_external_probabilities_are_confidences_as_they_are(datasets, wildframe):
    """The softmax of 0.02 and 0.01 would be less than that of 0.5 and 0.4."""
    facts = {"model": "m", "label_space": "in1k", "scores": "probabilities"}
    probabilities = {
        "o": {"x": [0.02, 0.01], "y": [0.01, 0.02]},
        "in": {"p": [0.5, 0.4], "q": [0.4, 0.5]},
    }
    for name, images in probabilities.items():
        rows = [
            {"image_id": image, "view_key": "", "top": [], "scores": scores}
            for image, of_image in images.items()
            for scores in [[*of_image, *[0.0] * 997, 1 - sum(of_image)]]
        ]
        write_rows(datasets / f"{name}.parquet", PREDICTIONS, rows, facts=facts)
    _, (row,) = run(wildframe, datasets)
    # Among the two classes 2/3 outside, and 5/9 inside.
    assert row["auroc"] == 0
    read = read_confidences(datasets / "o.parquet", {"x"}, set(WNIDS[:2]))
    assert read == pytest.approx({"x": 2 / 3})


@pytest.mark.parametrize(
    ("lacking", "kept", "problem"),
    [
        ("o", slice(1), r"o.parquet: image y has no prediction \(1 such\), but another model has"),
        ("in", slice(1, 3), r"in.parquet: image p has no prediction \(1 such\)"),
        # The third image inside is of none of the classes, and not read.
        ("in", slice(2), None),
    ],
)
def test_an_image_that_one_model_lacks_is_named(datasets, lacking, kept, problem):
    paths = {name: [datasets / f"{name}.parquet", datasets / f"n/{name}.parquet"] for name in FILES}
    for name, (all_of_m, of_n) in paths.items():
        rows = read_table(all_of_m, PREDICTIONS).to_pylist()[kept if name == lacking else slice(3)]
        write_rows(of_n, PREDICTIONS, rows, facts={"model": "n", "label_space": "in1k"})
    manifests = [datasets / f"{name}.manifest.parquet" for name in FILES]
    given = (paths["o"], manifests[0], paths["in"], manifests[1], "subset")
    if problem is None:
        assert [row["inside"] for row in score_pairs(*given)] == [2, 2]
        return
    with pytest.raises(UserError, match=problem):
        score_pairs(*given)


def test_predictions_on_several_crops_of_an_image_are_refused(datasets):
    rows = read_table(datasets / "o.parquet", PREDICTIONS).to_pylist()
    crops = [row | {"view_key": key} for row in rows for key in "ab"]
    facts = {"model": "m", "label_space": "in1k"}
    write_rows(datasets / "o.parquet", PREDICTIONS, crops, facts=facts)
    with pytest.raises(UserError, match=r"o.parquet: images have several predictions"):
        read_confidences(datasets / "o.parquet", {"x", "y"}, None)


def test_files_of_two_models_are_refused(datasets, wildframe):
    rows = read_table(datasets / "in.parquet", PREDICTIONS).to_pylist()
    write_rows(
        datasets / "n.parquet", PREDICTIONS, rows, facts={"model": "n", "label_space": "in1k"}
    )
    with pytest.raises(UserError, match="--outside is of m, --inside of n"):
        run(wildframe, datasets, inside="n")


def test_predictions_without_logits_are_refused(datasets, wildframe):
    rows = read_table(datasets / "in.parquet", PREDICTIONS).to_pylist()
    bare = [row | {"scores": None} for row in rows]
    write_rows(
        datasets / "in.parquet", PREDICTIONS, bare, facts={"model": "m", "label_space": "in1k"}
    )
    with pytest.raises(UserError, match="logits are not kept"):
        run(wildframe, datasets)
