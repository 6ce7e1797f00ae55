"""Languages of texts: as catalogues write them, and as the words tell where no catalogue does."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# ISO 639-1; ISO 639-2 (terminological, then bibliographic); names in English, then their own.
_LANGUAGES = """
af afr Afrikaans|ar ara Arabic العربية|az aze Azerbaijani|be bel Belarusian Беларуская
bg bul Bulgarian Български|bn ben Bengali Bangla|bs bos Bosnian Bosanski
ca cat Catalan Català Valencian|cs ces cze Czech Čeština|cy cym wel Welsh Cymraeg
da dan Danish Dansk|de deu ger German Deutsch|el ell gre Greek Ελληνικά
en eng English|eo epo Esperanto
es spa Spanish Español Castellano Castilian|et est Estonian Eesti|eu eus baq Basque Euskara
fa fas per Persian Farsi فارسی|fi fin Finnish Suomi|fr fra fre French Français
ga gle Irish Gaeilge
gl glg Galician Galego|gu guj Gujarati|he heb Hebrew עברית|hi hin Hindi हिन्दी
hr hrv scr Croatian Hrvatski|hu hun Hungarian Magyar|hy hye arm Armenian|id ind Indonesian
is isl ice Icelandic Íslenska|it ita Italian Italiano|ja jpn Japanese 日本語|ka kat geo Georgian
kk kaz Kazakh|kn kan Kannada|ko kor Korean 한국어|ky kir Kyrgyz|la lat Latin
lt lit Lithuanian Lietuvių
lv lav Latvian Latviešu|mk mkd mac Macedonian Македонски|ml mal Malayalam|mn mon Mongolian
mr mar Marathi|ms msa may Malay|nb nob Bokmål|ne nep Nepali|nl nld dut Dutch Flemish Nederlands
nn nno Nynorsk|no nor Norwegian Norsk|pl pol Polish Polski|pt por Portuguese Português
ro ron rum Romanian Română Moldavian|ru rus Russian Русский|sk slk slo Slovak Slovenčina
sl slv Slovenian Slovene Slovenščina|sq sqi alb Albanian Shqip|sr srp scc Serbian Srpski Српски
sv swe Swedish Svenska|sw swa Swahili|ta tam Tamil|te tel Telugu|th tha Thai ไทย
tl tgl Tagalog Filipino|tr tur Turkish Türkçe|uk ukr Ukrainian Українська|ur urd Urdu
uz uzb Uzbek|vi vie Vietnamese|zh zho chi Chinese Mandarin 中文 汉语
"""
_NAMES = {
    words[0]: next(word for word in words[1:] if word[0].isupper())
    for entry in _LANGUAGES.replace("\n", "|").split("|")
    if (words := entry.split())
}
_CODES = {
    word.casefold(): words[0]
    for entry in _LANGUAGES.replace("\n", "|").split("|")
    if (words := entry.split())
    for word in words
}

# The commonest words of English abstracts that are rare or unknown in other languages' texts.
_ENGLISH = frozenset(
    """
    the of and to that with are by this from which our these has been we is was were its their have
    using can both such also based between than
    """.split()  # noqa: SIM905  one word a line would hide the list
)
# Of 79,343 abstracts in English one in 500 has fewer of them among its words.
_ENGLISH_SHARE = 0.15
_FEWEST_WORDS = 10
_READ = 2000
# The beginning tells as a rule, in half the time.
_LOOKED_AT = (160, 400, _READ)
# The least text to be sure of, in letters; a sign of Chinese, Japanese or Korean is three.
_LEAST_LETTERS = 60
_LEAST_SHARE_OF_LETTERS = 0.7
_MOST_CAPITALS = 0.5
_LEAST_PROBABILITY = 0.95


def normalise_language(text: str) -> str | None:
    """Give the ISO 639-1 code that a catalogue's `eng`, `en-US`, `[ger]` or `Deutsch` means.

    None where it is none of the some seventy languages that catalogues have, or several.
    """
    word = text.strip().strip("[]().;").strip().casefold()
    if word in _CODES:
        return _CODES[word]
    head = word.replace("_", "-").split("-")[0].split("(")[0].strip()
    return _CODES.get(head) if head else None


def language_name(code: str) -> str:
    """Give the English name of a language by its code: `German` for `de`, else the code itself."""
    return _NAMES.get(code, code)


def detect_language(text: str) -> str | None:
    """Give the language of a text as an ISO 639-1 code; None where it cannot be told for sure.

    English is told by its commonest words, in some microseconds. What has few of them is told by
    byte n-grams (Lui and Baldwin 2012, "langid.py"), a model that is loaded then. Nothing is told
    of a short text, of capitals, or of formulas and lists of numbers.
    """
    if any(_is_english(text[:length]) for length in _LOOKED_AT):
        return "en"
    return _by_n_grams(text[:_READ]) if _is_telling(text[:_READ]) else None


def _is_english(text: str) -> bool:
    words = text.lower().split()
    known = sum(map(_ENGLISH.__contains__, words))
    return len(words) >= _FEWEST_WORDS and known >= _ENGLISH_SHARE * len(words)


def _is_telling(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    signs = len(text) - text.count(" ")
    capitals = sum(map(str.isupper, text))
    dense = sum("\u3040" <= sign <= "\ud7ff" for sign in text)
    return (
        letters + 2 * dense >= _LEAST_LETTERS
        and letters >= _LEAST_SHARE_OF_LETTERS * signs
        and capitals <= _MOST_CAPITALS * letters
    )


def _by_n_grams(text: str) -> str | None:
    code, probability = _identifier().classify(text)
    return str(code) if probability >= _LEAST_PROBABILITY and code in _NAMES else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
