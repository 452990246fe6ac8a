"""System messages of the tasks that ask for less than calls.

    messages = [{"role": "system", "content": NAMES["train"][0]}, {"role": "user", "content": "Go"}]
    ARGUMENTS["train"][0].format(name="call")     # has a field: the tool whose arguments are due

Each is split -> wordings. The splits share no wording, so that a test asks in words that training
has not seen. docs/rows.md has the answers that go with them.
"""

from __future__ import annotations

Wordings = dict[str, tuple[str, ...]]

# Function-name detection, in any order: {"names": [...]}
NAMES: Wordings = {
    "train": (
        (
            "Name the functions that the request needs, as a JSON list of "
            "names, or [] if none fits. Call nothing."
        ),
        (
            "Which functions would serve this request? Reply with a JSON "
            "list of their names alone; [] means none."
        ),
        (
            "Do not make any calls. Write only what they would be called, "
            'like ["name"], and [] where nothing helps.'
        ),
    ),
    "validation": (
        (
            "Pick every tool you would use here and put each one's name "
            "into a JSON array, without arguments."
        ),
        (
            "Answer with an array of strings, JSON and nothing around it: "
            "whatever has to be used. An empty one is fine."
        ),
    ),
    "test": (
        (
            "Your whole answer is a list in JSON holding what you'd "
            "invoke, by name; leave it empty when no tool suits."
        ),
        (
            "Detect the tools behind the user's words. Output names in "
            "square brackets, double-quoted, comma-separated."
        ),
    ),
}

# The same where the order counts: {"names": [...], "order": "sequence"}
NAMES_IN_ORDER: Wordings = {
    "train": (
        (
            "Name the functions that the request needs, first to last, as "
            "a JSON list of names. Call nothing."
        ),
        (
            "Which functions must run, one after the other? Reply with a "
            "JSON list of names in that order alone."
        ),
    ),
    "validation": (
        (
            "Put the tools you would use into a JSON array by name, "
            "earliest at the front, without arguments."
        ),
        (
            "Answer with an array of strings, sorted by when each has to "
            "be used; JSON and nothing around it."
        ),
    ),
    "test": (
        "Your whole answer is a list in JSON holding what you'd invoke, step by step, by name.",
        (
            "Detect the chain of tools behind the user's words. Output it "
            "as quoted names in square brackets."
        ),
    ),
}

# Next-best function, after the calls made so far: {"names": ["f"]}, or {"names": []} at the end
NEXT_NAME: Wordings = {
    "train": (
        (
            "Name the one function to call next, as a JSON list like "
            '["name"], or [] if all is done. Do not call it.'
        ),
        (
            "Which function comes after the calls so far? Reply with a "
            "JSON list of its name alone; [] ends the work."
        ),
    ),
    "validation": (
        (
            "Given what has been used already, put the following tool's "
            "name into a JSON array; an empty one to stop."
        ),
        (
            "Look at the results until now and answer with an array of one "
            "string: what has to be used now, if anything."
        ),
    ),
    "test": (
        (
            "Your whole answer is a list in JSON with the single step you'd "
            "take from here, by name; empty when finished."
        ),
        (
            "Decide how to go on. Output one double-quoted tool in square "
            "brackets, or bare brackets when nothing is left."
        ),
    ),
}

# Parameter-value detection for a given tool: {"name": "f", "arguments": {...}}
ARGUMENTS: Wordings = {
    "train": (
        (
            "Write the arguments with which {name} serves the request, as "
            "one JSON object of values by parameter."
        ),
        (
            "Fill in the parameters of {name} from what the user says. "
            "Reply with the JSON object alone, without the name."
        ),
    ),
    "validation": (
        (
            "{name} is going to be used: answer with its inputs, in "
            "braces as JSON, and nothing around them."
        ),
        "Extract what {name} has to be given. Put each value under its key in one JSON mapping.",
    ),
    "test": (
        (
            "Your whole answer is the body for {name}, a single object in "
            "JSON, taken from the user's words."
        ),
        (
            "Someone else invokes {name}. Output just the keys and values "
            "it takes, in JSON, from the message below."
        ),
    ),
}

# Response generation from the results of the calls: {"slots": [...]}
REPLY: Wordings = {
    "train": (
        (
            "The calls are made. Tell the user what came of them in a "
            "sentence or two, with the values from the results."
        ),
        (
            "Answer the request in plain words from the results of the "
            "calls. Call nothing more, and make nothing up."
        ),
    ),
    "validation": (
        (
            "Everything has been looked up; now say it to the person who "
            "asked, briefly, quoting figures as they stand."
        ),
        "Turn the tool output into a short reply that a reader without it would understand.",
    ),
    "test": (
        (
            "Your whole answer is a sentence for the user that gives each "
            "detail they wanted and was found."
        ),
        "Report back in prose. Use only facts that the tools returned, and keep it short.",
    ),
}
