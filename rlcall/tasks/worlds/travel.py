"""Travel: flights, trains, hotels, bookings and distances."""

from __future__ import annotations

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import choice, code, integer, many, record, text
from rlcall.tasks.measures import differing, measured
from rlcall.tasks.shared_kinds import AMOUNT, CITY, DATE, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

FLIGHT = called(code("flight number", "@@####"), "flight {}")
BOOKING = called(code("booking code", "@@@###"), "booking {}")
HOTEL = text(
    "hotel",
    """the Grand Plaza; Hotel Bellevue; the Golden Lion; Hotel Miramar; the Royal Garden; Pension
    Edelweiss; the Blue Anchor Inn; Hotel Aurora; the Old Mill; Villa Serena; the Station Hotel;
    Hotel Atlas; the White Swan; Casa Verde; the Park Lodge; Hotel Sirius; the Harbour House; Hotel
    Metropole; the Three Crowns; Hotel Lux""",
)
PASSENGER = record(
    "passenger",
    "{full_name} with passport {passport}",
    full_name=PERSON.means("full name as in the passport"),
    passport=code("passport number", "@#######").means(
        "number of the passport: a letter, seven digits"
    ),
)
NIGHTS = integer("nights", 2, 14)
CABIN = choice(
    "cabin", {"in economy": "economy", "in business class": "business", "in first class": "first"}
)
DIRECT = choice(
    "direct flights only", {"without stopovers": True, "with or without stopovers": False}
)
SEAT = choice("kind of seat", {"by the window": "window", "on the aisle": "aisle"})
BIKE = choice("bicycle on board", {"with a bike on board": True, "without a bike on board": False})
CARRIAGE = choice("class on a train", {"in first class": 1, "in second class": 2})
BREAKFAST = choice("breakfast", {"with breakfast": True, "without breakfast": False})
AMENITY = choice(
    "hotel amenity",
    {
        "a pool": "pool",
        "a sauna": "sauna",
        "free parking": "parking",
        "a gym": "gym",
        "a restaurant": "restaurant",
        "air conditioning": "air_conditioning",
    },
)
VEHICLE = choice(
    "means of transport",
    "plane train car coach ferry",
)
DISTANCE = measured("kilometres", 20, 3000, "km", "kilometres", step=10)
CARBON = measured("kilograms of carbon dioxide", 1, 900, "kg", places=2)

# Latitude and longitude in degrees.
_PLACES = {
    "Oslo": (59.91, 10.75), "Lima": (-12.05, -77.04), "Rome": (41.90, 12.50),
    "Cairo": (30.04, 31.24), "Tokyo": (35.68, 139.69), "Boston": (42.36, -71.06),
    "Delhi": (28.61, 77.21), "Madrid": (40.42, -3.70), "Prague": (50.08, 14.44),
    "Dublin": (53.35, -6.26), "Seoul": (37.57, 126.98), "Quito": (-0.18, -78.47),
    "Bern": (46.95, 7.45), "Athens": (37.98, 23.73), "Vienna": (48.21, 16.37),
    "Paris": (48.86, 2.35), "Lagos": (6.52, 3.38), "Hanoi": (21.03, 105.85), "Turin": (45.07, 7.69),
    "Ghent": (51.05, 3.72), "Porto": (41.15, -8.61), "Bergen": (60.39, 5.32),
    "Denver": (39.74, -104.99), "Kyoto": (35.01, 135.77), "Malmo": (55.60, 13.00),
    "Krakow": (50.06, 19.94), "Leeds": (53.80, -1.55), "Austin": (30.27, -97.74),
    "Perth": (-31.95, 115.86), "Tunis": (36.81, 10.18), "Zurich": (47.37, 8.54),
    "Basel": (47.56, 7.59), "Riga": (56.95, 24.11), "Vilnius": (54.69, 25.28),
    "Tallinn": (59.44, 24.75), "Havana": (23.11, -82.37), "Bogota": (4.71, -74.07),
    "Nairobi": (-1.29, 36.82), "Accra": (5.60, -0.19), "Dakar": (14.72, -17.47),
}  # fmt: skip
_GRAMS = {
    "plane": 170,
    "train": 20,
    "car": 150,
    "coach": 30,
    "ferry": 110,
}  # a passenger and kilometre
_EARTH = 6371  # kilometres


def _distance(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Measure along the great circle, by the haversine formula.

    A place that is not on the map is taken for 0 north, 0 east.
    """
    here, there = (_PLACES.get(arguments[end], (0.0, 0.0)) for end in ("city_a", "city_b"))
    (north, east), (other_north, other_east) = (
        [radians(x) for x in place] for place in (here, there)
    )
    half = (
        sin((other_north - north) / 2) ** 2
        + cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    )
    return {"distance": round(2 * _EARTH * asin(sqrt(half)))}


def _emissions(arguments: Mapping[str, Any]) -> dict[str, Any]:
    kilograms = (
        arguments["distance"] * _GRAMS[arguments["vehicle"]] * arguments["travellers"] / 1000
    )
    return {"emissions": round(kilograms, 2)}


def _arrival(arguments: Mapping[str, Any]) -> dict[str, Any]:
    hours, minutes = map(int, arguments["departure"].split(":"))
    total = (60 * hours + minutes + arguments["duration"]) % (24 * 60)
    return {"arrival": f"{total // 60:02}:{total % 60:02}"}


WORLD = World(
    "travel",
    [
        WorldTool(
            "search_flights",
            "Find the regular flight from one city to another that costs least.",
            needs={
                "origin": CITY.means("where the flight starts"),
                "destination": CITY.means("where the flight ends"),
            },
            takes={
                "cabin": CABIN.means("class of the cabin", default="economy"),
                "direct_only": DIRECT.means(
                    "whether to leave out flights with a stopover", default=False
                ),
            },
            say=[
                "search for the cheapest flight from {origin} to {destination}",
                "find the cheapest flight to {destination} from {origin}",
                "look for a cheap flight from {origin} to {destination}",
                "What does it cost to fly from {origin} to {destination}?",
                "I want to fly from {origin} to {destination} for as little as I can, which flight do I take?",
            ],
            add={"cabin": ["{cabin}"], "direct_only": ["{direct_only}"]},
            vague=[
                "search for the cheapest flight from {origin}",
                "What does it cost to fly to {destination}?",
            ],
            gives={
                "flight": Result(FLIGHT, ["the cheapest flight from {origin} to {destination}"]),
                "price": Result(
                    AMOUNT, ["the price of the cheapest flight from {origin} to {destination}"]
                ),
            },
            like=["search_trains", "get_flight_times"],
        ),
        WorldTool(
            "get_flight_times",
            "Tell when a flight takes off and lands on a day, delays included.",
            needs={
                "flight": FLIGHT.means("number of the flight: two letters, four digits"),
                "date": DATE.means("the day of take-off"),
            },
            say=[
                "check when {flight} takes off and lands on {date}",
                "get me the flight times of {flight} on {date}",
                "see whether {flight} is on time on {date}",
                "When does {flight} leave and land on {date}?",
            ],
            vague=[
                "check when {flight} takes off and lands",
                "see whether my plane is on time on {date}",
            ],
            gives={
                "take_off": Result(TIME, ["the time at which {flight} takes off on {date}"]),
                "landing": Result(TIME, ["the time at which {flight} lands on {date}"]),
            },
            like=["search_flights", "get_arrival_time"],
        ),
        WorldTool(
            "book_flight",
            "Buy seats on a flight for one or several passengers.",
            needs={
                "flight": FLIGHT.means("number of the flight to buy seats on"),
                "date": DATE.means("the day on which the passengers fly"),
                "passengers": differing(many(PASSENGER, 1, 2), "full_name").means("who flies"),
            },
            takes={
                "seat": SEAT.means("where in the row to sit"),
                "bags": integer("bags", 2, 5).means(
                    "pieces of checked luggage in all", minimum=0, default=0
                ),
            },
            say=[
                "book {flight} on {date} for {passengers}",
                "buy seats on {flight} on {date} for {passengers}",
                "get {passengers} onto {flight} on {date}",
                "I'd like {flight} on {date} booked for {passengers}.",
            ],
            add={
                "seat": ["sitting {seat}", "with seats {seat}"],
                "bags": ["with {bags} checked bags", "plus {bags} checked bags"],
            },
            vague=["book {flight} on {date}", "buy seats on {flight} for {passengers}"],
            like=["search_flights", "reserve_hotel"],
        ),
        WorldTool(
            "find_booking",
            "Find the code of a booking by the traveller and the day of arrival.",
            needs={
                "traveller": PERSON.means("full name of the person on whose name the booking runs"),
                "arrival_date": DATE.means("the day on which the booked journey or stay begins"),
            },
            say=[
                "find the booking of {traveller} for {arrival_date}",
                "look up the booking of {traveller} that begins on {arrival_date}",
                "get the code of the booking that {traveller} has for {arrival_date}",
                "Which booking does {traveller} have for {arrival_date}?",
            ],
            vague=["find the booking of {traveller}", "look up a booking for {arrival_date}"],
            gives={
                "booking": Result(BOOKING, ["the booking that {traveller} has for {arrival_date}"])
            },
            like=["change_booking_date", "search_flights"],
        ),
        WorldTool(
            "cancel_booking",
            "Give up a booked journey or stay.",
            needs={"booking": BOOKING.means("code of the booking to give up")},
            takes={
                "voucher": choice(
                    "voucher", {"in exchange for a voucher": True, "in exchange for cash": False}
                ).means("whether the refund is a voucher", default=False)
            },
            say=[
                "cancel {booking}",
                "give up {booking}",
                "call off the trip under {booking}",
                "We can't travel after all, so cancel {booking}.",
            ],
            add={"voucher": ["{voucher}"]},
            vague=["cancel my booking", "We can't travel after all, so call the trip off."],
            like=["change_booking_date"],
        ),
        WorldTool(
            "change_booking_date",
            "Move a booked journey or stay to another day.",
            needs={
                "booking": BOOKING.means("code of the booking to move"),
                "new_date": DATE.means("the day to which the booking moves"),
            },
            say=[
                "move {booking} to {new_date}",
                "rebook {booking} for {new_date}",
                "change the date of {booking} to {new_date}",
                "I'd rather travel on {new_date}, adapt {booking}.",
            ],
            vague=["move {booking} to some other day", "rebook my trip for {new_date}"],
            like=["cancel_booking"],
        ),
        WorldTool(
            "find_hotel",
            "Find the cheapest hotel in a city with a given number of stars.",
            needs={
                "city": CITY.means("where to stay"),
                "stars": integer("hotel stars", 2, 5).means("how many stars the hotel has"),
            },
            takes={
                "max_price": AMOUNT.means("the most that a night may cost"),
                "amenities": many(AMENITY, 1, 3).means("what the hotel must have"),
            },
            say=[
                "find a cheap hotel with {stars} stars in {city}",
                "look for the cheapest place with {stars} stars in {city}",
                "search {city} for the cheapest hotel that has {stars} stars",
                "Which hotel with {stars} stars is the cheapest in {city}?",
            ],
            add={
                "max_price": ["for no more than {max_price} a night"],
                "amenities": ["that offers {amenities}", "where there is {amenities}"],
            },
            vague=[
                "find a cheap hotel with {stars} stars",
                "Which hotel with {stars} stars is the cheapest there?",
            ],
            gives={
                "hotel": Result(HOTEL, ["the cheapest hotel with {stars} stars in {city}"]),
                "night_price": Result(
                    AMOUNT,
                    ["the price per night of the cheapest hotel with {stars} stars in {city}"],
                ),
            },
            like=["reserve_hotel"],
        ),
        WorldTool(
            "reserve_hotel",
            "Reserve a room in a hotel that the user has chosen.",
            needs={
                "hotel": HOTEL.means("name of the hotel"),
                "check_in": DATE.means("the first day of the stay"),
                "nights": NIGHTS.means("how many nights the stay lasts"),
            },
            takes={
                "breakfast": BREAKFAST.means("whether breakfast is included", default=True),
                "guests": integer("guests", 2, 5).means(
                    "how many people sleep in the room", minimum=1, default=1
                ),
            },
            say=[
                "reserve a room at {hotel} for {nights} nights from {check_in}",
                "book {hotel} for {nights} nights starting on {check_in}",
                "take a room at {hotel} on {check_in} for {nights} nights",
                "I'm staying at {hotel} for {nights} nights from {check_in}, reserve a room.",
            ],
            add={"breakfast": ["{breakfast}"], "guests": ["for {guests} guests"]},
            vague=[
                "reserve a room at {hotel} from {check_in}",
                "book a room for {nights} nights starting on {check_in}",
            ],
            like=["find_hotel", "book_flight"],
        ),
        WorldTool(
            "search_trains",
            "Find the first train from one city to another on a day.",
            needs={
                "start": CITY.means("where the train leaves"),
                "end": CITY.means("where the train arrives"),
                "date": DATE.means("the day of the train ride"),
            },
            takes={
                "carriage": CARRIAGE.means("1 or 2, the class on the train", default=2),
                "bike": BIKE.means("whether a bicycle must fit on the train", default=False),
            },
            say=[
                "look for a train from {start} to {end} on {date}",
                "find a rail connection from {start} to {end} on {date}",
                "check the trains from {start} to {end} on {date}",
                "I want to go from {start} to {end} by rail on {date}, which train is there?",
            ],
            add={"carriage": ["{carriage}"], "bike": ["{bike}"]},
            vague=["look for a train to {end} on {date}", "check the trains from {start} to {end}"],
            gives={
                "departure": Result(
                    TIME, ["the departure time of the first train from {start} to {end} on {date}"]
                ),
                "duration": Result(
                    MINUTES,
                    ["the minutes that the first train from {start} to {end} takes on {date}"],
                ),
            },
            like=["search_flights"],
        ),
        WorldTool(
            "measure_distance",
            "Measure how far two cities are from each other, as the crow flies.",
            needs={
                "city_a": CITY.means("the city named first"),
                "city_b": CITY.means("the city named second"),
            },
            say=[
                "measure the distance between {city_a} and {city_b}",
                "find out how far it is from {city_a} to {city_b}",
                "work out how many kilometres lie between {city_a} and {city_b}",
                "How far apart are {city_a} and {city_b}?",
            ],
            vague=[
                "measure the distance to {city_b} from another city",
                "How far apart are those two cities?",
            ],
            gives={
                "distance": Result(
                    DISTANCE,
                    [
                        "the distance between {city_a} and {city_b}",
                        "the distance from {city_a} to {city_b}",
                    ],
                )
            },
            run=_distance,
            like=["estimate_emissions", "get_arrival_time"],
        ),
        WorldTool(
            "estimate_emissions",
            "Estimate how much carbon dioxide a trip of a given length sets free.",
            needs={
                "distance": DISTANCE.means("length of the trip in kilometres"),
                "vehicle": VEHICLE.means("how the trip is made"),
            },
            takes={
                "travellers": integer("travellers", 2, 6).means(
                    "how many people travel", minimum=1, default=1
                )
            },
            say=[
                "estimate the carbon dioxide emissions of travelling {distance} by {vehicle}",
                "work out how much carbon dioxide it causes to travel {distance} by {vehicle}",
                "calculate the carbon footprint of covering {distance} by {vehicle}",
                "How much carbon dioxide comes from going {distance} by {vehicle}?",
            ],
            add={"travellers": ["for {travellers} people", "with {travellers} travellers"]},
            vague=[
                "estimate the emissions of travelling {distance}",
                "work out my carbon footprint if I go by {vehicle}",
            ],
            gives={
                "emissions": Result(
                    CARBON, ["the carbon dioxide emissions of travelling {distance} by {vehicle}"]
                )
            },
            run=_emissions,
            like=["measure_distance"],
        ),
        WorldTool(
            "get_arrival_time",
            "Work out at what time of day a journey ends from when it starts and how long it takes.",
            needs={
                "departure": TIME.means("when the journey starts, HH:MM"),
                "duration": MINUTES.means("how many minutes the journey takes"),
            },
            say=[
                "work out when I arrive if I set off at {departure} and travel for {duration}",
                "tell me when a journey of {duration} ends that starts at {departure}",
                "calculate my arrival time for a departure at {departure} and a journey of {duration}",
                "If I leave at {departure} and need {duration}, when do I get there?",
            ],
            vague=[
                "work out when I arrive if I travel for {duration}",
                "If I leave at {departure}, when do I get there?",
            ],
            gives={
                "arrival": Result(
                    TIME,
                    [
                        "the time of arrival after setting off at {departure} and travelling for {duration}"
                    ],
                )
            },
            run=_arrival,
            like=["get_flight_times", "measure_distance"],
        ),
    ],
    idle=[
        "Which wonder of the world is the oldest?",
        "Why do my ears hurt when the plane goes down?",
        "What is the best way to fold a shirt for a suitcase?",
        "Write me a postcard about sand and sun.",
        "Are window seats better than aisle seats?",
        "How do I get over my fear of flying?",
        "Say thank you in the language of Iceland.",
        "Who built the first railway?",
        "Find the sunglasses I left on the beach.",
        "Should one tip the hotel porter?",
    ],
    kin=frozenset(
        {"media"}
    ),  # which works out when a film ends, as get_arrival_time does for a journey
)
