"""The weather: forecasts, warnings and the sky."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.kinds import choice, integer, many, number, text
from rlcall.tasks.shared_kinds import CITY, COUNT, COUNTRY, DATE, DEGREES, TIME
from rlcall.tasks.world import Result, World, WorldTool

UNIT = choice(
    "temperature unit", {"Celsius": "celsius", "Fahrenheit": "fahrenheit", "Kelvin": "kelvin"}
)
WIND = integer("wind speed", 5, 120, 5, said="{} kilometres per hour")
HUMIDITY = integer("humidity", 10, 95, 5)
HAZARD = choice("hazard", "storm flood frost heat fog ice")
STATION = text(
    "weather station",
    "Harbour Hill; North Ridge; Mill Creek; Stone Bridge; Pine Valley; Castle Rock; Lake View; Fox Meadow",
)


def _convert(arguments: Mapping[str, Any]) -> dict[str, Any]:
    to_celsius = {
        "celsius": lambda t: t,
        "fahrenheit": lambda t: (t - 32) * 5 / 9,
        "kelvin": lambda t: t - 273.15,
    }
    from_celsius = {
        "celsius": lambda t: t,
        "fahrenheit": lambda t: t * 9 / 5 + 32,
        "kelvin": lambda t: t + 273.15,
    }
    celsius = to_celsius[arguments["from_unit"]](arguments["temperature"])
    return {"converted": round(from_celsius[arguments["to_unit"]](celsius), 2)}


def _wind_chill(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Apply the index of 2001: degrees Celsius, kilometres an hour."""
    degrees, speed = arguments["temperature"], arguments["wind_speed"] ** 0.16
    return {"felt": round(13.12 + 0.6215 * degrees - 11.37 * speed + 0.3965 * degrees * speed, 1)}


WORLD = World(
    "weather",
    [
        WorldTool(
            "get_daily_forecast",
            "Forecast the weather of a city for one day.",
            needs={"city": CITY.means("where"), "date": DATE.means("which day")},
            takes={"unit": UNIT.means("unit of the temperatures", default="celsius")},
            say=[
                "look up the forecast for {city} on {date}",
                "tell me how the weather will be in {city} on {date}",
                "What weather can I expect in {city} on {date}?",
                "Will it be nice in {city} on {date}?",
            ],
            add={"unit": ["in {unit}", "with temperatures in {unit}"]},
            vague=["look up the forecast for {city}", "What will the weather be like on {date}?"],
            gives={
                "high": Result(
                    DEGREES,
                    ["the highest temperature in {city} on {date}", "the peak of {date} in {city}"],
                ),
                "wind": Result(WIND, ["the wind speed forecast for {city} on {date}"]),
            },
            like=["get_past_weather", "get_current_conditions"],
        ),
        WorldTool(
            "get_past_weather",
            "Look up what the weather was on a day in the past, as it was measured.",
            needs={"city": CITY.means("where"), "day": DATE.means("which past day")},
            say=[
                "find out what was measured in {city} on {day}",
                "pull the weather records of {city} for {day}",
                "How was the weather in {city} back on {day}?",
            ],
            vague=["pull the weather records of {city}"],
            gives={"mean": Result(DEGREES, ["the mean temperature measured in {city} on {day}"])},
            like=["get_daily_forecast"],
        ),
        WorldTool(
            "get_current_conditions",
            "Report what the weather is right now at a weather station.",
            needs={"station": STATION.means("name of the weather station")},
            say=[
                "read the current conditions at {station}",
                "What is it like at {station} right now?",
                "check what station {station} reports at the moment",
            ],
            vague=["read the current conditions", "check what the weather station reports"],
            gives={
                "temperature": Result(DEGREES, ["the current temperature at {station}"]),
                "humidity": Result(HUMIDITY, ["the humidity at {station} right now"]),
            },
            like=["get_daily_forecast"],
        ),
        WorldTool(
            "convert_temperature",
            "Convert a temperature from one unit to another.",
            needs={
                "temperature": DEGREES.means("the temperature to convert"),
                "from_unit": UNIT.means("its unit"),
                "to_unit": UNIT.means("the unit wanted"),
            },
            say=[
                "convert a reading of {temperature} from {from_unit} to {to_unit}",
                "turn {temperature} in {from_unit} into {to_unit}",
            ],
            vague=["convert {temperature} to {to_unit}"],
            gives={
                "converted": Result(
                    DEGREES, ["{temperature} converted from {from_unit} to {to_unit}"]
                )
            },
            run=_convert,
        ),
        WorldTool(
            "get_wind_chill",
            "Work out how cold it feels from the temperature in Celsius and the wind speed.",
            needs={
                "temperature": DEGREES.means("degrees Celsius"),
                "wind_speed": WIND.means("kilometres per hour"),
            },
            say=[
                "work out the wind chill for {temperature} and a wind of {wind_speed}",
                "tell me how cold {temperature} feels in a wind of {wind_speed}",
            ],
            vague=["work out the wind chill for {temperature}"],
            gives={"felt": Result(DEGREES, ["the wind chill of {temperature} at {wind_speed}"])},
            run=_wind_chill,
        ),
        WorldTool(
            "set_weather_alert",
            "Send a warning whenever a hazard is forecast for a place.",
            needs={
                "city": CITY.means("where"),
                "hazards": many(HAZARD, 1, 3).means("what to warn of"),
            },
            takes={
                "hours_ahead": integer("hours ahead", 1, 48).means(
                    "how many hours before", default=12
                )
            },
            say=[
                "warn me of {hazards} in {city}",
                "set up weather alerts about {hazards} for {city}",
            ],
            add={
                "hours_ahead": ["{hours_ahead} hours ahead", "at least {hours_ahead} hours before"]
            },
            vague=["set up weather alerts for {city}", "warn me of {hazards}"],
            like=["list_weather_warnings"],
        ),
        WorldTool(
            "list_weather_warnings",
            "List the official warnings in force in a country.",
            needs={"country": COUNTRY.means("which country")},
            takes={"hazard": HAZARD.means("only warnings of this kind")},
            say=[
                "list the official weather warnings for {country}",
                "show which warnings are in force in {country}",
            ],
            add={"hazard": ["of the {hazard} kind", "about {hazard} only"]},
            vague=["list the official weather warnings"],
            like=["set_weather_alert"],
        ),
        WorldTool(
            "get_sun_times",
            "Find when the sun rises and sets.",
            needs={"city": CITY.means("where"), "date": DATE.means("which day")},
            say=[
                "find out when the sun rises and sets in {city} on {date}",
                "get the sun times of {city} for {date}",
            ],
            vague=["find out when the sun sets in {city}"],
            gives={
                "sunset": Result(
                    TIME, ["sunset in {city} on {date}", "the hour of sunset in {city} on {date}"]
                )
            },
            like=["get_moon_phase"],
        ),
        WorldTool(
            "get_moon_phase",
            "Find the phase of the moon.",
            needs={"date": DATE.means("which night")},
            say=["find the phase of the moon on {date}", "see what the moon looks like on {date}"],
            vague=["find the phase of the moon"],
            like=["get_sun_times"],
        ),
        WorldTool(
            "log_observation",
            "Write an own measurement into the weather diary.",
            needs={
                "temperature": DEGREES.means("degrees Celsius"),
                "time": TIME.means("when it was measured, HH:MM"),
            },
            takes={
                "rain": number("rain", 0, 60, 1).means("millimetres of rain"),
                "sky": choice("sky", "clear cloudy overcast").means("how the sky looked"),
            },
            say=[
                "write down {temperature} at {time} in my weather diary",
                "note in the weather diary that it was {temperature} at {time}",
            ],
            add={"rain": ["with {rain} millimetres of rain"], "sky": ["under a {sky} sky"]},
            vague=["write down {temperature} in my weather diary"],
        ),
        WorldTool(
            "plan_picnic",
            "Find the best day for a picnic within some days.",
            needs={
                "city": CITY.means("where"),
                "first_day": DATE.means("the earliest day"),
                "days": COUNT.means("how many days to look at, from the first"),
            },
            say=[
                "find the best day for a picnic in {city} in the {days} days from {first_day} on",
                "pick a dry day for a picnic in {city}, {days} days to choose from, starting with {first_day}",
            ],
            vague=["find the best day for a picnic in {city}"],
            gives={
                "best_day": Result(
                    DATE, ["the best picnic day in {city} in the {days} days from {first_day} on"]
                )
            },
        ),
    ],
    idle=[
        "Why is the sky blue?",
        "Who gives hurricanes their names?",
        "Draw me a cloud with a smile.",
        "What was the weather like on Mars last week?",
        "Which clothes suit a rainy wedding?",
        "Explain the difference between sleet and hail.",
        "Can you make it stop raining?",
        "Sing something about the north wind.",
    ],
)
