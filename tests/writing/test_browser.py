"""The web page in Debian's Chromium: by keyboard, by touch, by mouse, on paper and without script.

Skipped where Playwright or Chromium is missing: pip install -e '.[browser]', apt install chromium.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calling import ROOT, rnncalc

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("AXE", "")  # the path of axe.min.js
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing")

SAMPLE = ("-c", str(ROOT / "sample_configs" / "two_classes.toml"))
NAMES = ("-c", str(ROOT / "sample_configs" / "names.toml"), "--generate", "4")
STACK = ("-c", str(ROOT / "sample_configs" / "both_directions.toml"))
BACK = ("grad", *SAMPLE, "--target", "1 0; 0 1; 1 0")
# a_1[1] = (0.2 0.8 + 0.8 0.3) - 0.2 = 0.2, of the weights of the sample
FIRST = "t = 1a[1] = (0.2 × 0.8 + 0.8 × 0.3) + (0.1 × 0 + 0.7 × 0 − 0.1 × 0) − 0.2 = 0.200"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Pages:
    """Opens pages, and fails if one of them has an error or asks for anything."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser, self.folder, self.contexts = browser, folder, list[Any]()

    def __call__(self, *arguments: str, **settings: Any) -> Any:
        file = self.folder / f"page{len(self.contexts)}.html"
        file.write_text(rnncalc(*arguments, "-f", "html").out, encoding="utf-8")
        self.contexts.append(self.browser.new_context(**settings))
        page = self.contexts[-1].new_page()
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text))
        page.on("request", lambda asked: self.wrong.append(asked.url))
        page.goto(file.as_uri())
        self.wrong = [each for each in self.wrong if each != file.as_uri()]
        return page


@pytest.fixture
def pages(browser: Any, tmp_path: Path) -> Iterator[Pages]:
    made = Pages(browser, tmp_path)
    yield made
    assert made.wrong == []
    for context in made.contexts:
        context.close()


def working(page: Any) -> str:
    panel = page.locator("#working")
    return str(panel.inner_text()) if panel.is_visible() else ""


def step(page: Any) -> str:
    assert page.locator(".step:visible").count() == 1
    return str(page.locator(".step:visible").get_attribute("data-t"))


def test_the_arrow_keys_go_through_the_steps(pages: Pages) -> None:
    page = pages("run", *SAMPLE)
    seen = [step(page)]
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        seen.append(step(page))

    assert seen == ["1", "2", "3", "3", "2"]
    assert page.locator("tr.now").get_attribute("data-t") == "2"
    assert page.locator("#go .at").inner_text() == "t = 2"


def test_the_tab_key_reaches_a_value_and_shows_its_working(pages: Pages) -> None:
    page = pages("run", *SAMPLE)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.v')"):
            break
    page.keyboard.press("ArrowDown")

    assert working(page) == FIRST
    page.keyboard.press("ArrowRight")  # the same value, one step later
    assert step(page) == "2"
    assert working(page).startswith("t = 2a[1] = (0.2 × 0.9 + 0.8 × 0.7)")
    page.keyboard.press("Escape")
    assert working(page) == ""


def test_in_the_table_the_arrow_keys_go_from_value_to_value(pages: Pages) -> None:
    page = pages("run", *SAMPLE)
    # x has two columns, a three: the first of h is the sixth
    page.locator("tr[data-t='1'] td").nth(5).click()
    assert working(page) == "t = 1h[0] = tanh(0.41) ≈ 0.388"
    page.keyboard.press("ArrowDown")
    assert working(page) == "t = 2h[0] = tanh(0.449) ≈ 0.421"
    assert step(page) == "2"
    page.keyboard.press("ArrowLeft")
    assert working(page).startswith("t = 2a[2] = ")
    page.keyboard.press("Home")
    assert working(page) == "t = 2x[0] = 0.9"
    assert page.locator("td[tabindex='0']").count() == 1


def test_a_tap_shows_the_working_on_a_telephone(pages: Pages) -> None:
    size = {"width": 390, "height": 844}
    page = pages("run", *SAMPLE, viewport=size, has_touch=True, is_mobile=True)
    page.locator(".step.now .vec[data-key='a'] .v").nth(1).tap()

    assert working(page) == FIRST
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#go .on").tap()
    assert step(page) == "2"
    box = page.locator("#go .on").bounding_box()
    assert box["height"] >= 40
    assert box["width"] >= 40


def test_the_name_of_a_file_is_no_wider_than_a_telephone(pages: Pages, tmp_path: Path) -> None:
    long = tmp_path / f"{'W' * 60}.toml"
    shutil.copy(NAMES[1], long)

    page = pages("run", "-c", str(long), *NAMES[2:], viewport={"width": 390, "height": 844})

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("arguments", [("run", *NAMES), ("run", *STACK), BACK, (*BACK, "--flow")])
def test_nothing_is_wider_than_a_telephone(pages: Pages, arguments: tuple[str, ...]) -> None:
    page = pages(*arguments, viewport={"width": 390, "height": 844}, is_mobile=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_pointing_shows_the_working_and_the_line_of_the_chart(pages: Pages) -> None:
    page = pages("run", *SAMPLE)
    page.locator("tr[data-t='2'] td").nth(6).hover()

    assert working(page) == "t = 2h[1] = tanh(0.745) ≈ 0.632"
    assert page.locator(".line.hot").get_attribute("data-key") == "h:1"
    assert step(page) == "1"  # nothing moves away below the pointer
    page.locator("h1").hover()
    assert working(page) == ""


def test_all_steps_can_be_shown_at_once(pages: Pages) -> None:
    page = pages("run", *SAMPLE)
    page.locator("#go .every").click()

    assert page.locator(".step:visible").count() == 3
    assert page.locator("#go .every").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize(
    ("arguments", "cell", "line"),
    [
        (
            ("run", *STACK),
            "[data-key='a_l0_reverse'] .v",
            "t = 1a_l0_reverse = 1 × 1 + 1 × 8 = 9.000",
        ),
        (BACK, "[data-key='do'] .v", "t = 3dL/do[0] = 0.613 − 1 ≈ −0.387"),
    ],
    ids=["stack", "gradients"],
)
def test_stacks_and_gradients_are_worked_too(
    pages: Pages, arguments: tuple[str, ...], cell: str, line: str
) -> None:
    page = pages(*arguments)
    page.locator(f".step.now {cell}").first.click()

    assert working(page) == line


def test_named_outputs_show_their_working(pages: Pages) -> None:
    page = pages("run", *NAMES)
    page.locator("col[data-key='y'][data-i='1']").wait_for(state="attached")
    page.locator("table.values").last.locator("tr[data-t='1'] td").first.click()

    assert working(page).startswith("t = 1y[.] = e^")


def test_without_script_everything_is_there(pages: Pages) -> None:
    page = pages("run", *SAMPLE, java_script_enabled=False)

    assert page.locator(".step:visible").count() == 3
    assert page.locator("#go:visible").count() == 0
    page.locator("summary").first.click()
    assert "[1] = (0.2 × 0.8 + 0.8 × 0.3)" in page.locator("pre").first.inner_text()


def test_on_paper_every_step_is_there_and_no_button(pages: Pages) -> None:
    page = pages("run", *SAMPLE, color_scheme="dark")
    page.emulate_media(media="print")

    assert page.locator(".step:visible").count() == 3
    assert page.locator("button:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_reader(pages: Pages, scheme: str) -> None:
    page = pages("run", *SAMPLE, color_scheme=scheme)

    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (color == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.skipif(not AXE, reason="AXE does not name axe.min.js")
@pytest.mark.parametrize(
    ("arguments", "scheme"),
    [
        (("run", *SAMPLE), "light"),
        (("run", *SAMPLE), "dark"),
        (("run", *NAMES), "light"),
        (BACK, "dark"),
    ],
)
def test_axe_finds_nothing(pages: Pages, arguments: tuple[str, ...], scheme: str) -> None:
    page = pages(*arguments, color_scheme=scheme, bypass_csp=True)
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    page.locator("tr[data-t] td").first.click()

    found = page.evaluate("axe.run()")["violations"]

    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
