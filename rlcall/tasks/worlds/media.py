"""Songs, films, podcasts and television."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import Kind, choice, integer, many, text, word
from rlcall.tasks.measures import measured
from rlcall.tasks.shared_kinds import AMOUNT, COUNT, DATE, LANGUAGE, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

SONG = called(
    text(
        "song",
        """Midnight Tram; Paper Boats; Honey and Rust; Last Train Home; Neon Rain; Cold Coffee;
        Golden Hour; Wild Horses; Broken Compass; Sugar Moon; Long Way Down; Electric River; Letters
        from Lisbon; Empty Carousel; Slow Burning; Thirteen Bridges; Salt on My Skin; Desert
        Lullaby; Glass Parade; Runaway Kite; Sundown Avenue; Tin Soldiers""",
    ),
    'the song "{}"',
    'the track "{}"',
)
ALBUM = called(
    text(
        "album",
        """Northern Lights; Static Gardens; Postcards; The Yellow House; Echo Chamber; Seven
        Winters; Analog Hearts; Night Market; Lost Property; Half Past Summer; Blueprints; The Long
        Afternoon; Satellite Hymns; Open Water""",
    ),
    'the album "{}"',
)
FILM = called(
    text(
        "film",
        """The Lighthouse Keeper; Red Dust; A Second Spring; The Glass Heist; Operation Magpie;
        Under the Ice; Two Violins; The Last Cartographer; City of Kites; Ghost Ferry; The
        Understudy; Monsoon Wedding Blues; Zero Gravity Love; The Chess Player; Harvest Moon; Night
        Shift; The Pearl Divers; An Ordinary Thief; Kingdom of Sand""",
    ),
    'the film "{}"',
    'the movie "{}"',
)
ARTIST = word(
    "artist",
    """Velvet Foxes; Juno Hart; The Paper Lanterns; Marble Coast; DJ Orbit; Sons of Thunder; Lila
    Moreno; Grey Harbor; Kid Solstice; The Night Owls; Nova Quartet; Ember Lane; Stereo Tigers; Ruby
    Calloway; Copper Wolves""",
)
PODCAST = called(
    text(
        "podcast",
        """Small Wonders; The Daily Atom; History on Foot; Kitchen Table Economics; Crime by
        Candlelight; Code and Coffee; Planet Curious; The Slow Traveller; Sleep Science; Football
        Weekly; Word Origins; Startup Stories""",
    ),
    '"{}"',
)
PLAYLIST = text(
    "playlist",
    """Morning Run; Dinner Party; Focus; Road Trip; Rainy Sunday; Gym Mix; Summer Hits; Chill
    Evening; Party Classics; Deep Sleep; Office Background; Throwback; Piano Only; Coding Session
    """,
)
CINEMA = word(
    "cinema",
    "Odeon; Rialto; Capitol; Starlight; Metropol; Filmhaus; Grand Palace; Tivoli; Roxy; Lumen",
)
CHANNEL = word(
    "channel",
    "Channel Four; Arte; Sports One; News 24; Nature TV; Kids Club; Retro Movies; Culture Plus",
)
DIRECTOR = Kind("director", PERSON.schema, PERSON.draw)
ADVERTS = Kind("adverts", {"type": "integer", "minimum": 0}, MINUTES.draw)
TEMPO = measured("beats per minute", 60, 180, "beats per minute", "bpm")
MEGABYTES = measured("megabytes", 50, 4000, "megabytes", "MB", step=10)
SPEED = choice(
    "listening speed", {"one and a half times": 150, "double": 200, "three quarters of": 75}
)
QUALITY = choice(
    "picture quality", {"standard definition": "sd", "high definition": "hd", "4K": "uhd"}
)
SEAT = choice("seat category", {"stalls": "stalls", "balcony": "balcony", "box": "box"})
REVIEW = text(
    "review",
    """a quiet masterpiece; far too long; great music, weak plot; funnier than expected; I fell
    asleep; superb acting; see it twice; not for children; the ending ruins it; beautifully shot;
    worth every minute; utterly predictable""",
)

_MEGABYTES_A_MINUTE = {"sd": 12, "hd": 50, "uhd": 120}
_SEAT_PRICE = {"stalls": 11.5, "balcony": 14, "box": 22.5}


def _end_time(arguments: Mapping[str, Any]) -> dict[str, Any]:
    hour, minute = map(int, arguments["start"].split(":"))
    end = hour * 60 + minute + arguments["minutes"] + arguments["adverts"]
    return {"end": f"{end // 60 % 24:02}:{end % 60:02}"}


def _played_at(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"minutes": max(1, round(arguments["minutes"] * 100 / arguments["speed"]))}


def _tickets(arguments: Mapping[str, Any]) -> dict[str, Any]:
    each = _SEAT_PRICE[arguments["category"]] + (3 if arguments["in_3d"] else 0)
    return {"price": round(each * arguments["tickets"], 2)}


WORLD = World(
    "media",
    [
        WorldTool(
            "play_song",
            "Play a song right now, instead of what is playing.",
            needs={"song": SONG.means("title of the song, without quotes")},
            takes={
                "on_repeat": choice("on repeat", {"on repeat": True, "just once": False}).means(
                    "whether it starts again when it ends", default=False
                )
            },
            say=[
                "play {song}",
                "switch over to {song}",
                "start {song} from the beginning",
                "I want to hear {song} right now.",
            ],
            add={"on_repeat": ["{on_repeat}"]},
            vague=["play a song", "switch over to that song I like"],
            like=["queue_song", "play_album"],
        ),
        WorldTool(
            "play_album",
            "Play a whole album.",
            needs={"album": ALBUM.means("title of the album, without quotes")},
            takes={
                "shuffle": choice(
                    "shuffle", {"in random order": True, "in its original order": False}
                ).means("whether its songs are played in random order", default=False)
            },
            say=[
                "play {album}",
                "switch over to {album}",
                "let me listen to {album} from start to finish",
                "I am in the mood for {album}.",
            ],
            add={"shuffle": ["{shuffle}"]},
            vague=["play the new album", "switch over to a whole album"],
            like=["play_song", "album_length"],
        ),
        WorldTool(
            "queue_song",
            "Have a song played later, after the one that is playing.",
            needs={"song": SONG.means("title of the song, without quotes")},
            takes={
                "position": choice(
                    "queue position", {"right after this one": "next", "at the very end": "last"}
                ).means("next or last in the queue", default="last")
            },
            say=[
                "queue {song}",
                "line up {song} without interrupting the music",
                "add {song} to the queue",
                "Let me hear {song} later on, I don't want to cut this track short.",
            ],
            add={"position": ["{position}"]},
            vague=["queue a song", "add that tune to the queue"],
            like=["play_song", "add_to_playlist"],
        ),
        WorldTool(
            "add_to_playlist",
            "Save a song in one of the listener's playlists.",
            needs={
                "song": SONG.means("title of the song, without quotes"),
                "playlist": PLAYLIST.means("name of the playlist"),
            },
            say=[
                "add {song} to my {playlist} playlist",
                "save {song} in the playlist {playlist}",
                "put {song} on the {playlist} list",
                "Surely {song} belongs on my {playlist} playlist.",
            ],
            vague=["add {song} to one of my playlists", "save this in the playlist {playlist}"],
            like=["queue_song", "create_playlist"],
        ),
        WorldTool(
            "create_playlist",
            "Create a new playlist and fill it with songs of some moods.",
            needs={
                "name": PLAYLIST.means("name of the new playlist"),
                "moods": many(
                    choice("mood", "happy calm sad energetic romantic dreamy"), 1, 3
                ).means("moods of its songs"),
            },
            takes={
                "length": MINUTES.means("length in minutes"),
                "shared": choice(
                    "shared", {"visible to everyone": True, "visible only to me": False}
                ).means("whether everybody can see it", default=False),
            },
            say=[
                "create a playlist called {name} with {moods} songs",
                "make me a new playlist named {name} out of {moods} music",
                "start the playlist {name} and fill it with {moods} tracks",
                "I need a fresh playlist, {name}, full of {moods} songs.",
            ],
            add={
                "length": ["lasting {length}", "with a length of {length}"],
                "shared": ["{shared}"],
            },
            vague=[
                "create a playlist called {name}",
                "make me a new playlist out of {moods} music",
            ],
            like=["add_to_playlist"],
        ),
        WorldTool(
            "identify_artist",
            "Find out which band or singer made a song.",
            needs={"song": SONG.means("title of the song, without quotes")},
            say=[
                "find out who sings {song}",
                "tell me which artist made {song}",
                "identify the artist of {song}",
                "Who is {song} by?",
            ],
            vague=["find out who sings this", "Which artist is it?"],
            gives={"artist": Result(ARTIST, ["the artist of {song}", "whoever sings {song}"])},
            like=["top_song"],
        ),
        WorldTool(
            "top_song",
            "Find the song of an artist that is played most.",
            needs={"artist": ARTIST.means("name of the band or singer")},
            takes={
                "country": choice(
                    "chart", {"in Europe": "EU", "in America": "US", "worldwide": "WW"}
                ).means("EU Europe, US America, WW the whole world", default="WW")
            },
            say=[
                "find the most played song by {artist}",
                "look up the biggest hit of {artist}",
                "tell me what people stream most from {artist}",
                "What is the most popular song of {artist}?",
            ],
            add={"country": ["{country}"]},
            vague=["find the most played song", "look up their biggest hit"],
            gives={
                "song": Result(
                    SONG, ["the most played song by {artist}", "the biggest hit of {artist}"]
                )
            },
            like=["identify_artist", "newest_album"],
        ),
        WorldTool(
            "newest_album",
            "Find the newest album of an artist.",
            needs={"artist": ARTIST.means("name of the band or singer")},
            say=[
                "find the latest album by {artist}",
                "look up the newest record of {artist}",
                "see which album {artist} put out last",
                "Which album has {artist} just brought out?",
            ],
            vague=["find the latest album", "see which album they put out last"],
            gives={
                "album": Result(
                    ALBUM, ["the latest album by {artist}", "the newest record of {artist}"]
                )
            },
            like=["top_song"],
        ),
        WorldTool(
            "album_length",
            "Look up how many minutes an album lasts.",
            needs={"album": ALBUM.means("title of the album, without quotes")},
            say=[
                "look up how long {album} is",
                "check the running time of {album}",
                "How many minutes does {album} last?",
            ],
            vague=["look up how long the album is", "check the running time of that record"],
            gives={
                "minutes": Result(MINUTES, ["the running time of {album}", "the length of {album}"])
            },
            like=["film_runtime", "play_album"],
        ),
        WorldTool(
            "song_tempo",
            "Measure the tempo of a song in beats per minute.",
            needs={"song": SONG.means("title of the song, without quotes")},
            say=[
                "measure the tempo of {song}",
                "find out how fast {song} is in beats per minute",
                "What is the tempo of {song}?",
            ],
            vague=["measure the tempo", "find out how fast the song is in beats per minute"],
            gives={"tempo": Result(TEMPO, ["the tempo of {song}"])},
            like=["count_beats"],
        ),
        WorldTool(
            "count_beats",
            "Work out how many beats a piece of music has from its tempo and its length.",
            needs={
                "tempo": TEMPO.means("beats per minute"),
                "minutes": MINUTES.means("length in minutes"),
            },
            say=[
                "work out how many beats there are in {minutes} at {tempo}",
                "count the beats of a piece that lasts {minutes} at {tempo}",
                "If the tempo is {tempo}, how many beats fit into {minutes}?",
            ],
            vague=["work out how many beats there are at {tempo}", "count the beats in {minutes}"],
            gives={
                "beats": Result(
                    measured("beats", 100, 20000, "beats"),
                    ["the number of beats in {minutes} at {tempo}"],
                )
            },
            run=lambda arguments: {"beats": arguments["tempo"] * arguments["minutes"]},
            like=["song_tempo"],
        ),
        WorldTool(
            "film_runtime",
            "Look up how many minutes a film runs.",
            needs={"film": FILM.means("title of the film, without quotes")},
            say=[
                "look up how long {film} runs",
                "check the runtime of {film}",
                "find out the length of {film}",
                "How long is {film}?",
            ],
            vague=["look up how long the film runs", "How long is that movie?"],
            gives={"minutes": Result(MINUTES, ["the runtime of {film}", "the length of {film}"])},
            like=["film_premiere", "film_end"],
        ),
        WorldTool(
            "film_premiere",
            "Look up the day on which a film comes or came to the cinemas.",
            needs={"film": FILM.means("title of the film, without quotes")},
            say=[
                "look up when {film} opens in cinemas",
                "find the release date of {film}",
                "On what day does {film} come to the cinemas?",
            ],
            vague=["look up when the film opens in cinemas", "find the release date of the sequel"],
            gives={
                "day": Result(
                    DATE, ["the release date of {film}", "the day {film} opens in cinemas"]
                )
            },
            like=["film_runtime"],
        ),
        WorldTool(
            "film_director",
            "Find out who directed a film.",
            needs={"film": FILM.means("title of the film, without quotes")},
            say=[
                "find out who directed {film}",
                "get me the name of the director of {film}",
                "Who is the director of {film}?",
            ],
            vague=["find out who directed the film", "get me the name of the director"],
            gives={"director": Result(DIRECTOR, ["the director of {film}"])},
            like=["best_film_by"],
        ),
        WorldTool(
            "best_film_by",
            "Find the film of a director that critics like best.",
            needs={"director": DIRECTOR.means("first and last name of the director")},
            takes={"language": LANGUAGE.means("only films in this language, its English name")},
            say=[
                "find the best film directed by {director}",
                "see which film directed by {director} critics like best",
                "Which is the best movie that {director} directed?",
            ],
            add={"language": ["in {language}"]},
            vague=["find the best film by my favourite director"],
            gives={"film": Result(FILM, ["the best film directed by {director}"])},
            like=["film_director"],
        ),
        WorldTool(
            "film_end",
            "Work out at what time a film ends.",
            needs={
                "start": TIME.means("when it begins, HH:MM"),
                "minutes": MINUTES.means("how long the film runs, in minutes"),
            },
            takes={"adverts": ADVERTS.means("minutes of adverts before the film", default=0)},
            say=[
                "work out when a film is over that starts at {start} and runs for {minutes}",
                "tell me the end of a screening that begins at {start} with a film lasting {minutes}",
                "If the film starts at {start} and lasts {minutes}, when will it be over?",
            ],
            add={"adverts": ["plus adverts of {adverts}"]},
            vague=[
                "work out when a film is over that starts at {start}",
                "When will a film of {minutes} be over?",
            ],
            gives={
                "end": Result(
                    TIME, ["the end of a film that starts at {start} and runs for {minutes}"]
                )
            },
            run=_end_time,
            like=["film_runtime", "season_time"],
        ),
        WorldTool(
            "season_time",
            "Work out how many minutes it takes to watch several episodes.",
            needs={
                "episodes": COUNT.means("how many episodes"),
                "minutes": MINUTES.means("length of one episode in minutes"),
            },
            say=[
                "work out how long it takes to watch {episodes} episodes that last {minutes} each",
                "add up the time for {episodes} episodes, each lasting {minutes}",
                "How much of my life do {episodes} episodes cost if each takes {minutes}?",
            ],
            vague=[
                "work out how long it takes to watch {episodes} episodes",
                "add up the time for a season of episodes",
            ],
            gives={
                "minutes": Result(
                    MINUTES, ["the watching time of {episodes} episodes that last {minutes} each"]
                )
            },
            run=lambda arguments: {"minutes": arguments["episodes"] * arguments["minutes"]},
            like=["film_end", "faster_listening"],
        ),
        WorldTool(
            "podcast_length",
            "Look up how many minutes the newest episode of a podcast lasts.",
            needs={"podcast": PODCAST.means("name of the podcast, without quotes")},
            say=[
                "look up how long the newest episode of {podcast} is",
                "check the length of the latest {podcast} episode",
                "How long does the new episode of the podcast {podcast} last?",
            ],
            vague=["look up how long the newest episode is"],
            gives={"minutes": Result(MINUTES, ["the length of the newest {podcast} episode"])},
            like=["subscribe_podcast", "faster_listening"],
        ),
        WorldTool(
            "faster_listening",
            "Work out how many minutes a recording takes when it is played faster or slower.",
            needs={
                "minutes": MINUTES.means("length at normal speed, in minutes"),
                "speed": SPEED.means("percent of the normal speed"),
            },
            say=[
                "work out how long audio of {minutes} takes at {speed} the normal speed",
                "tell me how much time a recording of {minutes} takes at {speed} the usual speed",
                "At {speed} the normal speed, how long does a recording of {minutes} take?",
            ],
            vague=[
                "work out how long audio of {minutes} takes when sped up",
                "How long will it take at {speed} the normal speed?",
            ],
            gives={
                "minutes": Result(
                    MINUTES, ["the time a recording of {minutes} takes at {speed} the normal speed"]
                )
            },
            run=_played_at,
            like=["season_time", "podcast_length"],
        ),
        WorldTool(
            "subscribe_podcast",
            "Subscribe to a podcast, so that new episodes arrive by themselves.",
            needs={"podcast": PODCAST.means("name of the podcast, without quotes")},
            takes={
                "keep": integer("episodes kept", 3, 30).means(
                    "how many old episodes are kept", default=5
                ),
                "notify": choice(
                    "notify", {"with notifications": True, "without notifications": False}
                ).means("whether to tell of every new episode", default=True),
            },
            say=[
                "subscribe me to {podcast}",
                "follow the podcast {podcast}",
                "sign me up for {podcast} in the podcast app",
                "I don't want to miss any new episode of {podcast}.",
            ],
            add={"keep": ["keeping {keep} old episodes"], "notify": ["{notify}"]},
            vague=["subscribe me to a podcast", "follow that podcast everyone talks about"],
            like=["podcast_length"],
        ),
        WorldTool(
            "streaming_data",
            "Estimate how many megabytes it takes to stream video for some time.",
            needs={
                "minutes": MINUTES.means("how long, in minutes"),
                "quality": QUALITY.means("sd standard definition, hd high definition, uhd 4K"),
            },
            say=[
                "estimate the data used by streaming for {minutes} in {quality}",
                "work out how many megabytes go through if I stream for {minutes} in {quality}",
                "How much data does it take to stream in {quality} for {minutes}?",
            ],
            vague=[
                "estimate the data used by streaming for {minutes}",
                "How much data does streaming in {quality} use?",
            ],
            gives={
                "megabytes": Result(
                    MEGABYTES, ["the data used by streaming for {minutes} in {quality}"]
                )
            },
            run=lambda arguments: {
                "megabytes": arguments["minutes"] * _MEGABYTES_A_MINUTE[arguments["quality"]]
            },
        ),
        WorldTool(
            "cinema_price",
            "Work out what cinema tickets of a seat category cost.",
            needs={
                "tickets": COUNT.means("how many tickets"),
                "category": SEAT.means("part of the hall"),
            },
            takes={
                "in_3d": choice("3D", {"in 3D": True, "in plain 2D": False}).means(
                    "whether it is a 3D screening", default=False
                )
            },
            say=[
                "work out the price of {tickets} {category} tickets at the cinema",
                "calculate what {tickets} cinema seats in the {category} category cost",
                "What do {tickets} cinema tickets in the {category} category come to?",
            ],
            add={"in_3d": ["{in_3d}", "for a screening {in_3d}"]},
            vague=[
                "work out the price of {tickets} cinema tickets",
                "How much are {category} tickets at the cinema?",
            ],
            gives={
                "price": Result(AMOUNT, ["the price of {tickets} {category} tickets at the cinema"])
            },
            run=_tickets,
            like=["book_cinema"],
        ),
        WorldTool(
            "book_cinema",
            "Book seats for a film in a cinema.",
            needs={
                "film": FILM.means("title of the film, without quotes"),
                "cinema": CINEMA.means("name of the cinema"),
                "day": DATE.means("which day"),
                "tickets": COUNT.means("how many tickets"),
            },
            takes={
                "category": SEAT.means("part of the hall", default="stalls"),
                "start": TIME.means("start, HH:MM"),
            },
            say=[
                "book {tickets} tickets for {film} at the {cinema} on {day}",
                "get me {tickets} seats at the {cinema} on {day} to see {film}",
                "reserve {tickets} tickets to {film} on {day} in the {cinema} cinema",
                "We want to watch {film} at the {cinema} on {day}, {tickets} tickets please.",
            ],
            add={
                "category": ["in the {category} category"],
                "start": ["for the {start} show", "at {start}"],
            },
            vague=["book tickets for {film}", "get me {tickets} seats at the {cinema} on {day}"],
            like=["cinema_price"],
        ),
        WorldTool(
            "record_broadcast",
            "Record a television channel from a time on.",
            needs={
                "channel": CHANNEL.means("name of the channel"),
                "day": DATE.means("which day"),
                "start": TIME.means("when to begin, HH:MM"),
                "minutes": MINUTES.means("how long to record, in minutes"),
            },
            say=[
                "record {channel} for {minutes} on {day} from {start} on",
                "tape what is on {channel} on {day}, starting at {start}, for {minutes}",
                "I'd miss my programme, so record {channel} on {day} at {start} for {minutes}.",
            ],
            vague=["record {channel} on {day}", "tape what is on TV at {start} for {minutes}"],
        ),
        WorldTool(
            "rate_film",
            "Give a film one to five stars, perhaps with a review.",
            needs={
                "film": FILM.means("title of the film, without quotes"),
                "stars": integer("stars", 2, 5).means("from 1 (bad) to 5 (great)", minimum=1),
            },
            takes={"review": REVIEW.means("short text for others to read")},
            say=[
                "give {film} {stars} stars",
                "rate {film} with {stars} stars",
                "My verdict on {film} is {stars} stars.",
            ],
            add={"review": ['with the review "{review}"', 'and write "{review}" as my review']},
            vague=["rate {film}", "give the movie {stars} stars"],
        ),
    ],
    idle=[
        "Why do pop songs last three minutes?",
        "Who was the greatest guitarist of all time?",
        "Explain the ending of that film with the spinning top.",
        "I can't get this melody out of my head.",
        "Sing me a lullaby.",
        "Do you prefer books or films?",
        "How is a cartoon made?",
        "Teach me the chords of a blues.",
        "What was television like in the sixties?",
        "Compose a jingle for my bakery.",
        "Which actor has won the most awards?",
    ],
)
