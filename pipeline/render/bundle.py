"""The page's modules as one script that runs from inside the page."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function\*?) +(\w+))", re.MULTILINE)
_AWAIT = re.compile(r"^(?:const \w+ = )?await ", re.MULTILINE)
_COMMENT = re.compile(r"^ *// .*\n", re.MULTILINE)
_LEFT_OVER = re.compile(r"^\s*(?:import|export)\b.*", re.MULTILINE)


def bundle_modules(entry: str, read: Callable[[str], str]) -> str:
    """The ES module `entry` and all that it imports as one script, each module in a scope of its
    own, in an order in which every name exists before it is used.

    A page that is one file has no addresses to import from. Understood is what the page's modules
    are written in: `import { a, b } from "./path.js";` in one line, and `export` before a
    `const`, `class` or `function`; and `await` at the top of a module, for which those that import
    it wait: the script is to stand in an `async` function. Lines that are comments are left out,
    for each map would carry them. `read` gives a module's text by its path. ValueError for
    anything else, for a name that is imported but not exported, and for a circle of imports.
    """
    done: dict[str, set[str]] = {}
    scopes: list[str] = []
    _add(entry, read, done, scopes, ())
    return '"use strict";\nconst modules = {};\n' + "".join(scopes)


def _add(
    path: str,
    read: Callable[[str], str],
    done: dict[str, set[str]],
    scopes: list[str],
    importers: tuple[str, ...],
) -> None:
    """Append the scope of a module to `scopes`, after those of what it imports."""
    if path in importers:
        raise ValueError(f"modules import each other in a circle: {' > '.join((*importers, path))}")
    if path in done:
        return
    text = read(path)

    def bound(match: re.Match[str]) -> str:
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[2]))
        _add(wanted, read, done, scopes, (*importers, path))
        names = {name.strip() for name in match[1].split(",")}
        if unknown := names - done[wanted]:
            raise ValueError(f"{path}: {wanted} exports no {', '.join(sorted(unknown))}")
        return f'const {{ {match[1]} }} = modules["{wanted}"];'

    body = _COMMENT.sub("", _IMPORT.sub(bound, text))
    exported = [match[1] for match in _EXPORT.finditer(body)]
    body = _EXPORT.sub("", body)
    if odd := _LEFT_OVER.search(body):
        raise ValueError(f"{path}: not understood: {odd[0].strip()}")
    done[path] = set(exported)
    names = ", ".join(exported)
    call = "await (async " if _AWAIT.search(body) else "("
    scopes.append(
        f'\n// {path}\nmodules["{path}"] = {call}() => {{\n{body}return {{ {names} }};\n}})();\n'
    )
