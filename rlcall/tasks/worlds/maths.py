"""Reckoning: units, arithmetic, geometry and statistics. Every result is computed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from typing import Any

from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind, choice, integer, many, number, record, word
from rlcall.tasks.measures import figure, measured
from rlcall.tasks.shared_kinds import MINUTES
from rlcall.tasks.world import Result, World, WorldTool


def _draw_number(draw: Draw) -> Value:
    value = draw.between(20, 9000) / 10 if draw.chance(0.5) else draw.between(2, 900)
    return Value(f"{value:g}", value)


def _draw_decimal(draw: Draw) -> Value:
    value = (10 * draw.between(10000, 9000000) + draw.between(1, 9)) / 100000
    return Value(str(value), value)


def _draw_coordinate(draw: Draw) -> Value:
    value = draw.between(-30, 30)
    return Value(str(value), value)


NUMBER = Kind("number", {"type": "number", "minimum": 0}, _draw_number)
DECIMAL = Kind("number", NUMBER.schema, _draw_decimal)  # with enough places to be rounded
NUMBERS = many(NUMBER, 3, 6)
WHOLE = figure("whole number", 12, 990)
SHARE = measured("share", 2, 98, "percent", "per cent")
CHANGE = figure("percentage change", -100, 100, places=1, schema={})
SCORE = figure("standard score", -4, 4, places=2, schema={})
DEVIATION = figure("deviation", 0.5, 40, places=1, schema={"exclusiveMinimum": 0})
COORDINATE = Kind(
    "coordinate", {"type": "integer", "minimum": -30, "maximum": 30}, _draw_coordinate
)
DIGITS = word("digits", "1101; 777; 2f")
METRES = measured("metres", 1.5, 60, "metres", "m", places=1)
SQUARE_METRES = measured("square metres", 4, 300, "square metres", "m²", places=1)
LITRES = measured("litres", 1, 200, "litres", places=1)
KILOMETRES = measured("kilometres", 3, 30, "kilometres", "km")
LONG_WAY = measured("kilometres", 20, 900, "kilometres", "km")
SPEED = measured("kilometres per hour", 5, 130, "kilometres per hour", "km/h", step=5)
POINT = record(
    "point",
    "({x}, {y})",
    x=COORDINATE.means("first coordinate"),
    y=COORDINATE.means("second coordinate"),
)
LENGTH_UNIT = choice(
    "unit of length",
    {
        "metres": "m",
        "kilometres": "km",
        "centimetres": "cm",
        "miles": "mi",
        "yards": "yd",
        "feet": "ft",
        "inches": "in",
        "nautical miles": "nmi",
    },
)
MASS_UNIT = choice(
    "unit of mass",
    {"grams": "g", "kilograms": "kg", "tonnes": "t", "ounces": "oz", "pounds": "lb", "stone": "st"},
)
BASE = choice("base", {"binary": 2, "octal": 8, "hexadecimal": 16})
ROUNDING = choice(
    "direction", {"upwards": "up", "downwards": "down", "to the nearest digit": "nearest"}
)

_METRES = {
    "m": 1,
    "km": 1000,
    "cm": 0.01,
    "mi": 1609.344,
    "yd": 0.9144,
    "ft": 0.3048,
    "in": 0.0254,
    "nmi": 1852,
}
_GRAMS = {"g": 1, "kg": 1000, "t": 1_000_000, "oz": 28.349523125, "lb": 453.59237, "st": 6350.29318}
_LENGTH_CODES = "m, km, cm, mi (miles), yd, ft, in (inches) or nmi (nautical miles)"
_MASS_CODES = "g, kg, t (tonnes), oz (ounces), lb (pounds) or st (stone)"


def _convert_length(arguments: Mapping[str, Any]) -> dict[str, Any]:
    metres = arguments["value"] * _METRES[arguments["from_unit"]]
    return {"converted": round(metres / _METRES[arguments["to_unit"]], 4)}


def _convert_mass(arguments: Mapping[str, Any]) -> dict[str, Any]:
    grams = arguments["value"] * _GRAMS[arguments["from_unit"]]
    return {"converted": round(grams / _GRAMS[arguments["to_unit"]], 4)}


def _round(arguments: Mapping[str, Any]) -> dict[str, Any]:
    scale = 10 ** arguments["places"]
    scaled = round(arguments["value"] * scale, 6)
    whole = {
        "up": math.ceil(scaled),
        "down": math.floor(scaled),
        "nearest": math.floor(scaled + 0.5),
    }
    return {"rounded": whole[arguments["direction"]] / scale}


def _percentage_change(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Compare amounts, which are from 5 on, so that there is something to divide by."""
    before, after = arguments["before"], arguments["after"]
    return {"change": round((after - before) / before * 100, 1)}


def _deviation(arguments: Mapping[str, Any]) -> dict[str, Any]:
    spread = statistics.stdev if arguments["sample"] else statistics.pstdev
    return {"deviation": round(spread(arguments["values"]), 3)}


def _standard_score(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"score": round((arguments["value"] - arguments["mean"]) / arguments["deviation"], 2)}


def _in_base(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"digits": format(arguments["number"], {2: "b", 8: "o", 16: "x"}[arguments["base"]])}


def _paint(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"litres": round(arguments["area"] * arguments["coats"] / arguments["coverage"], 1)}


def _distance(arguments: Mapping[str, Any]) -> dict[str, Any]:
    start, end = arguments["start"], arguments["end"]
    return {"distance": round(math.hypot(end["x"] - start["x"], end["y"] - start["y"]), 3)}


def _travel_time(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"minutes": max(1, round(arguments["distance"] / arguments["speed"] * 60))}


WORLD = World(
    "maths",
    [
        WorldTool(
            "convert_length",
            "Convert a length from one unit to another.",
            needs={
                "value": NUMBER.means("the length in the unit it is given in"),
                "from_unit": LENGTH_UNIT.means(f"unit it is given in: {_LENGTH_CODES}"),
                "to_unit": LENGTH_UNIT.means(f"the unit wanted: {_LENGTH_CODES}"),
            },
            say=[
                "convert {value} from {from_unit} to {to_unit}",
                "express {value} in {to_unit} instead of {from_unit}",
                "change a length of {value} from {from_unit} into {to_unit}",
                "Taking {value} as {from_unit}, how much is that in {to_unit}?",
            ],
            vague=[
                "convert {value} to {to_unit}",
                "convert a length from {from_unit} to {to_unit}",
            ],
            gives={
                "converted": Result(
                    NUMBER, ["the result of converting {value} from {from_unit} to {to_unit}"]
                )
            },
            run=_convert_length,
            like=["convert_mass"],
        ),
        WorldTool(
            "convert_mass",
            "Convert a mass from one unit to another.",
            needs={
                "value": NUMBER.means("the mass in the unit it is given in"),
                "from_unit": MASS_UNIT.means(f"unit it is given in: {_MASS_CODES}"),
                "to_unit": MASS_UNIT.means(f"the unit wanted: {_MASS_CODES}"),
            },
            say=[
                "convert {value} from {from_unit} to {to_unit}",
                "restate {value} in {to_unit} rather than {from_unit}",
                "turn a weight of {value} from {from_unit} into {to_unit}",
                "If something weighs {value} in {from_unit}, what is it in {to_unit}?",
            ],
            vague=["convert {value} to {to_unit}", "turn a weight from {from_unit} into {to_unit}"],
            gives={
                "converted": Result(
                    NUMBER, ["the result of converting {value} from {from_unit} to {to_unit}"]
                )
            },
            run=_convert_mass,
            like=["convert_length"],
        ),
        WorldTool(
            "percentage_of",
            "Work out a percentage of a number.",
            needs={
                "share": SHARE.means("how many percent"),
                "whole": NUMBER.means("number that the share is taken of"),
            },
            say=[
                "work out {share} of {whole}",
                "tell me what {share} of {whole} comes to",
                "calculate {share} of {whole}",
                "How much is {share} of {whole}?",
            ],
            vague=["work out {share} of my total"],
            gives={"part": Result(NUMBER, ["{share} of {whole}"])},
            run=lambda arguments: {"part": round(arguments["whole"] * arguments["share"] / 100, 4)},
            like=["percentage_change"],
        ),
        WorldTool(
            "percentage_change",
            "Work out by how many percent a price rose or fell.",
            needs={
                "before": number("price", 5, 900, 2).means("price at first"),
                "after": number("price", 5, 900, 2).means("price in the end"),
            },
            say=[
                "work out the percentage change of a price that went from {before} to {after}",
                "calculate by how many percent a price moves when it goes from {before} to {after}",
                "A price went from {before} to {after}, what is that in percent?",
            ],
            vague=[
                "work out by how many percent a price rose to {after}",
                "calculate the change in percent from {before}",
            ],
            gives={
                "change": Result(
                    CHANGE, ["the percentage change of a price from {before} to {after}"]
                )
            },
            run=_percentage_change,
            like=["percentage_of"],
        ),
        WorldTool(
            "round_number",
            "Round a number to some decimal places.",
            needs={
                "value": DECIMAL.means("number to round"),
                "places": integer("places", 2, 4).means("decimal places kept"),
            },
            takes={"direction": ROUNDING.means("up, down or nearest", default="nearest")},
            say=[
                "round {value} to {places} decimal places",
                "bring {value} down to {places} digits after the point by rounding",
                "I need {value} rounded to {places} decimals.",
            ],
            add={"direction": ["{direction}"]},
            vague=["round {value}", "round the number to {places} decimal places"],
            gives={
                "rounded": Result(NUMBER, ["the result of rounding {value} to {places} decimals"])
            },
            run=_round,
        ),
        WorldTool(
            "square_root",
            "Take the square root of a number.",
            needs={"value": NUMBER.means("number under the root")},
            say=[
                "take the square root of {value}",
                "find the number whose square is {value}",
                "What is the square root of {value}?",
            ],
            vague=["take the square root", "What is its square root?"],
            gives={"root": Result(NUMBER, ["the square root of {value}"])},
            run=lambda arguments: {"root": round(math.sqrt(arguments["value"]), 4)},
        ),
        WorldTool(
            "mean_of",
            "Compute the arithmetic mean of a list of numbers.",
            needs={"values": NUMBERS.means("the numbers")},
            say=[
                "average {values}",
                "compute the mean of {values}",
                "get the arithmetic mean of the numbers {values}",
                "What do {values} average out at?",
            ],
            vague=["compute the mean of my numbers", "What is the average?"],
            gives={"mean": Result(NUMBER, ["the mean of {values}", "the average of {values}"])},
            run=lambda arguments: {"mean": round(statistics.fmean(arguments["values"]), 3)},
            like=["median_of", "standard_deviation"],
        ),
        WorldTool(
            "median_of",
            "Find the middle value of a list of numbers, once they are sorted.",
            needs={"values": NUMBERS.means("the numbers")},
            say=[
                "find the median of {values}",
                "sort {values} and give me the middle value",
                "Which value lies in the middle of {values}?",
            ],
            vague=["find the median of the list", "sort the numbers and give me the middle value"],
            gives={
                "median": Result(NUMBER, ["the median of {values}", "the middle value of {values}"])
            },
            run=lambda arguments: {"median": round(statistics.median(arguments["values"]), 3)},
            like=["mean_of"],
        ),
        WorldTool(
            "standard_deviation",
            "Compute how widely a list of numbers is spread about its mean.",
            needs={"values": NUMBERS.means("the numbers")},
            takes={
                "sample": choice(
                    "sample", {"as a sample": True, "as a whole population": False}
                ).means(
                    "true if the numbers are a sample, false if they are everything", default=True
                )
            },
            say=[
                "compute the standard deviation of {values}",
                "measure by the standard deviation how widely {values} are spread",
                "What standard deviation do {values} have?",
            ],
            add={"sample": ["treating them {sample}", "taken {sample}"]},
            vague=["compute the standard deviation", "measure how widely my data are spread"],
            gives={"deviation": Result(DEVIATION, ["the standard deviation of {values}"])},
            run=_deviation,
            like=["standard_score", "mean_of"],
        ),
        WorldTool(
            "standard_score",
            "Compute by how many standard deviations a value differs from the mean.",
            needs={
                "value": NUMBER.means("the value"),
                "mean": NUMBER.means("mean of all the values"),
                "deviation": DEVIATION.means("standard deviation of all the values"),
            },
            say=[
                "work out the z-score of {value} for a mean of {mean} and a standard deviation of {deviation}",
                "standardise {value} given a mean of {mean} and a standard deviation of {deviation}",
                "With a mean of {mean} and a standard deviation of {deviation}, what z-score has {value}?",
            ],
            vague=["work out the z-score of {value}", "standardise {value} given a mean of {mean}"],
            gives={
                "score": Result(
                    SCORE,
                    [
                        "the z-score of {value} for a mean of {mean} and a standard deviation of {deviation}"
                    ],
                )
            },
            run=_standard_score,
            like=["standard_deviation"],
        ),
        WorldTool(
            "common_divisor",
            "Find the greatest whole number that divides two whole numbers.",
            needs={
                "first": WHOLE.means("the number named first"),
                "second": WHOLE.means("the number named second"),
            },
            say=[
                "find the greatest divisor that {first} shares with {second}",
                "work out the greatest common divisor for {first} together with {second}",
                "What is the largest number that divides {first} as well as {second}?",
            ],
            vague=["find the greatest divisor that {first} shares with the other number"],
            gives={
                "divisor": Result(WHOLE, ["the greatest divisor that {first} shares with {second}"])
            },
            run=lambda arguments: {"divisor": math.gcd(arguments["first"], arguments["second"])},
            like=["common_multiple"],
        ),
        WorldTool(
            "common_multiple",
            "Find the smallest whole number that is a multiple of two whole numbers.",
            needs={
                "first": WHOLE.means("the number named first"),
                "second": WHOLE.means("the number named second"),
            },
            say=[
                "find the smallest multiple that {first} shares with {second}",
                "work out the least common multiple for {first} together with {second}",
                "What is the smallest number divisible by {first} as well as by {second}?",
            ],
            vague=["find the smallest multiple that {first} shares with the other number"],
            gives={
                "multiple": Result(
                    WHOLE, ["the smallest multiple that {first} shares with {second}"]
                )
            },
            run=lambda arguments: {"multiple": math.lcm(arguments["first"], arguments["second"])},
            like=["common_divisor"],
        ),
        WorldTool(
            "digit_sum",
            "Add up the decimal digits of a whole number.",
            needs={"number": WHOLE.means("the whole number")},
            say=[
                "add up the digits of {number}",
                "form the digit sum of {number}",
                "What do the digits of {number} add up to?",
            ],
            vague=["add up the digits", "form the digit sum of the number I have in mind"],
            gives={"total": Result(WHOLE, ["the digit sum of {number}"])},
            run=lambda arguments: {"total": sum(map(int, str(int(arguments["number"]))))},
            like=["write_in_base"],
        ),
        WorldTool(
            "write_in_base",
            "Write a whole number in another base.",
            needs={
                "number": WHOLE.means("the whole number"),
                "base": BASE.means("2 binary, 8 octal, 16 hexadecimal"),
            },
            say=[
                "write {number} in {base}",
                "give me the {base} form of {number}",
                "What does {number} look like in {base}?",
            ],
            vague=["write {number} in another base", "give me the {base} form of that number"],
            gives={"digits": Result(DIGITS, ["the {base} form of {number}"])},
            run=_in_base,
            like=["digit_sum"],
        ),
        WorldTool(
            "circle_area",
            "Compute the area of a circle in square metres from its radius.",
            needs={"radius": METRES.means("metres from the centre to the edge")},
            say=[
                "compute the area of a circle with a radius of {radius}",
                "find out how much ground a circle covers if its radius is {radius}",
                "How large is a circle whose radius is {radius}?",
            ],
            vague=["compute the area of a circle", "How large is that circle?"],
            gives={
                "area": Result(SQUARE_METRES, ["the area of a circle with a radius of {radius}"])
            },
            run=lambda arguments: {"area": round(math.pi * arguments["radius"] ** 2, 2)},
            like=["rectangle_area"],
        ),
        WorldTool(
            "rectangle_area",
            "Compute the area of a rectangle in square metres from its sides.",
            needs={
                "length": METRES.means("metres, the side named first"),
                "width": METRES.means("metres, the other side"),
            },
            say=[
                "compute the area of a rectangle with a length of {length} and a width of {width}",
                "figure out the surface of a floor whose length is {length} and whose width is {width}",
                "What area has a wall with a length of {length} and a width of {width}?",
            ],
            vague=[
                "compute the area of a rectangle with a length of {length}",
                "figure out the surface of my floor",
            ],
            gives={
                "area": Result(
                    SQUARE_METRES,
                    ["the area of a rectangle with a length of {length} and a width of {width}"],
                )
            },
            run=lambda arguments: {"area": round(arguments["length"] * arguments["width"], 2)},
            like=["circle_area", "diagonal_length"],
        ),
        WorldTool(
            "diagonal_length",
            "Compute the longest side of a right-angled triangle from the other two.",
            needs={
                "leg": METRES.means("metres, the side named first"),
                "other_leg": METRES.means("metres, the other short side"),
            },
            say=[
                "compute the hypotenuse for one leg of {leg} and another leg of {other_leg}",
                "use Pythagoras to get the longest side from one leg of {leg} and another of {other_leg}",
                "How long is the hypotenuse if one leg is {leg} and the other leg is {other_leg}?",
            ],
            vague=[
                "compute the hypotenuse for one leg of {leg}",
                "use Pythagoras to get the longest side",
            ],
            gives={
                "length": Result(
                    METRES, ["the hypotenuse for one leg of {leg} and another leg of {other_leg}"]
                )
            },
            run=lambda arguments: {
                "length": round(math.hypot(arguments["leg"], arguments["other_leg"]), 3)
            },
            like=["point_distance", "rectangle_area"],
        ),
        WorldTool(
            "point_distance",
            "Compute the straight distance of two points given by coordinates.",
            needs={
                "start": POINT.means("the point named first"),
                "end": POINT.means("the point named second"),
            },
            say=[
                "compute the distance from {start} to {end}",
                "tell me how far apart the points {start} and {end} are",
                "How long is the straight line between {start} and {end}?",
            ],
            vague=["compute the distance from {start}", "tell me how far apart the two points are"],
            gives={"distance": Result(NUMBER, ["the distance from {start} to {end}"])},
            run=_distance,
            like=["diagonal_length"],
        ),
        WorldTool(
            "paint_needed",
            "Work out how many litres of paint an area takes.",
            needs={
                "area": SQUARE_METRES.means("square metres to be painted"),
                "coverage": integer("coverage", 5, 14).means("square metres that one litre covers"),
            },
            takes={"coats": integer("coats", 2, 4).means("how many layers", default=1, minimum=1)},
            say=[
                "work out the paint for {area} with a coverage of {coverage} square metres per litre",
                "calculate how much paint covers {area} at {coverage} square metres per litre",
                "If a litre covers {coverage} square metres, how much paint does {area} take?",
            ],
            add={"coats": ["in {coats} coats", "applied in {coats} layers"]},
            vague=["work out the paint for {area}", "calculate how much paint I have to buy"],
            gives={
                "litres": Result(
                    LITRES,
                    ["the paint for {area} with a coverage of {coverage} square metres per litre"],
                )
            },
            run=_paint,
        ),
        WorldTool(
            "pouring_time",
            "Work out how many minutes it takes to pour some litres at a steady flow.",
            needs={
                "volume": LITRES.means("litres to be poured"),
                "flow": integer("litres per minute", 3, 25).means("litres that flow in a minute"),
            },
            say=[
                "work out how long it takes to pour {volume} at a flow of {flow} litres per minute",
                "find the time needed for {volume} to run through at a rate of {flow} litres per minute",
                "With {flow} litres flowing per minute, how long does it take to pour {volume}?",
            ],
            vague=[
                "work out how long it takes to pour {volume}",
                "find the time needed at a rate of {flow} litres per minute",
            ],
            gives={
                "minutes": Result(
                    MINUTES, ["the time it takes to pour {volume} at {flow} litres per minute"]
                )
            },
            run=lambda arguments: {
                "minutes": max(1, round(arguments["volume"] / arguments["flow"]))
            },
            like=["travel_time"],
        ),
        WorldTool(
            "average_speed",
            "Compute the average speed in kilometres per hour from distance and time.",
            needs={
                "distance": KILOMETRES.means("kilometres travelled"),
                "minutes": MINUTES.means("how long it took, in minutes"),
            },
            say=[
                "compute the average speed over {distance} covered in {minutes}",
                "determine how fast one goes on average to do {distance} in {minutes}",
                "What average speed is {distance} in {minutes}?",
            ],
            vague=[
                "compute the average speed over {distance}",
                "determine how fast one went in {minutes}",
            ],
            gives={
                "speed": Result(SPEED, ["the average speed over {distance} covered in {minutes}"])
            },
            run=lambda arguments: {
                "speed": round(arguments["distance"] / arguments["minutes"] * 60)
            },
            like=["travel_time"],
        ),
        WorldTool(
            "travel_time",
            "Compute how many minutes a distance takes at a steady speed.",
            needs={
                "distance": LONG_WAY.means("kilometres to go"),
                "speed": integer("steady speed", 10, 130, 5).means("kilometres per hour"),
            },
            say=[
                "compute the time it takes to cover {distance} at a steady {speed} kilometres per hour",
                "get me the travel time over {distance} at {speed} kilometres per hour",
                "Going at {speed} kilometres per hour, how long does it take to cover {distance}?",
            ],
            vague=[
                "compute the time it takes to cover {distance}",
                "get me the travel time at {speed} kilometres per hour",
            ],
            gives={
                "minutes": Result(
                    MINUTES, ["the travel time over {distance} at {speed} kilometres per hour"]
                )
            },
            run=_travel_time,
            like=["average_speed", "pouring_time"],
        ),
    ],
    idle=[
        "Who proved Fermat's last theorem?",
        "Why is dividing by zero forbidden?",
        "I was never good at algebra.",
        "Explain to me what a prime number is.",
        "Tell me a riddle with matchsticks.",
        "Which is the most beautiful formula of all?",
        "How did the Romans do multiplication?",
        "Draw a triangle on the board.",
        "Are there more stars than grains of sand?",
        "Can you teach my son his times tables?",
        "Prove that there are infinitely many primes.",
        "What is the history of the metre?",
    ],
)
