"""`rlcall tools openapi`: operations as tools, and what is wrong with a document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlcall.cli import check, tasks, tools
from rlcall.verifier.schema import compile_tool

PETS = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    parameters:
      - $ref: '#/components/parameters/Tenant'
    get:
      operationId: pets/list
      summary: List the pets.
      parameters:
        - {name: limit, in: query, description: How many at most., schema: {type: integer, maximum: 100, default: 20}}
        - {name: status, in: query, schema: {type: string, enum: [sold, free], nullable: true}}
        - {name: session, in: cookie, schema: {type: string}}
        - {name: Authorization, in: header, schema: {type: string}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}}}
    post:
      operationId: addPet
      description: Add a pet.
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Receipt'}}}}
  /pets/{petId}:
    put:
      parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
      requestBody:
        content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/Pet'}, {type: string}]}}}
      responses: {default: {description: none}}
components:
  parameters:
    Tenant: {name: tenant, in: header, required: true, schema: {type: string}}
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, xml: {attribute: true}}
        owner: {$ref: '#/components/schemas/Person'}
        mother: {$ref: '#/components/schemas/Pet'}
    Person: {type: object, properties: {title: {type: string}, age: {type: integer, nullable: true}}}
    Receipt: {type: object, properties: {receipt_id: {type: string}}}
"""


def made(tmp_path: Path, document: str, *words: str) -> list[dict[str, Any]]:
    source, out = tmp_path / "api.yaml", tmp_path / "tools.json"
    source.write_text(document, encoding="utf-8")
    assert tools.main(["openapi", str(source), "--out", str(out), *words]) == 0
    return [tool["function"] for tool in json.loads(out.read_text("utf-8"))]


def test_operations_become_tools(tmp_path: Path) -> None:
    listing, adding, putting = made(tmp_path, PETS)
    assert listing["name"] == "pets_list" and listing["description"] == "List the pets."
    parameters = listing["parameters"]
    assert list(parameters["properties"]) == ["tenant", "limit", "status"]
    assert parameters["required"] == ["tenant"]
    assert parameters["properties"]["limit"] == {
        "type": "integer", "maximum": 100, "default": 20, "description": "How many at most.",
    }  # fmt: skip
    assert parameters["properties"]["status"]["enum"] == ["sold", "free", None]
    assert list(adding["parameters"]["properties"]) == ["tenant", "name", "owner", "mother"]
    assert adding["parameters"]["required"] == ["tenant", "name"]
    assert adding["returns"]["properties"] == {"receipt_id": {"type": "string"}}
    assert putting["name"] == "put_pets_petId"
    assert putting["parameters"]["required"] == ["petId"]
    assert "oneOf" in putting["parameters"]["properties"]["body"]


def test_what_refers_to_itself_can_be_checked(tmp_path: Path) -> None:
    adding = made(tmp_path, PETS)[1]
    tool = compile_tool(json.dumps({"type": "function", "function": adding}))
    good = {
        "tenant": "t",
        "name": "Rex",
        "mother": {"id": 1, "name": "Ida", "owner": {"age": None}},
    }
    assert not tool.violations(good)
    assert tool.violations({**good, "mother": {"id": 1, "name": "Ida", "owner": {"age": "x"}}})


def test_the_file_goes_into_tasks(tmp_path: Path) -> None:
    made(tmp_path, PETS, "--only", "pets_list", "addPet")
    rows = tmp_path / "rows.jsonl"
    words = ["--tools", str(tmp_path / "tools.json"), "--n", "30", "--out", str(rows)]
    assert tasks.main(words) == 0
    assert check.main([str(rows)]) == 0


def test_json_and_equal_names(tmp_path: Path) -> None:
    operation = {"operationId": "a b", "responses": {}}
    item = {"get": operation, "post": operation, "delete": {**operation, "operationId": "é"}}
    item["patch"] = {"parameters": [
        {"name": "id", "in": "path", "required": True}, {"name": "id", "in": "query"},
    ]}  # fmt: skip
    document = json.dumps({"openapi": "3.1.0", "paths": {"/x/{id}": item}})
    functions = made(tmp_path, document)
    assert [function["name"] for function in functions] == ["a_b", "a_b_2", "delete", "patch_x_id"]
    assert list(functions[3]["parameters"]["properties"]) == ["id", "query_id"]


@pytest.mark.parametrize("default", [".nan", ".inf", "2020-01-01"])
def test_a_value_that_json_has_not_sets_its_tool_aside(
    default: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = "default: 20"
    functions = made(tmp_path, PETS.replace(old, f"default: {default}"))
    names = [function["name"] for function in functions]
    printed = capsys.readouterr().err
    is_text = "pets_list" in names  # a day may be read as text, which is a default like any other
    assert is_text or "tool 'pets_list' is set aside: it holds what JSON has not" in printed
    assert is_text == (default == "2020-01-01" and not printed)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('swagger: "2.0"\npaths: {}\n', "is OpenAPI 2.0; convert it to OpenAPI 3"),
        ("a: 1\n", "it should begin with `openapi: 3...`"),
        ("- 1\n", "is no OpenAPI document, but "),
        ("openapi: 3.0.0\n", "has no `paths`"),
        ("openapi: 3.0.0\npaths: {}\n", "has no tools"),
        ("openapi: 3.0.0\npaths: [", "api.yaml: "),
        ('{"openapi": "3.0.0", "paths": {', "api.yaml: is not JSON"),
        ("openapi: 3.0.0\npaths: {/a: 1}\n", "paths./a: should be an object, and is 1"),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{$ref: 'other.yaml#/P'}]}}}\n",
            "$ref 'other.yaml#/P' leads out of the file",
        ),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{$ref: '#/nowhere'}]}}}\n",
            "paths./a.get.parameters: should be an object, and is None",
        ),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{name: a, in: query, schema: "
            "{$ref: '#/components/schemas/No'}}]}}}\n",
            "leads to no schema under components",
        ),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{$ref: '#/components/parameters/A'}]}}}\n"
            "components: {parameters: {A: {$ref: '#/components/parameters/A'}}}\n",
            "its $ref leads back to itself",
        ),
        ("openapi: 3.0.0\npaths: {/a: {get: {parameters: {name: a}}}}\n", "should be a list"),
        ("openapi: 3.0.0\npaths: {/a: {get: {responses: [1]}}}\n", "should be an object"),
        ("openapi: 3.0.0\ncomponents: [1]\npaths: {/a: {get: {}}}\n", "should be an object"),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {requestBody: {content: [1]}}}}\n",
            "should be an object",
        ),
        (
            "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{name: a, in: query, schema: 5}]}}}\n",
            "should be an object, and is 5",
        ),
    ],
)
def test_a_document_that_goes_wrong_is_one_message_and_no_file(
    document: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "api.yaml", tmp_path / "tools.json"
    source.write_text(document, encoding="utf-8")
    assert tools.main(["openapi", str(source), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("rlcall tools: ") and message in error and "Traceback" not in error
    assert not out.exists()


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["openapi", str(tmp_path / "no.yaml"), "--out", str(tmp_path / "tools.json")]
    assert tools.main(words) == 2
    assert "no.yaml: cannot be read: No such file" in capsys.readouterr().err
