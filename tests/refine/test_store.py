"""Answers are kept whole, at once, and for the question that was asked."""

from __future__ import annotations

import sqlite3

from pipeline.refine.store import FILE_NAME, AnswerStore, question_key

MESSAGES = ({"role": "user", "content": "a"},)
KEY = question_key("toy", "http://localhost/v1", MESSAGES)


def test_an_answer_comes_back_to_its_own_question(store):
    store.put(KEY, "π transport")
    assert store.get(KEY) == "π transport"
    assert store.get(question_key("toy2", "http://localhost/v1", MESSAGES)) is None
    assert store.get(question_key("toy", "http://localhost:1/v1", MESSAGES)) is None
    assert store.get(question_key("toy", "http://localhost/v1", (*MESSAGES, *MESSAGES))) is None


def test_it_is_on_disk_before_the_next_question(store):
    store.put(KEY, "x")
    other = AnswerStore(store.path.parent)
    assert other.get(KEY) == "x"
    other.put(KEY, "y")
    other.close()
    assert store.get(KEY) == "y"


def test_looking_makes_no_file(store):
    assert store.get(KEY) is None
    assert (store.info().n_answers, store.info().n_bytes) == (0, 0)
    assert store.clear() == 0
    assert not store.path.parent.exists()


def test_a_changed_byte_is_no_answer(store):
    store.put(KEY, "transport")
    with sqlite3.connect(store.path) as connection:
        ((value,),) = connection.execute("SELECT value FROM answers").fetchall()
        connection.execute("UPDATE answers SET value = ?", (b"T" + value[1:],))
    assert store.get(KEY) is None
    store.put(KEY, "transport")
    assert store.get(KEY) == "transport"


def test_a_damaged_file_is_set_aside_and_told_once(store, caplog):
    store.path.parent.mkdir()
    store.path.write_bytes(b"no database " * 1000)
    assert store.get(KEY) is None
    store.put(KEY, "x")
    assert store.get(KEY) == "x"
    (told,) = caplog.messages
    assert "damaged" in told
    assert store.info().n_bytes > 12_000
    assert store.clear() == 1
    assert not list(store.path.parent.glob("*damaged*"))


def test_a_folder_that_cannot_be_made_is_told_once_and_fails_nobody(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    store = AnswerStore(tmp_path / "file")
    store.put(KEY, "x")
    assert store.get(KEY) is None
    assert len(caplog.messages) == 1
    assert "cache of answers" in caplog.messages[0]
    assert store.path.name == FILE_NAME
