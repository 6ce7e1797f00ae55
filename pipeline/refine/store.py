"""Answers that were given once, kept in the user's cache: an interrupted run asks no theme twice.

The file holds digests of questions and answered names alone: no paper's text, no address, no key.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.cache import cache_folder
from pipeline.cache_file import CacheFile, seal, transaction, unseal
from pipeline.refine.prompt import Message

FILE_NAME = "answers-v1.sqlite"
_SCHEMA = "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
_UPSERT = """
INSERT INTO answers (key, value) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""


@dataclass(frozen=True, slots=True)
class AnswersInfo:
    """What is kept: how many answers, and the bytes that their file takes."""

    path: Path
    n_answers: int
    n_bytes: int


class AnswerStore(CacheFile):
    """Answers by model, endpoint and question; each is on disk before the next one is asked.

    Safe for several threads and processes. Nothing here raises for what the disk does.
    """

    def __init__(self, folder: Path | None = None, *, quiet: bool = False) -> None:
        """Name the folder (`cache_folder()` where None); nothing is opened until it is asked.

        `quiet`: no warning is logged; whoever asks finds it in `trouble`.
        """
        path = (folder or cache_folder()) / FILE_NAME
        super().__init__(path, schema=_SCHEMA, purpose="the cache of answers", quiet=quiet)

    def get(self, key: bytes) -> str | None:
        """The answer to the question with this key; None where there is none, or not whole."""

        def look_up(connection: sqlite3.Connection) -> object:
            row = connection.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
            return row[0] if row else None

        value = unseal(key, self.attempt(look_up)) if self.exists() else None
        try:
            return None if value is None else value.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def put(self, key: bytes, answer: str) -> None:
        """Keep an answer, and write it to the disk now."""
        value = seal(key, answer.encode("utf-8"))

        def store(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.execute(_UPSERT, (key, value))

        self.attempt(store)

    def info(self) -> AnswersInfo:
        """What is kept; nothing where the file is not there or cannot be read."""

        def count(connection: sqlite3.Connection) -> int:
            ((n_answers,),) = connection.execute("SELECT count(*) FROM answers")
            return int(n_answers)

        n_answers = (self.attempt(count) or 0) if self.exists() else 0
        return AnswersInfo(self.path, n_answers, self.size_on_disk())

    def clear(self) -> int:
        """Forget every answer and give the space back; return how many there were."""
        return self.empty("answers")


def question_key(model: str, url: str, messages: Sequence[Message]) -> bytes:
    """SHA-256 of all that decides an answer: the model, where it is, and what it is asked."""
    question = {"model": model, "url": url, "messages": [dict(message) for message in messages]}
    text = json.dumps(question, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).digest()
