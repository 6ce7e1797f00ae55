"""Twenty-six papers on moss, on optimal transport and on comets, as a file of records.

Two of them are versions of one work that are not merged: they have two arXiv ids.
"""

from __future__ import annotations

import json
from pathlib import Path

_MOSS = [
    ("Moss growth on wet granite", "spore", "granite"),
    ("Moss spores carried by wind", "spore", "wind"),
    ("A survey of moss in alpine bogs", "bog", "meadow"),
    ("Drought tolerance of moss leaves", "leaf", "drought"),
    ("Moss carpets as habitat of mites", "mite", "carpet"),
    ("Nitrogen uptake by moss in bogs", "nitrogen", "bog"),
    ("How moss recovers after fire", "fire", "recovery"),
    ("Genome size of peat moss", "genome", "peat"),
]
_TRANSPORT = [
    ("Entropic optimal transport in high dimension", "entropy", "dimension"),
    ("Fast solvers of optimal transport", "solver", "sinkhorn"),
    ("Optimal transport maps between measures", "map", "measure"),
    ("Unbalanced optimal transport of histograms", "histogram", "mass"),
    ("Wasserstein gradient flows by optimal transport", "gradient", "flow"),
    ("Optimal transport for domain adaptation", "domain", "adaptation"),
    ("Statistical rates of optimal transport", "rate", "sample"),
    ("Gromov distances and optimal transport", "graph", "distance"),
]
_COMETS = [
    ("Dust tails of comets", "dust", "tail"),
    ("Comet orbits beyond Neptune", "orbit", "neptune"),
    ("Water ice in comet nuclei", "ice", "nucleus"),
    ("Spectra of comet comae", "spectrum", "coma"),
    ("Fragmentation of comets near the sun", "fragment", "sun"),
    ("Interstellar comet visitors", "visitor", "speed"),
    ("Radar imaging of comet surfaces", "radar", "surface"),
    ("Comet outbursts and their causes", "outburst", "pressure"),
]
_SAID = {
    "moss": "Moss grows where {a} and {b} meet. Plots in a habitat were visited for three years, "
    "and moss was counted by hand beside each {b}, in every season and every kind of soil.",
    "transport": "We study optimal transport with {a} and give bounds for its cost. The transport "
    "plan is computed by linear programming, where {b} decides how {a} is approximated.",
    "comets": "A telescope observed comets on many nights, from {a} to {b}. Their light curves "
    "brighten near perihelion: comets show {a} before {b}, as observed by telescope crews.",
}
VERSION_TITLE = "Sliced optimal transport of colour palettes"
_VERSIONS = (
    "Palettes of images are moved into each other by slices of optimal transport. We show first "
    "pictures and a sketch of the method.",
    "Every colour histogram is projected to lines, on which optimal transport has a closed form; "
    "averages over lines give a distance between paintings, photographs and films, with proofs, "
    "rates of convergence and a comparison of eleven baselines on museum collections.",
)


def _of_topic(topic: str, category: str, start: int, told: list[tuple[str, str, str]]):
    for number, (title, a, b) in enumerate(told):
        yield {
            "id": f"{topic}-{number}",
            "title": title,
            "abstract": _SAID[topic].format(a=a, b=b),
            "authors": [f"{topic.title()} Author{number}"],
            "year": start + number,
            "category": category,
        }


def records() -> list[dict[str, object]]:
    """All records, each a paper of its own."""
    made = [
        *_of_topic("moss", "q-bio.PE", 2010, _MOSS),
        *_of_topic("transport", "cs.LG", 2014, _TRANSPORT),
        *_of_topic("comets", "astro-ph.EP", 2018, _COMETS),
    ]
    by_id = {record["id"]: record for record in made}
    by_id["transport-1"]["doi"] = "10.1000/fast.1"
    by_id["transport-2"]["arxiv_id"] = "2401.01234"
    for number, abstract in enumerate(_VERSIONS):
        made.append(
            {
                "id": f"version-{number}",
                "title": VERSION_TITLE,
                "abstract": abstract,
                "authors": ["Iris Berg", f"Second Author{number}"],
                "year": 2019 + 2 * number,
                "category": "cs.CV",
                "arxiv_id": f"2101.0000{number + 1}",
            }
        )
    return made


def write_records(path: Path) -> Path:
    """Write them to a file that `build` reads."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records()), "utf-8")
    return path
