"""The page's text, before any browser opens it."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from pipeline.render import render_page

from .made_views import make_view


@pytest.fixture(scope="module")
def page(view) -> str:
    return render_page(view)


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


def test_what_the_first_picture_needs_stands_before_the_script_and_all_else_behind(page):
    script = page.index("<script>\n")
    before, behind = (
        re.findall(r'id="(atlas-[^"]+)"', part) for part in (page[:script], page[script:])
    )
    assert before == ["atlas-map", "atlas-points"]
    assert behind[:2] == ["atlas-preservation", "atlas-neighbors"]
    assert behind[-1] == "atlas-texts-0"


def test_a_title_with_a_template_mark_is_only_a_title():
    page = render_page(make_view(10, title="{{data}} & <b>"))
    assert "<h1>{{data}} &amp; &lt;b&gt;</h1>" in page
