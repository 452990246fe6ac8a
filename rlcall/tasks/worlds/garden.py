"""A kitchen garden: beds, watering, planting, harvest and compost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import choice, code, integer, many, record, text
from rlcall.tasks.measures import figure, measured
from rlcall.tasks.shared_kinds import DATE, EMAIL, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

# in the order of the rotation; words without a plural, so that a crop has one name
_CROPS = (
    "garlic",
    "lettuce",
    "celery",
    "kale",
    "spinach",
    "fennel",
    "chard",
    "rhubarb",
    "parsley",
    "rocket",
    "dill",
)
CROP = text("crop", "; ".join(_CROPS))
BED = called(code("garden bed", "@#"), "bed {}", "garden bed {}")
BED_LABEL = "label of the bed: a letter and a digit"
AREA = measured("bed area", 2, 40, "square metres", places=1)
GROWING_DAYS = measured("growing days", 30, 150, "days")
MILLIMETRES = measured("watering depth", 5, 40, "millimetres", "mm")
WATER = measured("litres of water", 20, 900, "litres", step=10)
THICKNESS = measured("layer thickness", 2, 15, "centimetres", "cm")
PLANTS = measured("plants", 12, 300, "plants")
PICKED = measured("picked weight", 0.5, 25, "kilograms", "kg", places=1)
GAP = integer("gap", 15, 60, 5)
SPACING = record(
    "plant spacing",
    "{row_gap} centimetres between rows and {plant_gap} between plants",
    row_gap=GAP.means("centimetres from one row to the next"),
    plant_gap=GAP.means("centimetres from one plant to the next in a row"),
)
METHOD = choice("compost method", {"a cold heap": "CH", "a hot heap": "HH", "a worm bin": "WB"})
PEST = choice(
    "pest",
    {"slugs": "SLG", "greenfly": "GRF", "caterpillars": "CAT", "weevils": "WVL", "mites": "MIT"},
)

_READY_AFTER = {"CH": 270, "HH": 60, "WB": 120}


def _first_picking(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "day": (
            date.fromisoformat(arguments["sown"]) + timedelta(days=arguments["days"])
        ).isoformat()
    }


def _next_crop(arguments: Mapping[str, Any]) -> dict[str, Any]:
    crop = arguments["crop"].lower()
    place = _CROPS.index(crop) + 1 if crop in _CROPS else 0
    return {"crop": _CROPS[place % len(_CROPS)]}


def _water(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Count a litre for a millimetre on a square metre."""
    return {"water": round(arguments["area"] * arguments["millimetres"])}


def _hose_time(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"minutes": max(1, ceil(arguments["water"] / arguments["flow"]))}


def _plants(arguments: Mapping[str, Any]) -> dict[str, Any]:
    spacing = arguments["spacing"]
    return {
        "plants": int(arguments["area"] * 10_000 // (spacing["row_gap"] * spacing["plant_gap"]))
    }


def _compost(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Count ten litres for a centimetre on a square metre."""
    return {"compost": round(arguments["area"] * arguments["thickness"] * 10)}


def _compost_day(arguments: Mapping[str, Any]) -> dict[str, Any]:
    days = _READY_AFTER[arguments["method"]] * (2 if arguments["turned"] else 3) // 3
    return {"ready": (date.fromisoformat(arguments["started"]) + timedelta(days=days)).isoformat()}


WORLD = World(
    "garden",
    [
        WorldTool(
            "bed_of_crop",
            "Find the bed in which a crop grows.",
            needs={"crop": CROP.means("name of the crop")},
            say=[
                "find the bed where {crop} grows",
                "tell me which bed is planted with {crop}",
                "In which bed did we put {crop} this year?",
            ],
            vague=["find the bed where it grows", "In which bed did we put that plant?"],
            gives={
                "bed": Result(BED, ["the bed that holds {crop}", "the bed given over to {crop}"])
            },
            like=["next_in_rotation", "bed_area"],
        ),
        WorldTool(
            "next_in_rotation",
            "Look up which crop follows another one in the rotation of the garden.",
            needs={"crop": CROP.means("the crop that comes before")},
            say=[
                "look up which crop comes after {crop} in the rotation",
                "see what our rotation lists after {crop}",
                "What does our rotation have in store after {crop}?",
            ],
            vague=["look up which crop comes next in the rotation"],
            gives={
                "crop": Result(
                    CROP,
                    ["the crop after {crop} in the rotation", "the rotation's successor of {crop}"],
                )
            },
            run=_next_crop,
            like=["bed_of_crop", "growing_time"],
        ),
        WorldTool(
            "growing_time",
            "Look up how many days a crop takes from seed to harvest.",
            needs={"crop": CROP.means("name of the crop")},
            say=[
                "look up how many days {crop} takes from seed to harvest",
                "check the growing time of {crop}",
                "How many days does {crop} need to grow?",
            ],
            vague=["look up how many days it takes from seed to harvest", "check the growing time"],
            gives={
                "days": Result(
                    GROWING_DAYS, ["the growing time of {crop}", "the growing period of {crop}"]
                )
            },
            like=["first_picking", "compost_ready"],
        ),
        WorldTool(
            "first_picking",
            "Work out the day of the first picking from the day of sowing and the days of growth.",
            needs={
                "sown": DATE.means("day of sowing"),
                "days": GROWING_DAYS.means("days from sowing to picking"),
            },
            say=[
                "work out when I can first pick what takes {days} to ripen and is sown on {sown}",
                "name the first picking day for seeds that need {days} and are sown on {sown}",
                "If I wait for {days} after sowing on {sown}, when does picking begin?",
            ],
            vague=[
                "work out when I can first pick what is sown on {sown}",
                "Picking begins when, if I wait for {days}?",
            ],
            gives={
                "day": Result(
                    DATE,
                    ["the first picking day of what takes {days} to ripen and is sown on {sown}"],
                )
            },
            run=_first_picking,
            like=["growing_time", "compost_ready"],
        ),
        WorldTool(
            "bed_area",
            "Look up the area of a bed in square metres.",
            needs={"bed": BED.means(BED_LABEL)},
            say=[
                "look up the area of {bed}",
                "tell me the size of {bed} in square metres",
                "How many square metres does {bed} have?",
            ],
            vague=["look up the area of the bed", "How many square metres does it have?"],
            gives={"area": Result(AREA, ["the area of {bed}", "the surface of {bed}"])},
            like=["soil_moisture", "plants_that_fit"],
        ),
        WorldTool(
            "soil_moisture",
            "Read the moisture of the soil in a bed, in percent.",
            needs={"bed": BED.means(BED_LABEL)},
            takes={
                "level": choice(
                    "soil level", {"near the surface": "top", "at root depth": "root"}
                ).means(
                    "where it is measured; top: near the surface; root: at root depth",
                    default="top",
                )
            },
            say=[
                "read the soil moisture in {bed}",
                "check the dampness of the soil in {bed}",
                "Is the soil in {bed} dry, or how moist is it?",
            ],
            add={"level": ["{level}"]},
            vague=["read the soil moisture", "check the dampness of the soil in my bed"],
            gives={
                "moisture": Result(figure("soil moisture", 5, 95), ["the soil moisture in {bed}"])
            },
            like=["bed_area", "run_sprinkler"],
        ),
        WorldTool(
            "water_for_area",
            "Work out how many litres of water an area needs for a watering of some millimetres.",
            needs={
                "millimetres": MILLIMETRES.means("millimetres of water that are wanted"),
                "area": AREA.means("square metres to be watered"),
            },
            say=[
                "work out how much water a soaking of {millimetres} takes on {area}",
                "give me the litres needed for {millimetres} of water on {area}",
                "How many litres must I pour to put {millimetres} of water on {area}?",
            ],
            vague=[
                "work out how much water a soaking of {millimetres} takes",
                "How many litres must I pour on {area}?",
            ],
            gives={
                "water": Result(
                    WATER,
                    [
                        "the water for a soaking of {millimetres} on {area}",
                        "the litres needed for {millimetres} of water on {area}",
                    ],
                )
            },
            run=_water,
            like=["compost_for_area", "hose_minutes"],
        ),
        WorldTool(
            "hose_minutes",
            "Work out how many minutes a hose must run to deliver an amount of water.",
            needs={
                "flow": integer("litres a minute", 4, 24, 2).means(
                    "litres that the hose gives in a minute"
                ),
                "water": WATER.means("litres to deliver"),
            },
            say=[
                "work out how long a hose giving {flow} litres a minute takes to deliver {water}",
                "reckon the running time of a hose with {flow} litres a minute that must yield {water}",
                "How long is a hose with {flow} litres a minute busy delivering {water}?",
            ],
            vague=[
                "work out how long the hose takes to deliver {water}",
                "How long must a hose run to do the job?",
            ],
            gives={
                "minutes": Result(
                    MINUTES,
                    ["the time a hose giving {flow} litres a minute takes to deliver {water}"],
                )
            },
            run=_hose_time,
            like=["run_sprinkler", "water_for_area"],
        ),
        WorldTool(
            "run_sprinkler",
            "Let the sprinkler of a bed run for some minutes.",
            needs={"bed": BED.means(BED_LABEL), "minutes": MINUTES.means("how long, in minutes")},
            takes={
                "nozzle": choice("nozzle", {"mist": "M", "shower": "S", "jet": "J"}).means(
                    "M is mist, S is shower, J is jet", default="S"
                ),
                "start": TIME.means("time of day to begin, HH:MM, at once if left out"),
            },
            say=[
                "let the sprinkler of {bed} run for {minutes}",
                "sprinkle {bed} for {minutes}",
                "turn the sprinkler in {bed} on for {minutes}",
                "For {minutes}, the sprinkler should water {bed}.",
            ],
            add={"nozzle": ["with the nozzle set to {nozzle}"], "start": ["starting at {start}"]},
            vague=["let the sprinkler of {bed} run", "turn the sprinkler on for {minutes}"],
            like=["hose_minutes", "soil_moisture"],
        ),
        WorldTool(
            "plants_that_fit",
            "Work out how many plants fit on an area when they are set in rows.",
            needs={
                "area": AREA.means("square metres to be planted"),
                "spacing": SPACING.means("gaps in centimetres"),
            },
            say=[
                "work out how many plants fit on {area} with {spacing}",
                "find out the number of plants for {area}, leaving {spacing}",
                "Leaving {spacing}, how many plants can I set on {area}?",
            ],
            vague=[
                "work out how many plants fit on {area}",
                "Leaving {spacing}, how many plants can I set?",
            ],
            gives={
                "plants": Result(PLANTS, ["the number of plants that fit on {area} with {spacing}"])
            },
            run=_plants,
            like=["plan_planting", "bed_area"],
        ),
        WorldTool(
            "plan_planting",
            "Enter a crop with its number of plants in the planting plan of a bed.",
            needs={
                "crop": CROP.means("what is planted"),
                "bed": BED.means(BED_LABEL),
                "plants": PLANTS.means("how many plants"),
            },
            takes={
                "fleece": choice("fleece", {"under fleece": True, "without fleece": False}).means(
                    "whether fleece covers the plants", default=False
                ),
                "day": DATE.means("day of planting"),
            },
            say=[
                "enter {crop} in the planting plan of {bed} with {plants}",
                "give {crop} a place in the planting plan of {bed} with {plants}",
                "The planting plan of {bed} lacks {crop}, so add it with {plants}.",
            ],
            add={"fleece": ["{fleece}"], "day": ["to be planted on {day}"]},
            vague=[
                "enter {crop} in the planting plan with {plants}",
                "add {plants} to the planting plan of {bed}",
            ],
            like=["plants_that_fit", "log_harvest"],
        ),
        WorldTool(
            "log_harvest",
            "Enter in the harvest book how many kilograms of a crop were brought in.",
            needs={
                "weight": PICKED.means("kilograms brought in"),
                "crop": CROP.means("what was harvested"),
            },
            takes={
                "grade": choice(
                    "grade", {"top quality": "A", "fair quality": "B", "poor quality": "C"}
                ).means("A is top, B fair, C poor quality"),
                "picker": PERSON.means("who picked it"),
            },
            say=[
                "enter {weight} of {crop} in the harvest book",
                "write {weight} of {crop} into the harvest book",
                "We have brought in {weight} of {crop}, which belongs in the harvest book.",
            ],
            add={"grade": ["marked as {grade}"], "picker": ["picked by {picker}"]},
            vague=["enter {crop} in the harvest book", "write {weight} into the harvest book"],
            like=["plan_planting"],
        ),
        WorldTool(
            "report_pests",
            "Report pests that were seen in a bed to the head gardener.",
            needs={
                "pests": many(PEST, 1, 3).means(
                    "SLG slugs, GRF greenfly, CAT caterpillars, WVL weevils, MIT mites"
                ),
                "bed": BED.means(BED_LABEL),
            },
            takes={
                "damage": choice("damage", "slight moderate severe").means("how bad the damage is"),
                "copy_to": EMAIL.means("address that gets a copy of the report"),
            },
            say=[
                "report to the head gardener that there are {pests} in {bed}",
                "let the head gardener know about {pests} in {bed}",
                "I saw {pests} in {bed}, so report that to the head gardener.",
            ],
            add={"damage": ["with {damage} damage"], "copy_to": ["and send a copy to {copy_to}"]},
            vague=[
                "report {pests} to the head gardener",
                "let the head gardener know about pests in {bed}",
            ],
        ),
        WorldTool(
            "compost_for_area",
            "Work out how many litres of compost cover an area in a layer of some centimetres.",
            needs={
                "thickness": THICKNESS.means("thickness of the layer in centimetres"),
                "area": AREA.means("square metres to be covered"),
            },
            say=[
                "work out how much compost a layer of {thickness} takes on {area}",
                "give me the litres of compost for {thickness} on {area}",
                "How much compost must I spread for a layer of {thickness} on {area}?",
            ],
            vague=[
                "work out how much compost a layer of {thickness} takes",
                "How much compost must I spread on {area}?",
            ],
            gives={
                "compost": Result(
                    measured("litres of compost", 40, 3000, "litres", step=10),
                    ["the compost for a layer of {thickness} on {area}"],
                )
            },
            run=_compost,
            like=["water_for_area", "compost_ready"],
        ),
        WorldTool(
            "compost_ready",
            "Work out the day on which compost that was started on another day is ready.",
            needs={
                "method": METHOD.means("CH is a cold heap, HH a hot heap, WB a worm bin"),
                "started": DATE.means("day on which it was started"),
            },
            takes={
                "turned": choice(
                    "turned", {"with weekly turning": True, "without turning": False}
                ).means(
                    "whether it is turned every week, which saves a third of the time",
                    default=False,
                )
            },
            say=[
                "tell me when I get compost out of {method} begun on {started}",
                "work out the ready date of compost from {method} set up on {started}",
                "By what day will there be compost from {method} that I set up on {started}?",
            ],
            add={"turned": ["{turned}"]},
            vague=[
                "tell me when I get compost out of {method}",
                "By what day is what I set up on {started} compost?",
            ],
            gives={
                "ready": Result(
                    DATE, ["the ready date of compost from {method} set up on {started}"]
                )
            },
            run=_compost_day,
            like=["first_picking", "compost_for_area"],
        ),
    ],
    idle=[
        "Why do leaves turn red in autumn?",
        "Tell me a joke about scarecrows.",
        "Can you pull up the weeds for me?",
        "My neighbour's cat sleeps in my flower pots.",
        "Is rhubarb a fruit or a vegetable?",
        "How do earthworms breathe?",
        "Write a haiku about the first frost.",
        "What is the difference between annuals and perennials?",
        "Does it help plants to be talked to?",
        "Explain how grafting works.",
        "Which rose has the sweetest scent?",
    ],
)
