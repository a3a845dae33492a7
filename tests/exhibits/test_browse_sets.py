"""The browsable page of sets: anchors, neighbours, and images of several origins."""

import pytest
from browse_data import manifest_row, read_part, result, write_page
from playwright.sync_api import expect

from wildframe.core.errors import UserError

FRAMES = ("a10", "a12", "a14")
ROWS = [manifest_row(name, ["n1"]) | {"nouns": [], "boxes": []} for name in (*FRAMES, "b5", "b7")]
ROWS[3]["origin"] = ROWS[4]["origin"] = "elsewhere"
BY_ID = {row["image_id"]: row for row in ROWS}


def predicted(anchor, image, offset, *top, labels=("n1",)):
    """Return what a model made of a frame of a set."""
    made = result(BY_ID[image], *(top or (("n2", 0.5),)))
    made |= {"anchor_id": anchor, "offset": offset, "labels": [*labels], "noun": None}
    return made | {"kept_labels": [], "correct_top1": bool(top) and top[0][0] in labels}


RIGHT = ("n1", 0.75)
# The frame in the middle is a neighbour of both others, and of another class to one of them.
FIRST = [
    predicted("a10", "a10", 0, RIGHT),
    predicted("a10", "a12", 2),
    predicted("a14", "a14", 0, RIGHT),
    predicted("a14", "a12", -2, ("n2", 0.5), labels=("n2",)),
    # YTBB's class none has no wnid.
    predicted("b5", "b5", 0, ("n2", 0.5), (None, 0.25)),
    predicted("b5", "b7", 2, RIGHT),
]
# A detector that finds nothing on one frame.
NOTHING = {"top": [], "predicted": None, "confidence": None}
SECOND = [one | (NOTHING if one["image_id"] == "b5" else {}) for one in FIRST]


@pytest.fixture
def folder(tmp_path):
    return write_page(tmp_path, ROWS, {"first": FIRST, "second": SECOND})


@pytest.fixture
def page(folder, browser):
    """The page, opened; no script of it fails."""
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    failures = []
    opened.on("pageerror", lambda error: failures.append(str(error)))
    opened.goto((folder / "index.html").as_uri())
    expect(opened.locator(".card")).to_have_count(6)
    yield opened
    assert failures == []
    opened.close()


def keys(page):
    return page.locator(".card").evaluate_all("all => all.map((one) => one.dataset.key)")


def test_an_image_of_two_sets_stands_in_both_under_the_labels_of_each(folder):
    told = read_part(folder, "images")["images"]
    assert told["anchor_id"] == ["a10", "a10", "a14", "a14", "b5", "b5"]
    assert told["image_id"] == ["a10", "a12", "a12", "a14", "b5", "b7"]
    assert told["offset"] == [0, 2, -2, 0, 0, 2]
    assert [label != told["labels"][0] for label in told["labels"]] == [False] * 2 + [True] + [
        False
    ] * 3
    # Without nouns there are no words whose sense is in doubt.
    assert told["doubtful"] == [[]] * 6
    assert read_part(folder, "images")["models"][0]["correct"] == "101101"
    assert len(list((folder / "images").iterdir())) == 5


def test_single_images_are_of_no_set(tmp_path):
    rows = [manifest_row("a", ["n1"])]
    folder = write_page(tmp_path, rows, {"first": [result(rows[0], RIGHT)]})
    assert {"anchor_id", "offset"}.isdisjoint(read_part(folder, "images")["images"])


def test_an_anchor_without_a_row_of_the_manifest_is_named(tmp_path):
    lost = [predicted("a10", "a12", 2) | {"anchor_id": "gone"}]
    with pytest.raises(UserError, match="gone"):
        write_page(tmp_path, ROWS, {"first": lost})


def test_anchors_neighbours_and_lost_sets_are_filtered(page):
    frames = page.locator("[name=frames]")
    frames.select_option("anchor")
    assert keys(page) == ["a10/a10", "a14/a14", "b5/b5"]
    frames.select_option("neighbour")
    assert keys(page) == ["a10/a12", "a14/a12", "b5/b7"]
    frames.select_option("lost")
    assert keys(page) == ["a10/a10"]
    expect(page.locator("#summary")).to_contain_text("correct anchors with an incorrect neighbour")


def test_a_card_marks_the_frames_of_its_set_and_opens_them_as_a_strip(page):
    card = page.locator(".card").nth(2)
    marks = card.locator(".mark")
    assert [mark.get_attribute("title") for mark in marks.all()] == [
        "-2: correct",
        "anchor: correct",
    ]
    card.locator("button").click()
    strip = page.get_by_role("group", name="Frames of the set")
    expect(strip.locator("[aria-current]")).to_have_text("-2")
    strip.get_by_role("button", name="anchor").click()
    expect(strip.locator("[aria-current]")).to_have_text("anchor")
    expect(page.locator("#detail-facts")).to_contain_text("a14")
    assert "open=a14%2Fa14" in page.url


def test_an_image_without_a_prediction_is_shown_so(page):
    page.locator("[name=model]").select_option("second")
    expect(page.locator('[data-key="b5/b5"] .predictions')).to_have_text("no prediction")
    page.locator("[name=order]").select_option("high")
    assert keys(page)[-1] == "b5/b5"


def test_origins_are_filtered(page):
    page.locator("[name=origin]").select_option("elsewhere")
    assert keys(page) == ["b5/b5", "b5/b7"]
    expect(page.locator("[name=sense]")).to_be_hidden()


def test_an_image_that_is_left_out_keeps_its_place(folder, browser):
    (folder / "images/b5.jpg").unlink()
    opened = browser.new_page(viewport={"width": 400, "height": 800})
    opened.goto((folder / "index.html").as_uri())
    expect(opened.locator(".frame.absent")).to_have_count(1)
    sizes = opened.locator(".card .frame").evaluate_all("all => all.map((one) => one.clientHeight)")
    assert len(set(sizes)) == 1
    opened.close()
