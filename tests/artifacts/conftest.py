"""Waiting for the disk is left out where no power cut is meant."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    # Syncing made up four fifths of the time of these tests. The processes that test_crashes.py
    # kills wait for the disk as usual.
    monkeypatch.setattr(os, "fsync", lambda _: None)
