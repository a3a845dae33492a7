"""The review page in a real browser, with the real server, which is killed in the middle."""

import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect
from review_data import BEAR, EVIL, ZEBRA, encoded, set_rows, write_dataset

from wildframe.core import schemas
from wildframe.core.errors import UserError
from wildframe.core.tables import read_table, write_rows
from wildframe.reviews.decisions import read_decisions

SETS = set_rows("a", [-4, -2, 2]) + set_rows("b", [-2, 2, 4])


@pytest.fixture
def paths(tmp_path):
    greys = {row["image_id"]: encoded(100 + 5 * row["offset"], (320, 240)) for row in SETS}
    return write_dataset(tmp_path, SETS, images=greys, names={ZEBRA: EVIL})


@pytest.fixture
def serve(paths):
    """Return a function that starts the server and returns its process and address."""
    started = []

    def start(*options):
        files = ["--sets", paths.sets, "--manifest", paths.manifest, "--classes", paths.classes]
        files += ["--statuses", paths.statuses, "--decisions", paths.decisions]
        command = [sys.executable, "-m", "wildframe", "reviews", "serve", *paths.shards, *files]
        options = ("--annotator", "anna", "--no-browser", *options)
        process = subprocess.Popen(
            [*map(str, command), *options], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        told = process.stdout.readline() + process.stdout.readline()
        port = re.search(r"http://127\.0\.0\.1:(\d+)/", told)[1]
        return SimpleNamespace(process=process, port=port, address=f"http://127.0.0.1:{port}/")

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def page(browser, serve):
    """Return a page that must not complain, nor run what the data says.

    It is closed before its server: an image that is half loaded would be a complaint.
    """
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert page.evaluate("window.hacked") is None
    page.close()
    # The browser tells of answers that the page tells, too, and what a killed server half sent.
    expected = re.compile(r"Failed to load resource: .*(ERR_EMPTY|ERR_CON\w+|status of 409)")
    assert [one for one in complaints if not expected.match(one)] == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def loaded(page):
    """Wait until both images are there."""
    images = "[...document.querySelectorAll('#stage img')]"
    page.wait_for_function(f"() => {images}.filter(one => one.naturalWidth).length === 2")


def has_left(page, count):
    expect(page.locator("#left")).to_contain_text(f"Pairs left: {count} of ")
    loaded(page)


def shown_pair(page):
    """Return the pair on the page, by the addresses of its images."""
    sources = page.locator("#stage img").evaluate_all("all => all.map(one => one.src)")
    return tuple(re.search(r"/images/([^?]+)", one)[1].replace("%2B", "+") for one in sources)


def ticks(page):
    return page.locator("#ticks input:checked").evaluate_all("all => all.map(one => one.name)")


def kept(paths, annotator="anna"):
    found, told = read_decisions([paths.decisions / f"{annotator}.csv"])
    assert told == []
    return {(number, pair): decision.tags for (number, _, pair), decision in found.items()}


def consensus(paths, wildframe):
    output = paths.sets.parent / "reviews.parquet"
    arguments = ["reviews", "consensus", "--sets", paths.sets, "--statuses", paths.statuses]
    arguments += ["--manifest", paths.manifest, "--review", "human"]
    arguments += ["--decisions", paths.decisions, "--output", output]
    try:
        wildframe(*arguments)
    except UserError as error:
        return str(error)
    return {
        row["image_id"]: row["reason"] for row in read_table(output, schemas.REVIEWS).to_pylist()
    }


def test_a_review_by_keyboard_survives_reloads_and_kills(page, serve, paths, wildframe):
    server = serve()
    page.goto(server.address)
    has_left(page, 6)
    expected = {}

    def decide(left, *keys, tags):
        expected[1, shown_pair(page)] = tags
        press(page, *keys, "Enter")
        has_left(page, left)

    decide(5, "m", tags=("correct", "similar"))
    decide(4, "q", "a", tags=("correct", "similar"))
    assert kept(paths) == expected
    page.reload()
    has_left(page, 4)
    decide(3, "q", "s", "v", tags=("correct", "dissimilar", "blur-increase"))
    # Killed without warning: what was submitted is on the disk, the page keeps what was ticked.
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    pair = shown_pair(page)
    press(page, "m", "Enter")
    expect(page.locator("#message")).to_contain_text("The server does not respond")
    assert ticks(page) == ["correct", "similar"]
    assert kept(paths) == expected
    # Half a line, as a kill in the middle of writing leaves it.
    with (paths.decisions / "anna.csv").open("a") as file:
        file.write("1,anna,a,a+")
    server = serve("--port", server.port)
    press(page, "Enter")
    has_left(page, 2)
    expected[1, pair] = ("correct", "similar")
    page.reload()
    has_left(page, 2)
    decide(1, "m", tags=("correct", "similar"))
    expected[1, shown_pair(page)] = ("dont know",)
    press(page, "r", "Enter")
    expect(page.locator("#message")).to_contain_text("All pairs are reviewed")
    assert kept(paths) == expected
    assert len(expected) == 6
    rejected = [pair for (_, pair), tags in expected.items() if tags != ("correct", "similar")]
    assert len(rejected) == 2

    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()

    # ---- Round 2: three reviewers, of whom two accept the first pair and one the second.
    assert "2 pairs by anna (for 2)" in consensus(paths, wildframe)
    for annotator, accepted in (("ben", 2), ("carl", 1), ("anna", 0)):
        page.goto(serve("--annotator", annotator, "--round", "2").address)
        has_left(page, 2)
        expect(page.locator("#earlier li")).to_contain_text("anna: ")
        for left in (1, 0):
            is_accepted = rejected.index(shown_pair(page)) < accepted
            press(page, *(["m"] if is_accepted else ["q", "s", "z"]), "Enter")
            expect(page.locator("#left")).to_contain_text(f"Pairs left: {left} of 2")
            loaded(page)
    reasons = consensus(paths, wildframe)
    assert reasons[rejected[1][1]] == "dissimilar;deformation"
    assert [reason for reason in reasons.values() if reason] == ["dissimilar;deformation"]
    assert len(reasons) == 8


def test_what_cannot_be_submitted(page, serve, paths):
    page.goto(serve().address)
    has_left(page, 6)
    message = page.locator("#message")
    press(page, "Enter")
    expect(message).to_have_text("Nothing is ticked: tick at least one label.")
    press(page, "a", "s", "Enter")
    expect(message).to_have_text("similar and dissimilar contradict each other: tick one of them.")
    press(page, "n", "q", "e", "Enter")
    expect(message).to_have_text("correct and incorrect contradict each other: tick one of them.")
    has_left(page, 6)
    assert kept(paths) == {}


def test_every_key(page, serve):
    page.goto(serve().address)
    has_left(page, 6)
    official = dict(zip("qwerasdfzxcvb", range(13), strict=True))
    names = "correct,problematic,incorrect,dont know,similar,dissimilar,,,deformation,"
    names = (names + "background-change,occlusion-increased,blur-increase,bad-anchor").split(",")
    for key, place in official.items():
        press(page, key)
        assert ticks(page) == ([names[place]] if names[place] else [])
        press(page, "n")
        assert ticks(page) == []
    press(page, "w", "m")
    assert ticks(page) == ["correct", "similar"]
    press(page, "Shift+S")
    assert ticks(page) == ["correct", "similar", "dissimilar"]
    # Ticks that were not submitted wait where they were made.
    first = shown_pair(page)
    press(page, "j")
    loaded(page)
    assert shown_pair(page) != first
    assert ticks(page) == []
    press(page, "k")
    loaded(page)
    assert shown_pair(page) == first
    assert ticks(page) == ["correct", "similar", "dissimilar"]
    names = page.locator("#anchor .names")
    expect(names).to_be_visible()
    press(page, "l")
    expect(names).to_be_hidden()
    press(page, "l")
    expect(names).to_be_visible()


def test_letters_in_notes_are_letters(page, serve, paths):
    page.goto(serve().address)
    has_left(page, 6)
    pair = shown_pair(page)
    press(page, "m", "/")
    expect(page.locator("#notes")).to_be_focused()
    page.keyboard.type('wow, "b" n <b>')
    assert ticks(page) == ["correct", "similar"]
    press(page, "Enter")
    has_left(page, 5)
    expect(page.locator("#notes")).to_have_value("")
    found, _ = read_decisions([paths.decisions / "anna.csv"])
    assert found[1, "anna", pair].notes == 'wow, "b" n <b>'
    # The keys are the page's again, and the note is still there.
    press(page, "k")
    for _ in range(6):
        if shown_pair(page) == pair:
            break
        press(page, "k")
    expect(page.locator("#notes")).to_have_value('wow, "b" n <b>')
    expect(page.locator("#message")).to_contain_text("You have reviewed this pair")


def test_both_in_one_place(page, serve):
    page.goto(serve().address)
    has_left(page, 6)
    anchor, candidate = (page.locator(f"#{side} img") for side in ("anchor", "candidate"))
    sizes = [one.bounding_box() for one in (anchor, candidate)]
    assert [sizes[0][side] for side in ("y", "width", "height")] == [
        sizes[1][side] for side in ("y", "width", "height")
    ]
    assert sizes[0]["width"] > 600
    assert sizes[0]["x"] < sizes[1]["x"]
    press(page, "Space")
    expect(anchor).to_be_visible()
    expect(candidate).to_be_hidden()
    place = anchor.bounding_box()
    press(page, "Space")
    expect(anchor).to_be_hidden()
    expect(candidate).to_be_visible()
    assert candidate.bounding_box() == place
    press(page, "Space")
    expect(anchor).to_be_visible()
    press(page, "Escape")
    expect(candidate).to_be_visible()
    # By mouse; the space bar is then still the page's.
    page.locator("label", has_text="dont know").click()
    assert ticks(page) == ["dont know"]
    candidate.click()
    expect(anchor).to_be_hidden()
    press(page, "Space")
    expect(anchor).to_be_visible()
    assert ticks(page) == ["dont know"]


def test_a_bad_anchor_ticks_its_other_pairs(page, serve, paths):
    page.goto(serve().address)
    has_left(page, 6)
    anchor = shown_pair(page)[0]
    press(page, "b", "Enter")
    has_left(page, 5)
    for left in range(4, -1, -1):
        assert ticks(page) == (["bad-anchor"] if shown_pair(page)[0] == anchor else [])
        press(page, *([] if ticks(page) else ["m"]), "Enter")
        expect(page.locator("#left")).to_contain_text(f"Pairs left: {left} of 6")
        loaded(page)
    tags = {pair: said for (_, pair), said in kept(paths).items()}
    assert {pair for pair, said in tags.items() if said == ("bad-anchor",)} == {
        pair for pair in tags if pair[0] == anchor
    }


def test_a_page_left_open_cannot_decide_for_another(page, serve, paths):
    server = serve()
    page.goto(server.address)
    has_left(page, 6)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    other = serve("--annotator", "ben", "--port", server.port)
    press(page, "m", "Enter")
    expect(page.locator("#message")).to_contain_text("Another review is served here now")
    assert kept(paths, "ben") == {}
    os.kill(other.process.pid, signal.SIGKILL)
    other.process.wait()
    # Nor for other labels than it shows.
    write_rows(paths.sets, schemas.SETS, [row | {"labels": [BEAR]} for row in SETS])
    serve("--port", server.port)
    press(page, "Enter")
    expect(page.locator("#message")).to_contain_text("has other labels or images now")
    assert kept(paths) == {}
    page.reload()
    has_left(page, 6)
    press(page, "m", "Enter")
    has_left(page, 5)


def test_images_that_were_made_anew_are_not_decided_on(page, serve, paths):
    server = serve()
    write_dataset(paths.sets.parent, SETS, names={ZEBRA: EVIL})
    page.goto(server.address)
    expect(page.locator("#message")).to_contain_text("start the review again")
    press(page, "m", "Enter")
    expect(page.locator("#message")).to_contain_text("An image cannot be shown")
    assert kept(paths) == {}


UNNAMED = """() => [...document.querySelectorAll("input, button, img, progress, form")]
  .filter(one => {
    const label = [...(one.labels ?? [])].map(label => label.textContent).join("");
    const own = one.tagName === "BUTTON" ? one.textContent : "";
    return !(one.getAttribute("aria-label") || one.alt || label || own).trim();
  })
  .map(one => one.outerHTML)"""


def test_everything_has_a_name_and_fits(page, serve):
    page.goto(serve().address)
    has_left(page, 6)
    expect(page.locator("#anchor .names")).to_have_text(EVIL)
    assert page.locator("img[onerror]").count() == 0
    assert page.evaluate(UNNAMED) == []
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    # All is in sight at once on a laptop.
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
    for width in (1366, 380):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
