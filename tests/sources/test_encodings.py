"""Encodings, told by content."""

from __future__ import annotations

import pytest

from pipeline.sources import read_sources
from pipeline.sources.encodings import binary_kind, detect_encoding
from sources.conftest import abstract_of

SENTENCES = {
    "cp1252": "Les réseaux de neurones ont été étudiés; Größe, señal, L’être — “tight”.",
    "cp1250": "Przedstawiamy nową metodę uczenia, która łączy źródła wiedzy i służy do analizy.",
    "cp1251": "Мы предлагаем новый метод обучения нейронных сетей для анализа текстов.",
    "cp1253": "Προτείνουμε μια νέα μέθοδο βαθιάς μάθησης για ανάλυση κειμένων.",
    "koi8_r": "Мы предлагаем новый метод обучения нейронных сетей для анализа текстов.",
    "gb18030": "我们提出了一种新的深度学习方法用于文本分析和图像识别。",
    "big5": "我們提出了一種新的深度學習方法用於文本分析和圖像識別。",
    "shift_jis": "本研究では、テキスト分析のための新しい深層学習手法を提案する。",
    "euc_jp": "本研究では、テキスト分析のための新しい深層学習手法を提案する。",
    "euc_kr": "우리는 텍스트 분석을 위한 새로운 딥러닝 방법을 제안한다.",
}


@pytest.mark.parametrize(("name", "sentence"), SENTENCES.items(), ids=SENTENCES.keys())
def test_code_pages_of_before_unicode(tmp_path, name, sentence):
    path = tmp_path / "a.ris"
    abstract = f"{sentence} {abstract_of('moss')} {sentence * 3}"
    path.write_bytes(f"TY  - JOUR\nTI  - {sentence}\nAB  - {abstract}\nER  - \n".encode(name))
    result = read_sources([path])
    assert result.records[0].raw_title == sentence
    (note,) = [p.reason for p in result.reports[0].problems if p.kind == "doubt"]
    assert note.startswith("not UTF-8; read as ")


@pytest.mark.parametrize(
    ("name", "bom"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"),
     ("utf-16-le", b""), ("utf-16-be", b""), ("utf-32-le", b"\xff\xfe\0\0")],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_unicode_in_its_forms(tmp_path, name, bom, newline):
    text = "TY  - JOUR\nTI  - Naïve ✓ 漢\nAU  - Vega, Ána\nER  - \n".replace("\n", newline)
    path = tmp_path / "a.ris"
    path.write_bytes(bom + text.encode(name))
    result = read_sources([path])
    assert [(p.title, p.authors) for p in result.records] == [("Naïve ✓ 漢", ("Ána Vega",))]
    assert result.reports[0].is_clean


def test_stray_bytes_of_another_export_in_a_text_of_utf8(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = ['{"title": "Größe und Übung"}\n'.encode()] * 20 + [
        '{"title": "Müller"}\n'.encode("cp1252")
    ]
    path.write_bytes(b"".join(lines))
    result = read_sources([path])
    assert {paper.title for paper in result.records} == {"Größe und Übung", "Müller"}
    assert not result.reports[0].is_clean


def test_one_record_of_another_code_page_spoils_no_other(tmp_path):
    path = tmp_path / "a.ris"
    record = "TY  - JOUR\nTI  - {}\nER  - \n"
    path.write_bytes(record.format("Größe").encode() + record.format("Müller").encode("cp1252"))
    assert [p.title for p in read_sources([path]).records] == ["Größe", "Müller"]


def test_a_byte_order_mark_inside_a_joined_file(tmp_path):
    path = tmp_path / "a.ris"
    record = "\ufeffTY  - JOUR\nTI  - {}\nER  - \n"
    path.write_text(record.format("On Moss") + record.format("On Tides"), "utf-8")
    assert [p.title for p in read_sources([path]).records] == ["On Moss", "On Tides"]


def test_an_accent_far_behind_the_head_is_seen(tmp_path):
    path = tmp_path / "a.jsonl"
    plain = '{"title": "On Moss number %d"}\n'
    text = "".join(plain % i for i in range(80_000)).encode()
    path.write_bytes(text + '{"title": "Müller"}\n'.encode("cp1252"))
    assert detect_encoding(path).name == "cp1252"


def test_what_is_no_text_is_named():
    assert binary_kind(b"%PDF-1.7") == "a PDF"
    assert binary_kind(b"x" * 257 + b"ustar\0" + b"\0" * 200) == "a tar archive"
    assert binary_kind("abcdefgh".encode("utf-16-le")) == ""
    assert binary_kind(bytes(range(256))) == "binary data"
