"""What is asked of every page of either host: by axe-core, by keyboard, at 200 % zoom, with reduced motion."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from playground.demo import Demo

SCRIPT = (Path(__file__).parent / "access.js").read_text("utf-8")
DESK = {"width": 1280, "height": 900}
ZOOMED = {"width": 640, "height": 450}  # what 200 % makes of it
MOST_STOPS = 200
KEYS = {
    "slider": ["ArrowRight"], "slider at its end": ["ArrowLeft"], "radio": ["ArrowRight", "Space"], "option": ["Space"],
    "switch": ["Space"], "number": ["ArrowUp"], "list": ["ArrowDown", "ArrowDown", "Enter"],
    "pad": ["Space", *["Shift+ArrowDown"] * 4, "Space"],
}  # fmt: skip
"""What changes a control of a kind."""


@dataclass(frozen=True)
class Host:
    """What one host's pages have in common."""

    main: str
    """selector of what is ours on a page"""
    settle: Callable
    """page -> waits until nothing is under way"""
    known: tuple[tuple[str, str], ...] = ()
    """rules of axe-core, and selectors of the host's own markup that breaks them"""
    unreached: tuple[str, ...] = ()
    """selectors of the host's own controls that no key comes to, that do not show the focus, or that show only under a pointer"""

    def findings(self, page) -> list[str]:
        """Return what axe-core finds serious or critical, with each tab open, light and dark, at full size and zoomed."""
        found = self._found(page, "body")
        for tab in page.get_by_role("tab").all()[1:]:
            tab.click()
            self.settle(page)
            found += self._found(page, "[role=tabpanel]")
        page.emulate_media(color_scheme="dark")
        self.settle(page)
        found += [f"dark: {each}" for each in self._found(page, "body", "color-contrast")]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(ZOOMED)
        self.settle(page)
        found += [f"zoomed: {each}" for each in self._found(page, "body", "scrollable-region-focusable")]
        page.set_viewport_size(DESK)
        self.settle(page)
        return found

    def _found(self, page, where: str, *rules: str) -> list[str]:
        asked = [list(self.known), where, list(rules) or None]
        return page.evaluate("([known, where, rules]) => access.findings(known, where, rules)", asked)

    def lost(self, page) -> list[str]:
        """Return what scrolls sideways at 200 % zoom, and which controls are covered or no longer there."""
        before = page.evaluate("main => access.names(main)", self.main)
        page.set_viewport_size(ZOOMED)
        self.settle(page)
        after = page.evaluate("main => access.names(main)", self.main)
        lost = [f"not there: {name}" for name in before if name not in after]
        for _ in range(3):  # the page may still be finding its new shape
            covered = page.evaluate("([main, known]) => access.covered(main, known)", [self.main, list(self.unreached)])
            if not covered:
                break
            self.settle(page)
        lost += covered
        page.set_viewport_size(DESK)
        self.settle(page)
        return lost

    def stops(self, page):
        """Press the Tab key until it is back where it began; give each stop."""
        page.evaluate("access.start()")
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            stop = page.evaluate("([main, known]) => access.stop(main, known)", [self.main, list(self.unreached)])
            if stop is None:
                return
            yield stop
        raise AssertionError(f"{MOST_STOPS} times Tab did not come round")

    def unreachable(self, page) -> list[str]:
        """Return which controls the keyboard does not come to, and where it cannot be seen."""
        wrong = [stop["wrong"] for stop in self.stops(page) if stop["wrong"]]
        return wrong + page.evaluate("known => access.missed(known)", list(self.unreached))

    def changed(self, page, demo: Demo) -> list[str]:
        """Change the first control and press Share, by keyboard alone; return the fields that the link sets to other than their defaults."""
        before, changed = page.url, False
        for stop in self.stops(page):
            if stop["kind"] and not changed:
                for key in KEYS[stop["kind"]]:
                    page.keyboard.press(key)
                self.settle(page)
                changed = True
            elif stop["name"].split()[-1:] == ["Share"]:
                page.keyboard.press("Enter")
                page.wait_for_url(lambda url: url != before)
                link, fields = dict(parse_qsl(urlsplit(page.url).query)), demo.fields()
                return [name for name in link.keys() & fields if link[name] != fields[name].write(fields[name].default)]
        raise AssertionError("no key comes to Share")
