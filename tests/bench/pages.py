"""The screens in Chromium: how much comes first, how soon a count is seen, what a day of updates leaves behind."""

from __future__ import annotations

import importlib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from targets import Target

from gatewatch.monitor.web.stream_hub import Pace

KIB = 1_024
MIB = KIB * KIB
UPDATES = 86_400
BATCH = 400
_REDRAW = """async (address) => {
  const { TimeChart } = await import(address);
  const charts = [], times = Array.from({ length: 1440 }, (_n, i) => 1768410000 + 60 * i);
  for (let n = 0; n < 8; n += 1) {
    const root = document.querySelector("figure.chart").cloneNode(true);
    root.querySelector(".plot").replaceChildren();
    document.querySelector("main").append(root);
    charts.push(new TimeChart(root, { series: [1, 2, 3].map((k) => ({ label: `${k}`, colour: `--series-${k}` })) }));
  }
  const took = [];
  for (let round = 0; round < 15; round += 1) {
    const data = [times, ...[1, 2, 3].map((k) => times.map((at) => 100 * k + 40 * Math.sin(at / 5000 + k + round)))];
    await new Promise(requestAnimationFrame);
    const begun = performance.now();
    for (const chart of charts) chart.show(data, { now: times[1000] });
    await new Promise((done) => queueMicrotask(() => queueMicrotask(done)));
    took.push(performance.now() - begun);
  }
  return took.slice(3);
}"""
_UPDATES = """async ([address, text, first, n]) => {
  const { hear } = await import(address);
  const live = JSON.parse(text);
  for (let k = first; k < first + n; k += 1) {
    for (const flow of live.flows) flow.backlog.value = 100 + (k % 900);
    hear({ kind: "live", data: JSON.stringify(live) });
  }
  await new Promise(requestAnimationFrame);
}"""


def measure(folder: str, *, is_quick: bool) -> list[Target]:
    """Print what was measured and return the targets of the screens; nothing without a browser."""
    people, sites = (_of_tests(f"tests.dashboards.{name}") for name in ("people", "sites"))
    if not people.CHROMIUM.exists():
        print("\nthe screens: no Chromium here; on Debian: sudo apt-get install chromium")
        return []
    from playwright.sync_api import sync_playwright

    print("\nthe screens, in Chromium")
    with tempfile.TemporaryDirectory(dir=folder) as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(people.CHROMIUM), args=[*people.LAUNCH, "--enable-precise-memory-info"]
        )
        site = sites.LiveSite(Path(home), Pace(), is_running=True)
        try:
            return [
                *_first_load(people.Person(browser, site, role="operator")),
                _seen(people.Person(browser, site, role="viewer"), site),
                _redraw(people.Person(browser, site, role="viewer")),
                _heap(people.Person(browser, site, role="viewer"), UPDATES // (10 if is_quick else 1)),
                _frozen(people.Person(browser, site, role="viewer"), site),
            ]
        finally:
            browser.close()
            site.close()


def _of_tests(name: str) -> Any:
    """Return a module of the tests, which are no installed package."""
    package = ModuleType("tests")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules.setdefault("tests.bench", package)
    sys.modules["tests"] = package
    return importlib.import_module(name)


def _first_load(person: Any) -> list[Target]:
    """Load the overview cold and add up what came over the wire."""
    sizes: dict[str, int] = {}

    def note(request: Any) -> None:
        if "/v1/" not in request.url:
            sizes[request.url] = request.sizes()["responseBodySize"]

    person.page.on("requestfinished", note)
    page = person.go("/")
    page.wait_for_timeout(1_500)
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null")
    person.context.close()
    scripts = sum(size for url, size in sizes.items() if url.endswith(".js"))
    whole = sum(sizes.values())
    print(f"  S1, first load, packed: {whole / KIB:.0f} KiB in {len(sizes)} files, scripts {scripts / KIB:.0f} KiB")
    return [
        Target("S1 first load, packed", "at most 180 KB", f"{whole / KIB:.0f} KiB", whole <= 180 * KIB),
        Target("of it scripts", "at most 60 KB", f"{scripts / KIB:.0f} KiB", scripts <= 60 * KIB),
        Target("S1 first contentful paint", "at most 800 ms", _ms(painted), painted is not None and painted <= 800),
    ]


def _seen(person: Any, site: Any) -> Target:
    """Count by hand again and again, and wait until the overview shows it."""
    page = person.go("/")
    value = page.locator("#gate-coc_nam section").nth(1).locator(".backlog .value")
    page.wait_for_selector("html[data-stream=open]")
    csrf_cookie = site.session("operator")
    took = []
    with httpx.Client(base_url=site.url, cookies=csrf_cookie, trust_env=False, timeout=60) as client:
        csrf = client.get("/v1/session").json()["csrf_token"]
        for n in range(20):
            body = {"gate": "coc_nam", "direction": "import", "what": "backlog", "value": 30 + n}
            client.post("/v1/hand-counts", json=body, headers={"x-csrf-token": csrf}).raise_for_status()
            begun = time.monotonic()
            page.wait_for_function(
                "([e, n]) => Math.abs(Number(e.textContent) - n) < 0.5", arg=[value.element_handle(), 30 + n]
            )
            took.append(time.monotonic() - begun)
    person.context.close()
    p95 = statistics.quantiles(took, n=20)[-1]
    print(f"  accepted to seen: median {statistics.median(took):.2f} s, p95 {p95:.2f} s")
    return Target("count accepted to pixel changed, p95", "at most 2 s", f"{p95:.2f} s", p95 <= 2)


def _redraw(person: Any) -> Target:
    page = person.go("/g/huu_nghi")
    page.wait_for_selector("#chart-curve canvas")
    address = page.evaluate(
        "document.querySelector('script[src*=\"pages/gate.js\"]').src.replace('pages/gate', 'charts/time_chart')"
    )
    took = statistics.median(page.evaluate(_REDRAW, address))
    person.context.close()
    print(f"  eight charts of 3 × 1,440 points redrawn: median {took:.0f} ms")
    return Target("redraw of eight charts", "at most 50 ms", f"{took:.0f} ms", took <= 50)


def _heap(person: Any, updates: int) -> Target:
    """Let so many snapshots come, each different, and see what memory stays."""
    page = person.go("/")
    page.wait_for_selector("#chart-huu_nghi canvas")
    devtools = person.context.new_cdp_session(page)
    address = page.evaluate(
        "document.querySelector('script[src*=\"shared/shell.js\"]').src.replace('shell.js', 'stream.js')"
    )
    text = page.locator("#live").text_content()
    page.evaluate(_UPDATES, [address, text, 0, BATCH])  # what is made once is made
    before = _used(devtools)
    for first in range(0, updates, BATCH):
        page.evaluate(_UPDATES, [address, text, first, BATCH])
    grown = (_used(devtools) - before) / MIB
    person.context.close()
    print(f"  heap after {updates:,} updates: {grown:+.1f} MiB")
    return Target(f"heap growth over {updates:,} updates", "at most 10 MB", f"{grown:+.1f} MiB", grown <= 10)


def _used(devtools: Any) -> float:
    devtools.send("HeapProfiler.collectGarbage")
    used: float = devtools.send("Runtime.getHeapUsage")["usedSize"]
    return used


def _frozen(person: Any, site: Any) -> Target:
    """Take the service away and wait for the banner."""
    page = person.go("/")
    page.wait_for_selector("html[data-stream=open]")
    begun = time.monotonic()
    site.stop()
    page.wait_for_selector("#frozen:not([hidden])")
    took = time.monotonic() - begun
    site.start()
    page.wait_for_selector("#frozen", state="hidden")
    person.context.close()
    print(f"  service gone to banner: {took:.1f} s")
    return Target("a frozen screen looks frozen", "within 12 s", f"{took:.1f} s", took <= 12)


def _ms(value: float | None) -> str:
    return "not told" if value is None else f"{value:.0f} ms"
