"""Repositories, builds and issues. The tools' names hold dots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind, choice, code, integer, many, text, word
from rlcall.tasks.measures import measured
from rlcall.tasks.shared_kinds import AMOUNT, EMAIL, MINUTES, PERSON
from rlcall.tasks.world import Result, World, WorldTool

REPOSITORY = word(
    "repository",
    "acme/gateway; acme/billing; nimbus/parser; nimbus/scheduler; orbit/frontend; orbit/mailer",
)
ISSUE = called(integer("issue", 101, 4999), "issue {}", "issue number {}")
BUILD = called(code("build", "B-#####"), "build {}")
BRANCH = called(
    word(
        "branch",
        "main; develop; release-candidate; fix-login; new-cache; drop-legacy; wip-metrics",
        pattern="^[a-z0-9-]*$",
    ),
    "branch {}",
)
HEADLINE = text(
    "headline",
    """Crash when the config file is empty; Dark mode hides the cursor; Timeout while uploading big
    files; Search ignores umlauts; Wrong total on the second page; Tooltips overlap the menu; Slow
    start after an update""",
)
LABEL = choice("label", "bug regression documentation security performance")
MACHINE = choice("machine", {"a small runner": "S", "a medium runner": "M", "a large runner": "L"})
RENT = Kind("machine rent", AMOUNT.schema, AMOUNT.draw)
TESTS = measured("tests", 120, 4000, "tests")
MEMORY = choice("memory", {"1 GB": 1024, "2 GB": 2048, "4 GB": 4096, "8 GB": 8192})
SOURCE = word(
    "source path", "src/app.py; src/db.py; lib/cache.go; web/index.ts; docs/setup.md; api/routes.rb"
)

_RATE = {"S": 0.01, "M": 0.02, "L": 0.04}


def _draw_version(draw: Draw) -> Value:
    version = f"{draw.between(0, 9)}.{draw.between(0, 30)}.{draw.between(0, 30)}"
    return Value(version, version)


def _draw_commit(draw: Draw) -> Value:
    commit = "".join(draw.choice("0123456789abcdef") for _ in range(8))
    return Value(commit, commit)


VERSION = called(
    Kind("version", {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"}, _draw_version),
    "version {}",
)
COMMIT = called(
    Kind("commit", {"type": "string", "pattern": "^[0-9a-f]{8}$"}, _draw_commit), "commit {}"
)


def _bump(arguments: Mapping[str, Any]) -> dict[str, Any]:
    major, minor, patch = map(int, arguments["version"].split("."))
    bumped = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
    }
    return {"version": ".".join(map(str, bumped[arguments["part"]]))}


def _slug(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"branch": re.sub("[^a-z0-9]+", "-", arguments["headline"].lower()).strip("-")}


def _bill(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"price": round(arguments["minutes"] * _RATE[arguments["machine"]], 2)}


def _test_time(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Count a quarter of a second for each test, at least one minute."""
    return {"minutes": max(1, round(arguments["tests"] * 0.25 / arguments["workers"] / 60))}


WORLD = World(
    "developer",
    [
        WorldTool(
            "issues.file",
            "File a new issue in the tracker of a repository.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "headline": HEADLINE.means("one line that says what is wrong"),
            },
            takes={
                "labels": many(LABEL, 1, 3).means("labels to attach"),
                "confidential": choice(
                    "confidential", {"as confidential": True, "for all to see": False}
                ).means("whether outsiders may not read it", default=False),
            },
            say=[
                'file an issue against {repository} headed "{headline}"',
                'raise "{headline}" in the tracker of {repository}',
                'The tracker of {repository} lacks an issue headed "{headline}", so file it.',
            ],
            add={
                "labels": ["labelled {labels}", "tagged {labels}"],
                "confidential": ["{confidential}"],
            },
            vague=["file an issue against {repository}", 'raise "{headline}" in the tracker'],
            like=["issues.hand_over", "issues.reporter"],
        ),
        WorldTool(
            "issues.reporter",
            "Find out who filed an issue: name and address.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "issue": ISSUE.means("number of the issue"),
            },
            say=[
                "find out who filed {issue} of {repository}",
                "name the person behind {issue} in {repository}",
                "Who reported {issue} in {repository}?",
            ],
            vague=["find out who filed {issue}", "Who reported that issue in {repository}?"],
            gives={
                "name": Result(PERSON, ["the reporter of {issue} in {repository}"]),
                "address": Result(EMAIL, ["the address of whoever filed {issue} in {repository}"]),
            },
            like=["issues.hand_over"],
        ),
        WorldTool(
            "issues.hand_over",
            "Make somebody responsible for an issue that exists.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "issue": ISSUE.means("number of the issue"),
                "assignee": PERSON.means("who is to deal with it"),
            },
            say=[
                "hand {issue} of {repository} over to {assignee}",
                "make {assignee} responsible for {issue} in {repository}",
                "Let {assignee} take care of {issue} in {repository}, please.",
            ],
            vague=[
                "hand {issue} of {repository} over to somebody else",
                "make {assignee} responsible for that issue",
            ],
            like=["issues.file", "reviews.ask"],
        ),
        WorldTool(
            "branches.name",
            "Turn a headline into the name of a branch: lower case, words joined by hyphens.",
            needs={
                "headline": HEADLINE.means("text to make the name from, as it stands in the quotes")
            },
            say=[
                'turn the headline "{headline}" into a branch name',
                'derive a branch name from "{headline}"',
                'What would a branch for "{headline}" be called?',
            ],
            vague=["turn the headline into a branch name", "derive a branch name for me"],
            gives={"branch": Result(BRANCH, ['the branch named after "{headline}"'])},
            run=_slug,
            like=["branches.create"],
        ),
        WorldTool(
            "branches.create",
            "Create a branch in a repository that starts at a commit.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "branch": BRANCH.means("name of the new branch"),
                "start": COMMIT.means("first eight digits of the commit where it starts"),
            },
            say=[
                "create {branch} in {repository} starting at {start}",
                "fork off {branch} in {repository} from {start}",
                "In {repository} I need {branch} to begin at {start}.",
            ],
            vague=[
                "create {branch} in {repository}",
                "fork off a new branch in {repository} from {start}",
            ],
            like=["branches.name", "commits.newest"],
        ),
        WorldTool(
            "commits.newest",
            "Look up the newest commit on a branch.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "branch": BRANCH.means("which branch"),
            },
            say=[
                "look up the newest commit on {branch} in {repository}",
                "get me the tip of {branch} of {repository}",
                "Which commit is at the head of {branch} in {repository}?",
            ],
            vague=["look up the newest commit in {repository}", "get me the tip of {branch}"],
            gives={
                "commit": Result(
                    COMMIT,
                    [
                        "the newest commit on {branch} in {repository}",
                        "the tip of {branch} in {repository}",
                    ],
                )
            },
            like=["branches.create"],
        ),
        WorldTool(
            "reviews.ask",
            "Ask somebody to review a branch.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "branch": BRANCH.means("branch under review"),
                "reviewer": PERSON.means("who is asked"),
            },
            takes={
                "focus": many(SOURCE, 1, 2).means("files to look at above all"),
                "urgency": choice(
                    "urgency", {"at leisure": "low", "soon": "normal", "at once": "high"}
                ).means("low: at leisure; normal: soon; high: at once", default="normal"),
            },
            say=[
                "ask {reviewer} for a review of {branch} in {repository}",
                "have {reviewer} look over {branch} of {repository}",
                "I want {reviewer} to review {branch} in {repository}.",
            ],
            add={"urgency": ["{urgency}"], "focus": ["with an eye on {focus}"]},
            vague=[
                "ask {reviewer} for a review",
                "have someone look over {branch} of {repository}",
            ],
            like=["issues.hand_over"],
        ),
        WorldTool(
            "builds.launch",
            "Launch a build of a commit.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "commit": COMMIT.means("first eight digits of the commit"),
            },
            takes={
                "memory": MEMORY.means("megabytes of memory for the build", default=2048),
                "clean": choice("clean", {"from scratch": True, "with the cache": False}).means(
                    "whether the cache is thrown away first", default=False
                ),
            },
            say=[
                "launch a build of {commit} in {repository}",
                "kick off the pipeline of {repository} for {commit}",
                "Somebody ought to build {commit} of {repository}.",
            ],
            add={"memory": ["with {memory} of memory"], "clean": ["{clean}"]},
            vague=["launch a build in {repository}", "kick off the pipeline for {commit}"],
            gives={"build": Result(BUILD, ["the build launched for {commit} in {repository}"])},
            like=["builds.abort", "builds.duration"],
        ),
        WorldTool(
            "builds.abort",
            "Abort a build that is still running.",
            needs={"build": BUILD.means("number of the build")},
            say=[
                "abort {build}",
                "pull the plug on {build} before it ends",
                "Nobody needs {build} any more, so kill it.",
            ],
            vague=["abort the build", "pull the plug on that build"],
            like=["builds.launch"],
        ),
        WorldTool(
            "builds.duration",
            "Look up how many minutes a build took.",
            needs={"build": BUILD.means("number of the build")},
            say=[
                "look up how long {build} took",
                "report the run time of {build}",
                "How many minutes did {build} run?",
            ],
            vague=["see how much time the build needed"],
            gives={
                "minutes": Result(MINUTES, ["the run time of {build}", "the time {build} took"])
            },
            like=["tests.estimate", "builds.launch"],
        ),
        WorldTool(
            "tests.estimate",
            "Estimate how many minutes a suite of tests takes when several workers share it.",
            needs={
                "tests": TESTS.means("number of tests"),
                "workers": integer("workers", 2, 16).means("number of workers that share them"),
            },
            say=[
                "estimate how long {tests} take on {workers} workers",
                "predict the duration of a suite of {tests} shared by {workers} workers",
                "With {workers} workers, how long will {tests} keep us waiting?",
            ],
            vague=["estimate how long {tests} take", "predict the duration on {workers} workers"],
            gives={
                "minutes": Result(
                    MINUTES, ["the estimated duration of {tests} on {workers} workers"]
                )
            },
            run=_test_time,
            like=["builds.duration"],
        ),
        WorldTool(
            "runners.bill",
            "Work out what minutes on a build machine cost.",
            needs={
                "minutes": MINUTES.means("how long the machine is used, in minutes"),
                "machine": MACHINE.means("S small, M medium, L large"),
            },
            say=[
                "work out the bill for using {machine} for {minutes}",
                "cost up {machine} occupied for {minutes}",
                "What do we pay for {machine} that is busy for {minutes}?",
            ],
            vague=[
                "work out the bill for using {machine}",
                "What do we pay for {minutes} of building?",
            ],
            gives={"price": Result(RENT, ["the bill for using {machine} for {minutes}"])},
            run=_bill,
        ),
        WorldTool(
            "versions.current",
            "Look up the version of a repository that was released last.",
            needs={"repository": REPOSITORY.means("repository as owner/name")},
            say=[
                "look up the version of {repository} that is out now",
                "check which version {repository} released last",
                "What version is {repository} at?",
            ],
            vague=["check which version was released last"],
            gives={
                "version": Result(
                    VERSION,
                    ["the current version of {repository}", "the latest release of {repository}"],
                )
            },
            like=["versions.bump", "releases.publish"],
        ),
        WorldTool(
            "versions.bump",
            "Work out the version that follows another when its major, minor or patch part is raised.",
            needs={
                "version": VERSION.means("version to start from, as in 1.2.3"),
                "part": choice("version part", "major minor patch").means("part to raise"),
            },
            say=[
                "raise the {part} part of {version}",
                "tell me the {part} successor of {version}",
                "Which version does a {part} bump make of {version}?",
            ],
            vague=["raise the {version}", "tell me the {part} successor"],
            gives={"version": Result(VERSION, ["the {part} successor of {version}"])},
            run=_bump,
            like=["versions.current"],
        ),
        WorldTool(
            "releases.publish",
            "Publish a release of a repository under a version.",
            needs={
                "repository": REPOSITORY.means("repository as owner/name"),
                "version": VERSION.means("version to release, as in 1.2.3"),
            },
            takes={
                "channel": choice(
                    "channel", {"stable": "stable", "beta": "beta", "nightly": "nightly"}
                ).means("who gets it", default="stable"),
                "announce_to": EMAIL.means("address that is told"),
            },
            say=[
                "publish {repository} as {version}",
                "bring {repository} out as {version}",
                "It is time for {repository} to come out as {version}.",
            ],
            add={
                "channel": ["on the {channel} channel"],
                "announce_to": ["announcing it to {announce_to}"],
            },
            vague=["publish {repository}", "bring the new release out as {version}"],
            like=["versions.current", "builds.launch"],
        ),
    ],
    idle=[
        "Are tabs better than spaces?",
        "Which programming language should a child learn first?",
        "Tell me the story of the first computer bug.",
        "I finally understood recursion today.",
        "Why does everybody quarrel about text editors?",
        "Can you write a sorting algorithm for me?",
        "What does the word idempotent mean?",
        "Draw a sleepy penguin out of ASCII characters.",
        "How much does a database engineer earn?",
        "My keyboard lost its space bar.",
    ],
)
