"""Languages as catalogues write them, and as texts tell them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers.language import detect_language, language_name, normalise_language

ABSTRACTS = {
    "en": "We measure how fast moss grows back on stones that were cleaned by floods, and compare "
    "the growth with that on stones which have been left in the shade of the bank.",
    "de": "Wir messen, wie schnell Moos auf Steinen nachwächst, die vom Hochwasser gereinigt "
    "wurden, und vergleichen das Wachstum mit dem auf schattigen Steinen am Ufer.",
    "fr": "Nous mesurons la vitesse à laquelle la mousse repousse sur les pierres nettoyées par "
    "les crues, et nous la comparons avec celle des pierres restées à l'ombre de la rive.",
    "es": "Medimos la rapidez con que el musgo vuelve a crecer sobre las piedras que limpiaron las "
    "crecidas, y la comparamos con la de las piedras que quedaron a la sombra de la orilla.",
    "pt": "Medimos a rapidez com que o musgo volta a crescer nas pedras que as cheias limparam, e "
    "comparamos esse crescimento com o das pedras que ficaram à sombra da margem.",
    "it": "Misuriamo con quale rapidità il muschio ricresce sulle pietre ripulite dalle piene e "
    "la confrontiamo con quella delle pietre rimaste all'ombra della riva del fiume.",
    "nl": "Wij meten hoe snel mos teruggroeit op stenen die door het hoge water zijn "
    "schoongespoeld en vergelijken dat met de groei op stenen die in de schaduw van de "
    "oever lagen.",
    "pl": "Mierzymy, jak szybko mech odrasta na kamieniach oczyszczonych przez powódź, i "
    "porównujemy jego wzrost z tym na kamieniach, które leżały w cieniu brzegu rzeki.",
    "ru": "Мы измеряем, как быстро мох снова вырастает на камнях, очищенных паводком, и сравниваем "
    "его рост с ростом на камнях, которые оставались в тени берега.",
    "zh": "我们测量苔藓在被洪水冲刷过的石头上重新生长的速度，"
    "并将其与河岸阴影下的石头上的生长情况进行比较。",
    "ja": "洪水で洗われた石の上で苔がどれくらい速く再び育つかを測り、"
    "岸辺の日陰に残った石の上での成長と比べる。",
    "tr": "Selin temizlediği taşların üzerinde yosunun ne kadar hızlı yeniden büyüdüğünü ölçüyor "
    "ve bunu kıyının gölgesinde kalan taşlardaki büyümeyle karşılaştırıyoruz.",
    "cs": "Měříme, jak rychle mech znovu roste na kamenech očištěných povodní, a srovnáváme jeho "
    "růst s růstem na kamenech, které zůstaly ve stínu břehu řeky.",
    "sv": "Vi mäter hur snabbt mossa växer tillbaka på stenar som översvämningar har rengjort och "
    "jämför tillväxten med den på stenar som har legat i skuggan vid stranden.",
}


@pytest.mark.parametrize(("language", "text"), ABSTRACTS.items())
def test_language_of_an_abstract(language, text):
    assert detect_language(text) == language
    assert detect_language(f"{text} {text}") == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Moos auf Steinen",
        ABSTRACTS["de"].upper(),
        "x = 3, y = 4; " * 20,
        "12.5 13.8 0.04 " * 40,
        "f(x) = ∑ a_i x^i + b_i y^i " * 12,
        "H2O NaCl CO2 " * 20,
    ],
)
def test_of_too_little_nothing_is_told(text):
    assert detect_language(text) is None


def test_titles_of_ten_words_are_told_by_the_commonest_of_them():
    assert detect_language("On the growth of moss that is left on the stones") == "en"


@given(st.text())
def test_detecting_is_total(text):
    assert detect_language(text) in {None, *map(normalise_language, [detect_language(text) or ""])}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("en", "en"),
        ("eng", "en"),
        ("EN", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("English", "en"),
        (" English. ", "en"),
        ("English (United States)", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("[ger]", "de"),
        ("German", "de"),
        ("Deutsch", "de"),
        ("fre", "fr"),
        ("Français", "fr"),
        ("español", "es"),
        ("Portuguese", "pt"),
        ("zh-Hans", "zh"),
        ("chi", "zh"),
        ("中文", "zh"),
        ("Русский", "ru"),
        ("und", None),
        ("mul", None),
        ("eng; ger", None),
        ("", None),
        ("-", None),
        ("Klingon", None),
    ],
)
def test_language_of_a_catalogue(written, code):
    assert normalise_language(written) == code


def test_names_of_languages():
    assert language_name("de") == "German"
    assert language_name("nb") == "Bokmål"
    assert language_name("zh") == "Chinese"
    assert language_name("tlh") == "tlh"
    for code in ABSTRACTS:
        assert normalise_language(language_name(code)) == code


@given(st.text())
def test_normalising_a_language_is_total_and_idempotent(text):
    code = normalise_language(text)
    assert code is None or normalise_language(code) == code


def test_english_needs_no_model():
    code = (
        "import sys; from pipeline.papers.language import detect_language as detect; "
        f"assert detect({ABSTRACTS['en']!r}) == 'en'; assert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
