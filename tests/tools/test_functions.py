"""`rlcall tools module:function`: what hints and docstrings say is kept, and faults have a name."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli import tools
from rlcall.verifier.judge import verify

MODULE = '''
import dataclasses, enum, functools, sys
from typing import Annotated, Literal, Optional, TypedDict
from pydantic import BaseModel, Field

print("loading", file=sys.stdout)

class Unit(enum.Enum):
    CELSIUS = "c"
    FAHRENHEIT = "f"

class Place(BaseModel):
    city: str = Field(description="In English", max_length=40)
    country: Optional[str] = None

class Forecast(BaseModel):
    temperature: float
    unit: Unit

@dataclasses.dataclass
class Booking:
    room: int
    nights: int = 1

def weather(place: Place, days: Annotated[int, Field(ge=1, le=14)] = 3,
            unit: Unit = Unit.CELSIUS, hour: int | None = None) -> Forecast:
    """Get the weather.

    Args:
        place: Where.
        days: For how many days.
    """

def untyped(a, b=2):
    pass

async def later(seconds: Annotated[float, "How long to wait"], mode: Literal["a", "b"] = "a"):
    "Wait."

def stars(*numbers: int):
    pass

def by_place(a: int, /):
    pass

def strange(a: object(), b: int = 1):
    pass

def socketed(a: "sys.stdout.__class__"):
    pass

@functools.wraps(later)
def wrapped(*args, **kwargs):
    return later(*args, **kwargs)

def unwritable(a: float = float("nan"), b: float = float("-inf"), c: str = "\\ud800"):
    pass

class Secret:
    @property
    def search(self):
        raise RuntimeError("log in first")

secret = Secret()

class Shop:
    def order(self, item: str, count: int = 1):
        "Order an item."
    @classmethod
    def close(cls, day: str): ...
    @staticmethod
    def ring(times: int): ...

shop = Shop()
number = 3
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_tools.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


def made(*references: str, words: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    assert tools.main([*references, "--out", "out.json", *words]) == 0
    return [tool["function"] for tool in json.loads(Path("out.json").read_text("utf-8"))]


def test_bounds_defaults_null_enums_models_and_results_are_kept(folder: Path) -> None:
    (weather,) = made("my_tools:weather")
    assert weather["name"] == "weather" and weather["description"] == "Get the weather."
    parameters = weather["parameters"]
    assert parameters["required"] == ["place"]
    properties = parameters["properties"]
    assert properties["days"] == {
        "type": "integer", "minimum": 1, "maximum": 14, "default": 3,
        "description": "For how many days.",
    }  # fmt: skip
    assert properties["unit"] == {"type": "string", "enum": ["c", "f"], "default": "c"}
    assert properties["hour"] == {"type": ["integer", "null"], "default": None}
    assert properties["place"]["description"] == "Where."
    city = properties["place"]["properties"]["city"]
    assert city == {"type": "string", "maxLength": 40, "description": "In English"}
    assert set(weather["returns"]["properties"]) == {"temperature", "unit"}


def test_a_default_that_is_given_and_left_out_is_the_same_call(folder: Path) -> None:
    made("my_tools:weather")
    shown = json.loads(Path("out.json").read_text("utf-8"))
    gold = {"name": "weather", "arguments": {"place": {"city": "Oslo"}}}
    given = {"name": "weather", "arguments": {"place": {"city": "Oslo"}, "days": 3}}
    text = f"<tool_call>{json.dumps(given)}</tool_call>"
    assert verify(text, json.dumps(shown), json.dumps({"calls": [gold]})).correct


@pytest.mark.parametrize(
    ("reference", "name", "properties", "required"),
    [
        ("my_tools:untyped", "untyped", {"a", "b"}, ["a"]),
        ("my_tools.py:later", "later", {"seconds", "mode"}, ["seconds"]),
        ("my_tools:wrapped", "wrapped", {"seconds", "mode"}, ["seconds"]),
        ("my_tools:Shop.order", "order", {"item", "count"}, ["item"]),
        ("my_tools:shop.order", "order", {"item", "count"}, ["item"]),
        ("my_tools:Shop.close", "close", {"day"}, ["day"]),
        ("my_tools:Shop.ring", "ring", {"times"}, ["times"]),
        ("my_tools:Booking", "Booking", {"room", "nights"}, ["room"]),
        ("my_tools:unwritable", "unwritable", {"a", "b", "c"}, None),
        ("my_tools:Place", "Place", {"city", "country"}, ["city"]),
    ],
)
def test_functions_methods_and_classes(
    folder: Path, reference: str, name: str, properties: set[str], required: list[str] | None
) -> None:
    (function,) = made(reference)
    assert function["name"] == name
    assert set(function["parameters"]["properties"]) == properties
    assert function["parameters"].get("required") == required


def test_a_module_gives_its_own_public_functions(folder: Path) -> None:
    Path("small.py").write_text(
        "from json import dumps\ndef a(x: int): ...\ndef _b(): ...\ndef c(): ...\n", "utf-8"
    )
    assert [function["name"] for function in made("small")] == ["a", "c"]


def test_a_text_in_annotated_describes_the_argument(folder: Path) -> None:
    (later,) = made("my_tools:later")
    assert later["parameters"]["properties"]["seconds"]["description"] == "How long to wait"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("my_tools:stars", "*numbers: int is given by position"),
        ("my_tools:by_place", "is given by position"),
        ("my_tools:strange", "its types make no JSON Schema: "),
        ("my_tools:socketed", "its types make no JSON Schema: "),
        ("my_tools:number", "is int, but a function or a class is expected"),
        ("my_tools:secret.search", "'search' cannot be read: RuntimeError: log in first"),
        ("my_tools:weahter", "there is no 'weahter' in it. It has: "),
        ("my_tools:Shop.open", "there is no 'open' in it. It has: close, order, ring."),
        ("no_such_module:f", "cannot be imported: ModuleNotFoundError: No module named"),
        ("missing.py:f", "there is no file missing.py. Paths count from"),
        ("raises:f", "cannot be imported: ZeroDivisionError: division by zero"),
        ("exits:f", "cannot be imported: SystemExit: 3"),
        ("syntax:f", "cannot be imported: SyntaxError: "),
        ("killed:f", "ended without an answer (exit status 7)"),
        ("sleeps:f", "importing takes longer than 5 s (--timeout)"),
        ("empty", "the module has no public functions of its own"),
        ("my_tools:", "there is no '' in it"),
    ],
)
def test_a_module_that_goes_wrong_is_one_message_and_no_file(
    folder: Path, reference: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("raises.py").write_text("def f(): ...\n1 / 0\n", "utf-8")
    Path("exits.py").write_text("raise SystemExit(3)\n", "utf-8")
    Path("syntax.py").write_text("def f(:\n", "utf-8")
    Path("killed.py").write_text("import os\nos._exit(7)\n", "utf-8")
    Path("sleeps.py").write_text("import time\ntime.sleep(600)\n", "utf-8")
    Path("empty.py").write_text("from json import dumps\n", "utf-8")
    words = ["--timeout", "5"] if reference == "sleeps:f" else []
    assert tools.main([reference, "--out", "out.json", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("rlcall tools: ") and message in error and "Traceback" not in error
    assert not Path("out.json").exists()


def test_nothing_of_the_module_runs_in_this_process(folder: Path) -> None:
    Path("marks.py").write_text(
        "import os, pathlib\npathlib.Path('pid').write_text(str(os.getpid()))\n"
        "os.environ['RLCALL_MARK'] = 'set'\ndef f(a: int): ...\n",
        "utf-8",
    )
    made("marks:f")
    assert Path("pid").read_text() != str(os.getpid())
    assert "RLCALL_MARK" not in os.environ


def test_what_the_module_has_started_ends_with_it(folder: Path) -> None:
    Path("starts.py").write_text(
        "import pathlib, subprocess\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "pathlib.Path('pid').write_text(str(child.pid))\ndef f(a: int): ...\n",
        "utf-8",
    )
    made("starts:f")
    status = Path(f"/proc/{Path('pid').read_text()}/stat")
    deadline = time.monotonic() + 20
    while status.exists() and status.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_named_like_a_module_of_python_does_no_harm(folder: Path) -> None:
    for name in ("json", "inspect", "typing", "pydantic"):
        Path(f"{name}.py").write_text("raise RuntimeError\n", "utf-8")
    Path("plain.py").write_text("def f(a: int): ...\n", "utf-8")
    assert made("plain:f")[0]["name"] == "f"
