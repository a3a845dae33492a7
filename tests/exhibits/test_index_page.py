"""The index of a run in a real browser, opened from disk, at a desk and on a phone."""

from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from index_data import EVIL, write_run
from playwright.sync_api import expect

DESK, PHONE = {"width": 1400, "height": 1000}, {"width": 375, "height": 800}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        return write_run(tmp_path_factory.mktemp("index"), monkeypatch)


@pytest.fixture
def opened(file, browser, request):
    """Return the page, opened as the test's parameters say; it must not complain."""
    options = getattr(request, "param", {})
    context = browser.new_context(**({"viewport": DESK} | options))
    page = context.new_page()
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(unquote(request.url)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    yield SimpleNamespace(page=page, requests=requests)
    assert page.evaluate("window.hacked") is None
    assert complaints == []
    # Nothing is asked of a network, and of the disk only what lies beside the page.
    assert all(url.startswith(file.parent.as_uri()) for url in requests)
    context.close()


def column(page, number, table="#paper-accuracy"):
    cells = page.locator(f"{table} tbody td:nth-child({number})")
    return [text.split(" [")[0] for text in cells.all_text_contents()]


def click_head(page, name):
    page.locator("#paper-accuracy").get_by_role("button", name=name, exact=True).click()


def test_numbers_are_sorted_as_numbers_and_what_says_none_is_last(opened):
    original = column(opened.page, 2)
    head = opened.page.locator("#paper-accuracy th").nth(1)
    click_head(opened.page, "Top-1 % [95 % CI]")
    assert column(opened.page, 2) == ["100.0", "31.5", "4.0", "not evaluated"]
    expect(head).to_have_attribute("aria-sort", "descending")
    click_head(opened.page, "Top-1 % [95 % CI]")
    assert column(opened.page, 2) == ["4.0", "31.5", "100.0", "not evaluated"]
    expect(head).to_have_attribute("aria-sort", "ascending")
    click_head(opened.page, "Top-1 % [95 % CI]")
    assert column(opened.page, 2) == original
    assert head.get_attribute("aria-sort") is None


def test_a_bound_comes_before_its_number_and_thousands_count(opened):
    click_head(opened.page, "p")
    click_head(opened.page, "p")
    assert column(opened.page, 3) == ["< 0.0001", "0.0001", "0.0004", "1.0000"]
    click_head(opened.page, "Images")
    assert column(opened.page, 5) == ["1,109", "600", "58", "7"]
    # One table is sorted by one column.
    assert opened.page.locator("#paper-accuracy [aria-sort]").count() == 1


def test_names_are_sorted_as_people_count(opened):
    click_head(opened.page, "Model")
    assert column(opened.page, 1) == ["alpha", "beta", "gamma9", "gamma10"]


def test_exhibits_are_filtered_by_words(opened):
    page = opened.page
    page.locator("body").press("/")
    field = page.get_by_label("Filter tables and figures by text")
    expect(field).to_be_focused()
    field.fill("GAMMA zero-shot")
    expect(page.locator("article:visible")).to_have_count(1)
    expect(page.locator("#contents li:visible")).to_have_count(1)
    expect(page.locator("#found")).to_have_text("1 of 7")
    expect(page.locator("#videos")).to_be_hidden()
    field.fill("robustness on two")
    assert page.locator("article:visible").evaluate_all("all => all.map(a => a.id)") == [
        "videos-two-robust"
    ]
    field.fill("no such words")
    expect(page.locator("#nothing")).to_be_visible()
    field.fill("")
    expect(page.locator("article:visible")).to_have_count(7)
    expect(page.locator("#found")).to_have_text("")
    expect(page.locator("#nothing")).to_be_hidden()


def test_the_contents_lead_to_an_exhibit_and_stay_in_sight(opened):
    page = opened.page
    page.locator("#contents").get_by_role("link", name="Fig. 10 a curve").click()
    expect(page.locator("#paper-curve")).to_be_in_viewport()
    expect(page.locator("#contents")).to_be_in_viewport()
    image = page.locator("#paper-curve img")
    expect(image).to_have_js_property("naturalWidth", 1375)
    asked = {url.rpartition("/")[2].partition("#")[0] for url in opened.requests}
    assert asked == {"index.html", "curve.png"}


@pytest.mark.parametrize("opened", [{"viewport": DESK}, {"viewport": PHONE}], indirect=True)
def test_the_page_never_scrolls_sideways_and_wide_tables_do(opened):
    page = opened.page
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    boxes = page.locator("article, article > *, aside, h2").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().right)"
    )
    assert max(boxes) <= width
    box = page.locator("#paper-hostile .scroll")
    assert box.evaluate("one => one.scrollWidth > one.clientWidth")
    box.evaluate("one => one.scrollTo(400, 0)")
    # What the row is about stays in sight.
    first = page.locator("#paper-hostile tbody td").first
    assert first.bounding_box()["x"] == pytest.approx(box.bounding_box()["x"], abs=2)
    assert first.bounding_box()["width"] < 0.6 * box.bounding_box()["width"]


@pytest.mark.parametrize("opened", [{"viewport": PHONE}], indirect=True)
def test_on_a_phone_the_contents_open_when_they_are_wanted(opened):
    page = opened.page
    nav = page.get_by_role("navigation", name="Contents")
    expect(nav).to_be_hidden()
    page.get_by_text("Contents", exact=True).click()
    expect(nav).to_be_visible()


CONTRASTS = """() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).map((value) => value / 255)
      .map((value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    const color = getComputedStyle(one).backgroundColor;
    return channels(color)[3] === 0 && one.parentElement ? behind(one.parentElement) : color;
  };
  const says = (one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((one) => says(one) && one.checkVisibility() && !one.closest("script"))
    .map((one) => {
      const [a, b] = [light(getComputedStyle(one).color), light(behind(one))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.textContent.slice(0, 40)];
    });
}"""


@pytest.mark.parametrize(
    "opened", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True
)
def test_text_is_readable_in_light_and_dark(opened):
    # WCAG 2.2, 1.4.3: at least 4.5 to 1.
    contrasts = opened.page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [told for told in contrasts if told[0] < 4.5] == []


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}], indirect=True)
def test_dark_is_dark_and_figures_stand_on_white(opened):
    color = "one => getComputedStyle(one).backgroundColor"
    assert opened.page.locator("body").evaluate(color) == "rgb(19, 21, 22)"
    assert opened.page.locator(".figure").evaluate(color) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("opened", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_everything_is_there(opened):
    expect(opened.page.locator("article:visible")).to_have_count(7)
    expect(opened.page.locator("#filter")).to_be_hidden()


def test_text_of_the_data_stays_text(opened):
    hostile = opened.page.locator("#paper-hostile")
    expect(hostile.locator("h4")).to_have_text(f"Hostile {EVIL}")
    assert hostile.locator("img, script, a:not([download])").count() == 0
