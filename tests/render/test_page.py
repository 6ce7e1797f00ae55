"""The page's text, before any browser opens it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib

import numpy as np
import pytest

from pipeline.papers import Paper
from pipeline.render import render_page
from pipeline.render.payload import PLAIN_LIMIT_BYTES, escape_json

from .made_views import make_view


@pytest.fixture(scope="module")
def page(view) -> str:
    return render_page(view)


def block(page: str, block_id: str) -> str:
    return re.search(rf'<script type="[^"]*" id="{block_id}">([^<]*)</script>', page).group(1)


def test_the_policy_names_the_hashes_of_what_is_inlined(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


def test_nothing_outside_the_file_is_named(page):
    own = page.replace("https://papers.example/", "").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://[a-z]", own)
    markup = re.sub(r"(?s)(<(script|style)[^>]*>).*?</", r"\1</", own)
    assert not re.search(r"\b(src|srcset|action|ping|background|style|on\w+)\s*=", markup)
    assert re.findall(r'<link[^>]*href="([^"]*)"', own) == ["data:,"]
    assert "@import" not in own
    assert "url(" not in own
    for call in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import(", "innerHTML"):
        assert call not in own


def test_coordinates_and_themes_survive_the_packing(view, page):
    fields = json.loads(block(page, "atlas-map"))
    x = np.frombuffer(base64.b64decode(fields["x"]), "<u2") / 65535
    y = np.frombuffer(base64.b64decode(fields["y"]), "<u2") / 65535
    extent = float(np.ptp(view.layout, axis=0).max())
    assert np.allclose(np.ptp(view.layout, axis=0) / extent, [np.ptp(x), np.ptp(y)], atol=1e-4)
    assert np.argmax(view.layout[:, 1]) == np.argmin(y)  # up on the map is up on the screen
    for layer, packed in enumerate(fields["themeOf"]):
        positions = np.frombuffer(base64.b64decode(packed), "<u2").astype(int)
        ids = [-1, *(t["id"] for t in fields["themes"])]
        assert [ids[p] for p in positions] == view.theme_ids[layer].tolist()


def test_large_texts_are_deflated_in_blocks():
    papers = tuple(
        Paper(id=str(i), title=f"T{i}", abstract="word " * (PLAIN_LIMIT_BYTES // 5000))
        for i in range(1200)
    )
    page = render_page(make_view(1200, papers=papers))
    assert len(page) < PLAIN_LIMIT_BYTES / 4
    second = json.loads(zlib.decompress(base64.b64decode(block(page, "atlas-abstracts-1"))))
    assert second == [p.abstract for p in papers[1000:]]


@pytest.mark.parametrize("text", ["</script>", "<!--", "&lt;", "\u2028\u2029", "\ud800", "\x00"])
def test_escaped_json_is_the_same_json(text):
    escaped = escape_json({"t": text})
    assert json.loads(escaped) == {"t": text}
    assert not re.search("[<>&\u2028\u2029\ud800\x00]", escaped)


def test_a_title_with_a_template_mark_is_only_a_title():
    page = render_page(make_view(10, title="{{data}} & <b>"))
    assert "<h1>{{data}} &amp; &lt;b&gt;</h1>" in page
