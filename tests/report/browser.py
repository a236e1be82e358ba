"""A page in a real browser: Chromium without a window, driven by selenium."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromedriver")
WIDTHS = (1280, 390)

# Canvases are inside of shadow roots, each of its own.
CANVASES = """
const found = [];
const walk = (root) => {
  for (const element of root.querySelectorAll("*")) {
    if (element.tagName === "CANVAS" && element.width > 20 && element.height > 20) found.push(element);
    if (element.shadowRoot) walk(element.shadowRoot);
  }
};
walk(arguments[0] ? document.getElementById(arguments[0]) : document);
return found.map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length && colours.size < 50; at += 4) {
    if (data[at + 3]) colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  }
  return colours.size;
});
"""


class Browser:
    """Actions of the tests on a page."""

    def __init__(self, driver: Any, downloads: Path) -> None:
        self.driver, self.downloads = driver, downloads

    def open(self, page: Path, *, width: int = 1280, height: int = 900) -> None:
        """Open a page and wait until its figures are drawn."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(page.as_uri())
        self.wait("return document.documentElement.dataset.ready === 'true'")
        time.sleep(0.3)

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, seconds: float = 30) -> Any:
        """Wait until a script gives something true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.run(script):
                return found
            time.sleep(0.05)
        raise AssertionError(f"in vain: {script}")

    def click(self, css: str) -> None:
        """Click an element, wherever it is on the page."""
        element = self.driver.find_element("css selector", css)
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def type(self, css: str, text: str) -> None:
        """Type into a field and leave it."""
        element = self.driver.find_element("css selector", css)
        element.clear()
        element.send_keys(text + "\t")

    def choose(self, css: str, value: str) -> None:
        """Choose from a list."""
        self.run(
            "const list = document.querySelector(arguments[0]); list.value = arguments[1];"
            "list.dispatchEvent(new Event('change'))",
            css,
            value,
        )

    def text(self, css: str) -> str:
        """Text of an element."""
        return self.run("return document.querySelector(arguments[0]).textContent", css)

    def model(self, name: str) -> dict[str, Any]:
        """Columns and selection of one of Bokeh's sources."""
        return self.run(
            "for (const document of Bokeh.documents) { const source = document.get_model_by_name(arguments[0]);"
            "if (source) return { data: Object.fromEntries(Object.entries(source.data).map(([key, column]) =>"
            "[key, Array.from(column)])), selected: Array.from(source.selected.indices) } }",
            name,
        )

    def rows(self) -> list[list[str]]:
        """Rows of the table of edges that are shown."""
        return self.run(
            "return Array.from(document.querySelectorAll('#edges tbody tr'), (row) =>"
            "Array.from(row.cells, (cell) => cell.textContent))"
        )

    def colours(self, element: str | None = None) -> list[int]:
        """Number of colours (up to 50) of each canvas below an element."""
        return self.run(CANVASES, element)

    def complaints(self) -> list[str]:
        """Errors and warnings in the console."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self) -> list[str]:
        """Everything that was asked for, but what the page itself holds."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("data:", "blob:"))]


@contextmanager
def browser(downloads: Path) -> Iterator[Browser]:
    """Start a browser, or skip the test where there is none."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} here (Debian: apt-get install chromium chromium-driver)")
    selenium = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = selenium.ChromeOptions()
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"):
        options.add_argument(option)
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    driver = selenium.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.set_page_load_timeout(60)
        yield Browser(driver, downloads)
    finally:
        driver.quit()
