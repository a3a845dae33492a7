"""The browsable page in a real browser: 2,408 made-up images, opened from disk."""

import shutil
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from browse_data import cam, causes_of, manifest_row, result, write_page
from playwright.sync_api import expect

COUNT, PAGE, LAST = 2408, 24, 101  # 100 full pages and one of 8
EVIL_NOUN = "<script>window.hacked=1</script>"
EVIL_CLASS = '<img src=x onerror="window.hacked=2">'
NAMES = {f"n{number}": f"class {number}" for number in range(7)} | {"n7": EVIL_CLASS}
FIRST, SECOND = "first_model", "second-model@288"

ROWS = [
    manifest_row(
        f"p{number:04d}",
        [f"n{number % 8}"],
        EVIL_NOUN if number == 3 else f"thing_{number % 11}_(tool)",
        # The third reaches beyond the image, left and below.
        box=(-20, 25, 70, 40) if number == 2 else (25, 10, 50, 20),
    )
    for number in range(COUNT)
]


def said(row, number, every):
    """Return results that are correct for each ``every``-th image, unequally confident."""
    label = row["labels"][0]
    other = f"n{(number + 1) % 8}"
    probability = (number * 7919 % COUNT + 1) / (COUNT + 1)  # each image another
    rest = (1 - probability) / 10
    top = (label, other) if number % every == 0 else (other, label)
    further = [(f"n{(number + step) % 8}", rest / step) for step in (2, 3, 4)]
    return result(row, (top[0], probability), (top[1], rest), *further)


SAID = {
    FIRST: [said(row, number, 3) for number, row in enumerate(ROWS)],
    SECOND: [said(row, number, 5) for number, row in enumerate(ROWS)],
}
# The first image's map is hot in one corner, the second's nowhere; the others have none.
CAMS = {
    FIRST: [
        cam(ROWS[0], "n0", [8.0, 0.0, 0.0, 0.0]),
        cam(ROWS[1], "n1", [0.0, 0.0, 0.0, 0.0]),
        cam(ROWS[0], "n0", [0.0, 0.0, 0.0, 3.0], "predicted"),
    ]
}


# What explains failures of the first model: images 1, 2, 4, 5 are the first that it fails on.
CAUSES = [
    causes_of(FIRST, "p0001", "framing"),
    causes_of(FIRST, "p0002", "framing", "motion"),
    causes_of(FIRST, "p0004", "doubtful_label"),
    causes_of(FIRST, "p0005"),
]


def matching(model=FIRST, **wanted):
    """Count the made-up images that should pass."""
    tests = {
        "label": lambda one, label: label in one["labels"],
        "predicted": lambda one, guess: one["top"][0]["wnid"] == guess,
        "correct": lambda one, correct: one["correct_top1"] == correct,
        "at_least": lambda one, low: one["top"][0]["probability"] >= low,
        "at_most": lambda one, high: one["top"][0]["probability"] <= high,
        "noun": lambda one, noun: noun in one["noun"],
    }
    return sum(
        all(tests[name](one, value) for name, value in wanted.items()) for one in SAID[model]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of the page."""
    return write_page(
        tmp_path_factory.mktemp("browse"), ROWS, SAID, cams=CAMS, causes=CAUSES, class_names=NAMES
    )


@pytest.fixture
def opened(folder, browser):
    """Return the page, opened, and the files that it has asked for; it must not complain."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(unquote(request.url)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((folder / "index.html").as_uri())
    expect(page.locator(".card")).to_have_count(PAGE)
    yield SimpleNamespace(page=page, requests=requests, folder=folder)
    assert page.evaluate("window.hacked") is None
    assert complaints == []
    assert all(url.startswith(folder.as_uri()) for url in requests)
    page.close()


def control(page, name):
    return page.locator(f"#controls [name={name}]")


def images_of(opened):
    opened.page.wait_for_function("() => [...document.images].every((one) => one.complete)")
    return {url for url in opened.requests if "/images/" in url}


def has_matches(page, count):
    expect(page.locator("#summary")).to_contain_text(f"{count:,} of 2,408 images")
    expect(page.locator(".card")).to_have_count(min(count, PAGE))


def test_only_the_shown_images_are_loaded(opened):
    page = opened.page
    assert len(images_of(opened)) == PAGE
    assert not [url for url in opened.requests if "/cam-" in url or "model-01" in url]
    page.get_by_label("Last page").click()
    expect(page.locator(".card")).to_have_count(8)
    assert page.get_by_label("Page", exact=True).input_value() == str(LAST)
    last = [card.get_attribute("data-key") for card in page.locator(".card").all()]
    assert last == [f"p{number}" for number in range(2400, 2408)]
    assert len(images_of(opened)) == PAGE + 8
    assert page.locator(".card img").evaluate_all("all => all.every(i => i.naturalWidth === 40)")


def test_pages_turn_by_button_by_number_and_by_key(opened):
    page = opened.page
    number, first = page.get_by_label("Page", exact=True), page.locator(".card").first
    expect(page.get_by_label("Previous page")).to_be_disabled()
    page.get_by_label("Next page").click()
    expect(first).to_have_attribute("data-key", "p0024")
    page.locator("body").press("ArrowRight")
    expect(number).to_have_value("3")
    page.locator("body").press("ArrowLeft")
    expect(number).to_have_value("2")
    number.fill("100")
    number.press("Enter")
    expect(first).to_have_attribute("data-key", "p2376")
    number.fill("9999")
    number.press("Enter")
    expect(number).to_have_value(str(LAST))
    expect(page.get_by_label("Next page")).to_be_disabled()
    page.get_by_label("First page").click()
    expect(first).to_have_attribute("data-key", "p0000")


def test_keys_that_belong_to_a_control_turn_no_page(opened):
    page = opened.page
    page.locator("body").press("/")
    noun = control(page, "noun")
    expect(noun).to_be_focused()
    noun.press_sequentially("a/b")
    expect(noun).to_have_value("a/b")
    noun.fill("thing")
    noun.press("ArrowRight")
    expect(page.get_by_label("Page", exact=True)).to_have_value("1")
    noun.press("Escape")
    page.locator("body").press("ArrowRight")
    expect(page.get_by_label("Page", exact=True)).to_have_value("2")


def test_right_and_wrong(opened):
    verdict = control(opened.page, "verdict")
    has_matches(opened.page, COUNT)
    expect(opened.page.locator("#summary")).to_contain_text(
        "first_model has 803 of them correct (33.3 %)"
    )
    verdict.select_option("correct")
    has_matches(opened.page, matching(correct=True))
    assert opened.page.locator(".card .verdict").all_text_contents() == ["correct"] * PAGE
    verdict.select_option("incorrect")
    has_matches(opened.page, matching(correct=False))
    assert opened.page.locator(".card .verdict").all_text_contents() == ["incorrect"] * PAGE


def test_the_model_decides_what_is_right(opened):
    control(opened.page, "verdict").select_option("correct")
    control(opened.page, "model").select_option(SECOND)
    has_matches(opened.page, matching(SECOND, correct=True))
    assert matching(SECOND, correct=True) == 482


def test_models_are_compared(opened):
    page, others = opened.page, control(opened.page, "others")
    first, second = ([one["correct_top1"] for one in SAID[model]] for model in (FIRST, SECOND))
    others.select_option("all models incorrect")
    has_matches(page, sum(not (a or b) for a, b in zip(first, second, strict=True)))
    others.select_option("all models correct")
    has_matches(page, sum(a and b for a, b in zip(first, second, strict=True)))
    control(page, "verdict").select_option("correct")
    others.select_option(f"{SECOND} incorrect")
    has_matches(page, sum(a and not b for a, b in zip(first, second, strict=True)))
    expect(page.locator("#summary")).to_contain_text(
        f"2,408 images ({FIRST} correct, {SECOND} incorrect); {FIRST} has"
    )


def test_the_top_5_doubtful_senses_and_sizes_of_boxes_are_filters(opened):
    page = opened.page
    verdict = control(page, "verdict")
    verdict.select_option("correct in top 5")
    has_matches(page, sum(one["correct_top5"] for one in SAID[FIRST]))
    verdict.select_option("incorrect in top 5")
    expect(page.locator("#summary")).to_have_text(
        f"None of 2,408 images passes these filters ({FIRST} incorrect in top 5)."
    )
    page.get_by_role("button", name="Clear filters").click()
    control(page, "sense").select_option("in doubt")
    expect(page.locator("#summary")).to_contain_text("None of 2,408 images")
    control(page, "sense").select_option("not in doubt")
    has_matches(page, COUNT)
    # All boxes take up a fifth of the image but one, of which a fourth is inside.
    control(page, "smallest").fill("21")
    expect(page.locator("#summary")).to_contain_text(
        "1 of 2,408 images (sense not in doubt, box 21\N{EN DASH}100 % of the image)"
    )


def test_what_explains_failures_is_a_filter(opened):
    page = opened.page
    explained = control(page, "explained")
    for cause, count in (("framing", 2), ("a doubtful label", 1), ("motion", 1)):
        explained.select_option(cause)
        has_matches(page, count)
    expect(page.locator("#summary")).to_contain_text(
        f"2,408 images (incorrect, explained by motion); {FIRST} has 0 of them correct"
    )
    explained.select_option("none of these")
    failures = matching(correct=False)
    has_matches(page, failures - 3)
    # Failures of the other model were not examined.
    control(page, "model").select_option(SECOND)
    expect(page.locator("#summary")).to_contain_text("None of 2,408 images")


def test_a_page_without_attributions_has_no_filter_of_them(tmp_path, browser):
    folder = write_page(tmp_path, ROWS[:1], {FIRST: SAID[FIRST][:1]}, class_names=NAMES)
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    expect(page.locator(".card")).to_have_count(1)
    expect(control(page, "sense")).to_be_visible()
    expect(control(page, "explained")).to_be_hidden()
    page.close()


def test_classes_come_with_their_counts(opened):
    page = opened.page
    classes, predicted = control(page, "class"), control(page, "predicted")
    assert classes.locator("option[value=n2]").text_content() == "class 2 (301)"
    classes.select_option("n2")
    has_matches(page, matching(label="n2"))
    assert set(page.locator(".card .labels").all_text_contents()) == {"class 2"}
    told = predicted.locator("option[value=n3]").text_content()
    assert told == f"class 3 ({matching(label='n2', predicted='n3')})"
    predicted.select_option("n3")
    has_matches(page, matching(label="n2", predicted="n3"))
    # What nothing would pass is not offered.
    assert predicted.locator("option[value=n5]").get_attribute("hidden") is not None


def test_confidence(opened):
    page = opened.page
    low, high = control(page, "min"), control(page, "max")
    low.fill("90")
    has_matches(page, matching(at_least=0.9))
    high.fill("95.5")
    has_matches(page, matching(at_least=0.9, at_most=0.955))
    control(page, "verdict").select_option("incorrect")
    wrong = matching(at_least=0.9, at_most=0.955, correct=False)
    has_matches(page, wrong)
    assert 0 < wrong < COUNT
    low.fill("")
    has_matches(page, matching(at_most=0.955, correct=False))
    low.fill("99")
    expect(page.locator("#summary")).to_have_text(
        f"None of 2,408 images passes these filters ({FIRST} incorrect, "
        "confidence 99\N{EN DASH}95.5 %)."
    )
    expect(page.locator(".card")).to_have_count(0)
    page.get_by_role("button", name="Clear filters").click()
    has_matches(page, COUNT)
    expect(page.get_by_role("button", name="Clear filters")).to_be_hidden()


def test_the_histogram_tells_rights_and_wrongs(opened):
    last = opened.page.locator("#histogram .bin").last.get_attribute("title")
    right, wrong = (matching(at_least=0.95, correct=verdict) for verdict in (True, False))
    assert last == f"95\N{EN DASH}100 %: {right} correct, {wrong} incorrect"
    assert last in opened.page.locator("#histogram").get_attribute("aria-label")


def test_images_are_ordered_by_confidence(opened):
    page = opened.page
    ranked = sorted(SAID[FIRST], key=lambda one: -one["top"][0]["probability"])
    cards = page.locator(".card")
    control(page, "order").select_option("high")
    expect(cards.first).to_have_attribute("data-key", ranked[0]["image_id"])
    shown = cards.evaluate_all("all => all.map(card => card.dataset.key)")
    assert shown == [one["image_id"] for one in ranked[:PAGE]]
    control(page, "order").select_option("low")
    expect(cards.first).to_have_attribute("data-key", ranked[-1]["image_id"])


def test_nouns_are_searched_as_text(opened):
    page = opened.page
    noun = control(page, "noun")
    noun.fill("THING_7")
    has_matches(page, matching(noun="thing_7"))
    noun.fill("thing 10 (")
    has_matches(page, matching(noun="thing_10"))
    noun.fill("<SCRIPT")
    has_matches(page, 1)
    expect(page.locator(".card .noun")).to_have_text(EVIL_NOUN)


def test_text_of_the_data_stays_text(opened):
    page = opened.page
    expect(page.locator(".card .noun").nth(3)).to_have_text(EVIL_NOUN)
    expect(page.locator(".card .labels").nth(7)).to_have_text(EVIL_CLASS)
    assert EVIL_CLASS in control(page, "class").locator("option[value=n7]").text_content()
    for position in (3, 7):
        page.locator(".card .image").nth(position).click()
        expect(page.locator("dialog")).to_be_visible()
        told = page.locator("dialog").text_content()
        assert (EVIL_NOUN if position == 3 else EVIL_CLASS) in told
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_be_hidden()
    assert page.locator("img[onerror], .card script, dialog script").count() == 0
    assert page.locator("script").evaluate_all("all => all.every(one => one.src)")


def test_a_card_tells_the_first_three_predictions(opened):
    card = opened.page.locator(".card").nth(1)
    (one,) = (one for one in SAID[FIRST] if one["image_id"] == "p0001")
    names, shares = card.locator(".name"), card.locator(".share")
    # The second image is a class 1, taken for a class 2.
    assert names.all_text_contents() == ["class 2", "✓ class 1", "class 3"]
    probabilities = [guess["probability"] for guess in one["top"][:3]]
    assert shares.all_text_contents() == [f"{100 * p:.1f} %" for p in probabilities]
    fill, track = (card.locator(f".bar-{part}").first.bounding_box() for part in ("fill", "track"))
    assert fill["width"] / track["width"] == pytest.approx(probabilities[0], abs=0.02)


def within(inner, outer):
    """Return where a box lies in another, as fractions: x, y, width, height."""
    return (
        (inner["x"] - outer["x"]) / outer["width"],
        (inner["y"] - outer["y"]) / outer["height"],
        inner["width"] / outer["width"],
        inner["height"] / outer["height"],
    )


@pytest.mark.parametrize("where", [".card >> nth=0", "dialog"])
def test_overlays_lie_where_they_belong(opened, where):
    page = opened.page
    control(page, "crop").check()
    control(page, "cam").select_option("label")
    if where == "dialog":
        page.locator(".card .image").first.click()
        expect(page.locator("dialog")).to_be_visible()
    shown = page.locator(where)
    image = shown.locator("img").bounding_box()
    assert image["width"] / image["height"] == pytest.approx(4 / 3, abs=0.02)
    # 25, 10, 50, 20 in 100 x 50 pixels.
    box = within(shown.locator(".box").bounding_box(), image)
    assert box == pytest.approx((0.25, 0.2, 0.5, 0.4), abs=0.01)
    # 40 x 30 becomes 42 x 32, of which 24 x 24 from (9, 4) are seen.
    for overlay in (".crop", ".cam"):
        seen = within(shown.locator(overlay).bounding_box(), image)
        assert seen == pytest.approx((9 / 42, 4 / 32, 24 / 42, 24 / 32), abs=0.01)
    page.keyboard.press("Escape")
    control(page, "boxes").uncheck()
    expect(page.locator(".card .box")).to_have_count(0)


REDNESS = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const at = (x, y) => data[4 * (y * width + x) + 0];
  return [at(2, 2), at(width - 3, 2), at(2, height - 3), at(width - 3, height - 3)];
}"""


def test_maps_are_drawn_when_they_are_asked_for(opened):
    page = opened.page
    assert page.locator("canvas").count() == 0
    control(page, "cam").select_option("label")
    strengths = page.locator(".card .strength")
    expect(strengths.nth(0)).to_have_text("max 8")
    expect(strengths.nth(1)).to_have_text("zero everywhere")
    expect(strengths.nth(2)).to_have_text("no Grad-CAM map")
    corners, nothing = (page.locator("canvas").nth(i).evaluate(REDNESS) for i in (0, 1))
    assert corners[0] > 240
    assert max(corners[1:]) < 10
    assert nothing == [0, 0, 0, 0]
    # One chunk for the whole page.
    assert len({url for url in opened.requests if "/cam-" in url}) == 1
    control(page, "cam").select_option("predicted")
    expect(strengths.nth(0)).to_have_text("max 3")
    corners = page.locator("canvas").first.evaluate(REDNESS)
    assert corners[3] > 240
    assert max(corners[:3]) < 10
    control(page, "model").select_option(SECOND)
    expect(page.locator("#cam-note")).to_have_text("none of this model")
    expect(page.locator("canvas")).to_have_count(0)


def test_a_image_opens_with_all_that_is_known_of_it(opened):
    page, dialog = opened.page, opened.page.locator("dialog")
    page.locator(".card .image").nth(1).click()
    expect(dialog.locator("h2")).to_have_text("class 1")
    names, values = (dialog.locator(tag).all_text_contents() for tag in ("dt", "dd"))
    facts = dict(zip(names, values, strict=True))
    assert facts == {
        "correct classes": "class 1 [n1]",
        "noun": "thing_1_(tool)",
        "box / image": "20.0 %",
        "image_id": "p0001",
        "media": "clips/p0001.mp4",
        "frame": "24",
        "clip": "clip of p0001",
        "record": "record of p0001",
        "split": "train",
        "moment": "pre",
        "origin": "made-up",
    }
    assert dialog.locator("h3 button").all_text_contents() == [FIRST, SECOND]
    assert [one.locator("li").count() for one in dialog.locator(".model").all()] == [5, 5]
    expect(dialog.locator("#detail-note")).to_have_text("Dashed: what first_model sees.")
    dialog.get_by_role("button", name=SECOND).click()
    expect(dialog.locator("#detail-note")).to_contain_text("what second-model@288 sees; it has no")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator("h2")).to_have_text("class 2")
    # 50 of 100 pixels across and 25 of 50 down are in the image.
    expect(dialog.locator("dd").nth(names.index("box / image"))).to_have_text("25.0 %")
    dialog.get_by_label("Previous", exact=True).click()
    dialog.get_by_label("Previous", exact=True).click()
    expect(dialog.locator("h2")).to_have_text("class 0")
    expect(dialog.get_by_label("Previous", exact=True)).to_be_disabled()
    dialog.get_by_label("Close").click()
    expect(dialog).to_be_hidden()


def test_the_page_follows_the_opened_image(opened):
    page = opened.page
    page.locator(".card .image").last.click()
    page.get_by_label("Next", exact=True).click()
    expect(page.locator("#detail-facts")).to_contain_text("p0024")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Page", exact=True)).to_have_value("2")


def test_the_address_keeps_the_view(opened):
    page = opened.page
    control(page, "model").select_option(SECOND)
    control(page, "verdict").select_option("incorrect")
    control(page, "class").select_option("n7")
    control(page, "min").fill("12.5")
    control(page, "noun").fill("thing_1")
    control(page, "order").select_option("high")
    control(page, "boxes").uncheck()
    page.get_by_label("Next page").click()
    page.locator(".card .image").nth(4).click()
    expect(page.locator("dialog")).to_be_visible()

    def state():
        return {
            "summary": page.locator("#summary").text_content(),
            "cards": page.locator(".card").evaluate_all("all => all.map(c => c.dataset.key)"),
            "boxes": page.locator(".card .box").count(),
            "facts": page.locator("#detail-facts").text_content(),
            "page": page.get_by_label("Page", exact=True).input_value(),
            "noun": control(page, "noun").input_value(),
        }

    before, address = state(), page.url
    assert before["page"] == "2"
    assert before["boxes"] == 0
    page.reload()
    expect(page.locator("dialog")).to_be_visible()
    assert state() == before
    # A link from elsewhere, into a page that is open.
    page.evaluate("location.hash = ''")
    has_matches(page, COUNT)
    expect(page.locator("dialog")).to_be_hidden()
    page.evaluate("hash => { location.hash = hash }", address.partition("#")[2])
    expect(page.locator("dialog")).to_be_visible()
    assert state() == before


def test_an_address_of_another_page_is_no_harm(opened):
    page = opened.page
    wrong = "model=none&class=x&min=a&page=-3&open=gone&verdict=%3Cb"
    page.evaluate("hash => { location.hash = hash }", wrong)
    page.reload()
    has_matches(page, COUNT)
    expect(page.locator("dialog")).to_be_hidden()


UNNAMED = """() => [...document.querySelectorAll("input, select, button, img, dialog, [role=img]")]
  .filter(one => {
    const label = [...(one.labels ?? [])].map(label => label.textContent).join("");
    const by = document.getElementById(one.getAttribute("aria-labelledby"))?.textContent;
    const own = one.tagName === "BUTTON" ? one.textContent : "";
    const [told, alt] = ["aria-label", "alt"].map(name => one.getAttribute(name));
    return !(told || alt || label || by || own).trim();
  })
  .map(one => one.outerHTML)"""


def test_everything_has_a_name_for_those_who_do_not_see_it(opened):
    page = opened.page
    page.locator(".card .image").first.click()
    expect(page.locator("dialog")).to_be_visible()
    assert page.evaluate(UNNAMED) == []
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    assert page.locator("html").get_attribute("lang") == "en"
    # Nothing sticks out sideways, even on a telephone.
    page.keyboard.press("Escape")
    for width in (1200, 380):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_folder_that_is_not_whole_says_so(folder, browser, tmp_path):
    left_out = shutil.ignore_patterns("model-01.js", "p*.jpg")
    shutil.copytree(folder, tmp_path / "copy", ignore=left_out)
    page = browser.new_page()
    page.goto((tmp_path / "copy" / "index.html").as_uri())
    has_matches(page, COUNT)
    control(page, "model").select_option(SECOND)
    expect(page.locator("#summary")).to_have_text(
        "data/model-01.js cannot be read; keep the folder whole"
    )
    control(page, "model").select_option(FIRST)
    has_matches(page, COUNT)
    page.close()


def test_predictions_without_probabilities_are_shown_without(tmp_path, browser):
    folder = write_page(tmp_path, ROWS[:1], {FIRST: [result(ROWS[0], ("n0", None), ("n1", None))]})
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    shares = page.locator(".card .share")
    expect(shares.first).to_have_text("")
    expect(page.locator(".card .name").first).to_have_text("✓ class 0")
    titles = page.locator("#histogram .bin").evaluate_all("bins => bins.map((bin) => bin.title)")
    assert titles
    assert all(title.endswith(": 0 correct, 0 incorrect") for title in titles)
    page.close()
