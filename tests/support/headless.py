"""A page in headless Chromium: what it asks the network for, and how large its parts are.

seen, dom = browse(page_file)      # [] and "<!DOCTYPE html>..."
measured(dom)["width"]             # 390, where the file holds framed(page, width=390)
"""

from __future__ import annotations

import html
import json
import re
import shutil
import socketserver
import subprocess
import threading
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-sync",
]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-default-apps"]
FLAGS += ["--disable-features=NetworkTimeServiceQuerying", "--disable-field-trial-config"]
OF_THE_BROWSER = (
    "update.googleapis.com",
    "accounts.google.com",
    "clients2.google.com",
    "www.google.com",
)
"""Hosts that Chromium asks whatever page it shows."""
FOREIGN = '<img src="http://foreign.invalid/pixel.png" alt="">'
MEASURE = """<script>addEventListener("load", () => {
  const boxes = (name) => [...document.querySelectorAll(name)].map((one) => one.getBoundingClientRect());
  const seen = (name) => boxes(name).map((box) => [box.width, box.height]);
  const found = {width: innerWidth, page: document.documentElement.scrollWidth, tables: seen("table"),
    images: seen("figure img"), loaded: [...document.querySelectorAll("figure img")].map((one) => one.naturalWidth),
    boxes: seen(".scroll"), text: document.body.innerText, dark: matchMedia("(prefers-color-scheme: dark)").matches,
    paper: getComputedStyle(document.body).backgroundColor, ink: getComputedStyle(document.body).color};
  const out = document.createElement("pre"); out.id = "measured"; out.textContent = JSON.stringify(found);
  parent.document.body.append(out); });</script>"""


def framed(page: str, width: int) -> str:
    """Return a page without its policy in a frame of that width, which measures itself.

    A window has 500 or more.
    """
    inside = re.sub(r"<meta http-equiv=.*?>", "", page).replace("</body>", MEASURE + "</body>")
    size = f'width="{width}" height="1600" style="border:0"'
    return f'<body><iframe {size} srcdoc="{html.escape(inside)}"></iframe></body>'


def browse(page: Path, dark: bool = False) -> tuple[list[str], str]:
    """Return the requests of a page that reach the network, and its DOM when all is loaded."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Listener) as server:
        server.seen = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"--proxy-server=http://127.0.0.1:{server.server_address[1]}"
        mode = ["--blink-settings=preferredColorScheme=0"] if dark else []
        place = ["--window-size=1400,1600", f"--user-data-dir={page.parent / 'profile'}", *mode]
        command = [str(CHROMIUM), *FLAGS, proxy, *place, "--dump-dom", page.resolve().as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        server.shutdown()
        seen = [line for line in server.seen if not any(host in line for host in OF_THE_BROWSER)]  # type: ignore[attr-defined]
        return seen, done.stdout


def measured(dom: str) -> dict[str, Any]:
    found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    assert found, "the measuring script did not run"
    return dict(json.loads(html.unescape(found[1])))


class _Listener(socketserver.StreamRequestHandler):
    """A proxy that notes what it is asked for, and gives nothing."""

    def handle(self) -> None:
        line = self.rfile.readline().decode(errors="replace").strip()
        if line:
            self.server.seen.append(line)  # type: ignore[attr-defined]
        self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
