"""What a person would see is wrong with a page, found by a script in the page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_OVERFLOW = """() => {
  const found = [];
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide > 1) found.push(`the page is ${wide} px wider than the screen`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const node = texts.currentNode, element = node.parentElement, text = node.textContent.trim();
    if (!text || !element.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    if (element.closest(".spoken, .scroll, .navigation, script, style, .u-axis, [aria-live]")) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const short = text.slice(0, 40);
    if (box.right > window.innerWidth + 1 || box.left < -1) found.push(`"${short}" leaves the screen`);
    const lines = new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size;
    if (lines > 2 && text.length / lines < 3) found.push(`"${short}" stands in ${lines} lines`);
    for (let box_of = element; box_of && box_of !== document.body; box_of = box_of.parentElement) {
      const style = getComputedStyle(box_of), outer = box_of.getBoundingClientRect();
      if (style.overflowX !== "visible" && style.overflowX !== "auto" && box.right > outer.right + 1) {
        found.push(`"${short}" is cut off`); break;
      }
      if (box_of.matches(".panel, button, td, th, .tile") && box.right > outer.right + 1) {
        found.push(`"${short}" leaves its box`); break;
      }
      if (style.overflowX === "auto") break;
    }
  }
  return [...new Set(found)];
}"""


def overflows(page: Page) -> list[str]:
    """Return texts that leave their place."""
    found: list[str] = page.evaluate(_OVERFLOW)
    return found


def axe_findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical, with the elements."""
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for found in violations
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]


_SIDEWAYS = """() => [...document.querySelectorAll(".scroll")]
  .filter((box) => box.checkVisibility() && box.querySelector("table") && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.getAttribute("aria-label") ?? box.id} is ${box.scrollWidth - box.clientWidth} px too wide`)"""


def sideways(page: Page) -> list[str]:
    """Return tables that have to be moved sideways to be read."""
    found: list[str] = page.evaluate(_SIDEWAYS)
    return found
