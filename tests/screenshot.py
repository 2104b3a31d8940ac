"""Take the README's screenshot: ``make screenshot`` (needs Chromium)."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser import visit

if __name__ == "__main__":
    page_file, target = Path(sys.argv[1]), Path(sys.argv[2])
    with visit(page_file, viewport={"width": 1180, "height": 1000}) as seen:
        page = seen.page
        page.select_option("#figure", "deviation_figure")
        page.select_option("#policy", "2")
        page.select_option("#other", "0")
        page.wait_for_function("() => document.getElementById('map').dataset.shown.includes('minus')")
        top = page.locator("#map-section").bounding_box()
        end = page.locator("#map-section .map-and-extremes").bounding_box()
        clip = {
            "x": 12,
            "y": top["y"] + 10,
            "width": 980,
            "height": end["y"] + end["height"] - top["y"],
        }
        page.screenshot(path=str(target), full_page=True, clip=clip)
