"""Small atlases whose every part tells which build made it."""

from pathlib import Path

import numpy as np

from pipeline.artifacts import BuildDetails, SnapshotInfo, SnapshotWriter, ThemeRow, open_writer
from pipeline.lexical import index_words
from pipeline.papers.record import FileReport, Paper, Problem, Source

N_PAPERS = 5
DIM = 4


def small_papers(word: str = "old", n_papers: int = N_PAPERS) -> tuple[Paper, ...]:
    return tuple(
        Paper(
            id=f"p-{i:012x}",
            title=f"{word} title {i}",
            abstract=f"{word} abstract {i}",
            authors=("Utku Şirin", "Devvrit"),
            year=2020 + i,
            raw_title=f"{word} title {i}",
            raw_abstract=f"Abstract: {word} abstract {i}",
            aliases=(f"copy-{i}",),
            sources=(Source("a.txt", 10 * i + 1), Source("b.csv", i + 2)),
        )
        for i in range(n_papers)
    )


def small_records(papers: tuple[Paper, ...]) -> tuple[tuple[Paper, ...], ...]:
    return tuple(
        tuple(
            Paper(
                title=paper.title if number == 0 else "",
                abstract=paper.abstract,
                raw_abstract=f"  {paper.abstract}",
                sources=(source,),
            )
            for number, source in enumerate(paper.sources)
        )
        for paper in papers
    )


def small_details(**changes) -> BuildDetails:
    settings = {"cluster.min_theme_size": 2, "layers": (1, 2), "embed.model": "toy"}
    facts = {"model_name": "toy", "model_digest": "d" * 64, "settings": settings, "seed": 7}
    return BuildDetails(**{**facts, **changes})


def write_nearest(writer: SnapshotWriter, n_papers: int) -> None:
    """Each paper's nearest one is the next, and the map keeps the first papers best."""
    neighbors = (np.arange(n_papers, dtype=np.int32)[:, None] + 1) % n_papers
    similarities = np.full((n_papers, 1), 0.5, np.float32)
    writer.write_nearest(neighbors, similarities, np.linspace(1, 0, n_papers, dtype=np.float32))


def write_parts(writer: SnapshotWriter, word: str, n_papers: int = N_PAPERS) -> None:
    papers = small_papers(word, n_papers)
    report = FileReport("a.txt", "text", n_papers + 1, n_papers, 0, 1, (Problem(3, "no title"),))
    writer.write_papers(papers, iter(small_records(papers)), [report])
    theme_ids = np.full((2, n_papers), -1, dtype=np.int32)
    theme_ids[0, :2], theme_ids[1, :3] = 0, 1
    themes = [
        ThemeRow(1, 1, f"{word} coarse", 3, None),
        ThemeRow(0, 0, f"{word} fine", 2, 1, ("optimal", "transport"), (1, 0), ("because",)),
    ]
    strengths = np.linspace(0, 1, n_papers, dtype=np.float32)
    writer.write_themes(themes, theme_ids, strengths, default_layer=1)
    vectors = writer.create_array("vectors-0000.npy", (n_papers, DIM))
    vectors[:] = len(word)
    writer.write_layout(np.full((n_papers, 2), len(word), dtype=np.float32))
    write_nearest(writer, n_papers)
    index_words([paper.title for paper in papers], [paper.abstract for paper in papers]).write(
        writer
    )
    writer.write_file("notes-0000/word.json", word.encode())


def write_atlas(atlas: Path, word: str = "old", n_papers: int = N_PAPERS) -> SnapshotInfo:
    with open_writer(atlas) as writer:
        write_parts(writer, word, n_papers)
        writer.seal(small_details())
        writer.write_file("map.html", f"<p>{word}</p>".encode())
        return writer.commit(timings_s={"embed": 1.5})
