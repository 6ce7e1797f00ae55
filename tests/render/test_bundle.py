from __future__ import annotations

from importlib import resources

import pytest

from pipeline.render.bundle import bundle_modules


def bundled(**modules: str) -> str:
    return bundle_modules("main.js", {f"{name}.js": text for name, text in modules.items()}.get)


def test_each_module_has_a_scope_of_its_own_and_comes_after_what_it_imports():
    script = bundled(
        main='import { a } from "./one.js";\nimport { b } from "./two.js";\nlet own = a + b;\n',
        one="let own = 1;\nexport const a = own;\n",
        two='import { a } from "./one.js";\nexport function b() { return a; }\n',
    )
    first, second, last = (script.index(f'modules["{n}.js"] = ') for n in ("one", "two", "main"))
    assert first < second < last
    assert script.count('modules["one.js"] = ') == 1
    assert 'const { a } = modules["one.js"];' in script
    assert "\nconst a = own;\nreturn { a };" in script
    assert "export" not in script


def test_lines_that_are_comments_are_left_out():
    script = bundled(main='// Why.\nlet own = "// own"; // kept\n  // How.\nown += 1;\n')
    assert 'let own = "// own"; // kept\nown += 1;\n' in script
    assert "Why" not in script


@pytest.mark.parametrize(
    ("modules", "complaint"),
    [
        ({"main": 'import { a } from "./one.js";\n', "one": "const a = 1;\n"}, "exports no a"),
        (
            {
                "main": 'import { a } from "./one.js";\n',
                "one": 'import { b } from "./main.js";\nexport const a = 1;\n',
            },
            "main.js > one.js > main.js",
        ),
        ({"main": 'import a from "./one.js";\n'}, "not understood: import a"),
        ({"main": "export default 1;\n"}, "not understood: export default"),
    ],
)
def test_what_is_not_understood_is_refused(modules, complaint):
    with pytest.raises(ValueError, match=complaint):
        bundled(**modules)


def test_every_module_of_the_page_is_in_its_script():
    assets = resources.files("pipeline.render") / "assets"
    script = bundle_modules("main.js", lambda name: (assets / name).read_text(encoding="utf-8"))
    with resources.as_file(assets) as folder:
        names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.js")}
    assert {n for n in names if f'modules["{n}"] = ' in script} == names
