"""A store of answers of each test's own, and settings for a server of the test."""

from __future__ import annotations

import pytest

from pipeline.refine import AnswerStore
from pipeline.settings import RefineSettings


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def store(tmp_path):
    store = AnswerStore(tmp_path / "cache")
    yield store
    store.close()


@pytest.fixture
def settings_for():
    """Settings that name a server, quick to lose patience."""

    def make(server, **changed):
        given = {"url": server.url, "model": "toy", "timeout_s": 5.0, "attempts": 2}
        return RefineSettings(**{**given, **changed})

    return make
