"""The time left and the bar: on made films, and on the progress of real ones as it was recorded (`traces/`)."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from core.work import PlannedStage, WorkInput, WorkOrder, WorkPlan
from jobs.stage_times import MOST_KEPT, StageCost, StageTime, StageTimes, learned
from jobs.time_left import TimeLeft, as_learned, stage_times
from pipeline.engine_list import engine_named
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import frames_cost
from pipeline.works.song_to_film import COSTS, PACED, SONG_TO_FILM
from sadtalker_runner.options import SadTalkerOptions

TRACES = Path(__file__).parent / "traces"
#: How often the time left is told where a film says nothing, in seconds.
TICK_S = 1.0
STAGES = list(COSTS)


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


def planned(film_s, pixels, times=None, engine="mesh"):
    """The plan of a film of that length and size, with what was learned."""
    stages = [PlannedStage(name, cost, f"{name} {engine}", name in PACED) for name, cost in COSTS.items()]
    return as_learned(WorkPlan(film_s, pixels, tuple(stages)), times)


@pytest.fixture
def times(tmp_path):
    return StageTimes(tmp_path / "times.json")


def made_trace(spans, step_s=0.5):
    """A film's progress, (second, stage, done, total): the stages take `spans`; frames tell it, the others say nothing."""
    trace, at_s = [], 0.0
    for name, span_s in spans.items():
        trace.append((at_s, name, 0, 0))
        count = int(span_s / step_s) if name == "frames" else 0
        trace += [(at_s + number * step_s, name, number, count) for number in range(1, count)]
        at_s += span_s
    return [*trace, (at_s, "end", 0, 0)]


def play(trace, plan):
    """What is told, (second, Told), at every line of the trace and each second between; and the estimate itself at its end."""
    clock, told = Clock(), []
    begin_s = clock.now_s
    left = TimeLeft(plan, clock)
    for (at_s, stage, done, total), (until_s, *_) in pairwise(trace):
        clock.now_s = begin_s + at_s
        told.append((at_s, left(stage, done, total)))
        while clock.now_s + TICK_S < begin_s + until_s:
            clock.now_s += TICK_S
            told.append((clock.now_s - begin_s, left.look()))
    clock.now_s = begin_s + trace[-1][0]
    return told, left


def learn(times, trace, film_s, pixels, cached=()):
    """Keep what the stages of a trace took, as the worker does at a film's end."""
    plan = planned(film_s, pixels, times)
    _, left = play(trace, plan)
    times.add(stage_times(left.spent(cached), plan))


def check_bar(told):
    """It never runs back and never stands still for long, and is at its end only with the film."""
    shares = [(at_s, each.share) for at_s, each in told]
    assert all(0 <= share <= 0.99 for _, share in shares)
    assert all(later >= earlier for (_, earlier), (_, later) in pairwise(shares))
    assert all(
        later > earlier for (one_s, earlier), (two_s, later) in pairwise(shares) if two_s - one_s >= 0.5 and earlier < 0.985
    )


def check_no_standstill(told, longest_s=4.0):
    """No number of seconds left is told for longer than `longest_s` where the film goes on: it counts down, or grows."""
    since_s, value = told[0][0], told[0][1].left_s
    for at_s, each in told:
        if abs(each.left_s - value) > 0.3:
            since_s, value = at_s, each.left_s
        assert at_s - since_s <= longest_s, (at_s, value)


def errors(told, end_s):
    """How far what is told lies from what was left, as a share of the whole film."""
    return [abs(each.left_s - (end_s - at_s)) / end_s for at_s, each in told]


def test_the_first_film_of_a_slow_machine_is_put_right_by_its_own_pace():
    spans = {name: 3 * COSTS[name].seconds(30.0, 512 * 512) for name in STAGES}
    told, _ = play(made_trace(spans), planned(30.0, 512 * 512))
    late = [(at_s, each) for at_s, each in told if at_s > sum(spans[name] for name in STAGES[:3])]
    assert max(errors(late, sum(spans.values()))) < 0.2
    check_bar(told)
    check_no_standstill(told)


@pytest.mark.parametrize("slower", [0.3, 1.0, 8.0])
def test_the_second_film_is_foreseen_from_its_first_moment(times, slower):
    """Another machine, a film of another length and size: within a tenth, where before the error was as large as the film."""
    spans = {name: slower * cost.seconds(20.0, 640 * 640) for name, cost in COSTS.items()}
    learn(times, made_trace(spans), 20.0, 640 * 640)
    next_spans = {name: slower * cost.seconds(60.0, 480 * 480) for name, cost in COSTS.items()}
    told, _ = play(made_trace(next_spans), planned(60.0, 480 * 480, times))
    assert max(errors(told, sum(next_spans.values()))) < 0.1
    check_bar(told)
    check_no_standstill(told)
    unlearned, _ = play(made_trace(next_spans), planned(60.0, 480 * 480))
    assert slower == 1.0 or errors(unlearned, sum(next_spans.values()))[0] > 0.5


def test_a_stage_that_hangs_counts_down_and_then_grows_in_words(times):
    spans = {name: cost.seconds(20.0, 480 * 480) for name, cost in COSTS.items()}
    learn(times, made_trace(spans), 20.0, 480 * 480)
    told, _ = play(made_trace(spans | {"separate": 90.0}), planned(20.0, 480 * 480, times))
    begin_s = spans["decode"] + spans["portrait"]
    hanging = [(at_s - begin_s, each) for at_s, each in told if begin_s <= at_s < begin_s + 90]
    due_s = spans["separate"]
    before = [each for at_s, each in hanging if at_s < due_s]
    assert all(later.left_s < earlier.left_s for earlier, later in pairwise(before)) and not any(each.overdue for each in before)
    after = [each for at_s, each in hanging if at_s > due_s + 3]
    assert all(later.left_s > earlier.left_s for earlier, later in pairwise(after)) and all(each.overdue for each in after)
    check_bar(told)
    check_no_standstill(told)


def recorded(name):
    """A film's progress as it was recorded on two busy cores, with its length, its size and what lay in the cache."""
    values = json.loads((TRACES / f"{name}.json").read_text(encoding="utf-8"))
    return [tuple(line) for line in values["told"]], values["film_s"], values["pixels"], values["cached"]


@pytest.mark.parametrize(
    ("before", "name", "limit"),
    [(["cold"], "cold_long", 0.25), (["cold", "cold_long"], "warm_larger", 0.35), (["cold", "cold_long"], "warm", 0.2)],
)
def test_real_films_are_foreseen_after_the_first(times, before, name, limit):
    """Once the stages that lie in the cache are passed, which takes a few seconds: nobody knows of them before."""
    trace, film_s, pixels, cached = recorded(name)
    unlearned, _ = play(trace, planned(film_s, pixels, times))
    for each in before:
        learn(times, *recorded(each))
    told, _ = play(trace, planned(film_s, pixels, times))
    passed_s = max((at_s for at_s, stage, *_ in trace if stage in cached), default=0.0) + 2
    late = [[(at_s, each) for at_s, each in some if at_s >= passed_s] for some in (told, unlearned)]
    found, before_it = (errors(some, trace[-1][0]) for some in late)
    assert max(found) < limit and sorted(found)[len(found) // 2] < 0.1
    assert sum(found) < sum(before_it)


@pytest.mark.parametrize("name", ["cold", "cold_long", "warm", "warm_larger"])
@pytest.mark.parametrize("experienced", [False, True])
def test_the_bar_of_real_films_goes_on_and_the_time_left_does_not_stand(times, name, experienced):
    if experienced:
        learn(times, *recorded("cold"))
    trace, film_s, pixels, _ = recorded(name)
    told, _ = play(trace, planned(film_s, pixels, times))
    check_bar(told)
    check_no_standstill(told)


def test_stages_from_the_cache_say_nothing_about_the_machine():
    clock = Clock()
    left = TimeLeft(planned(30.0, 512 * 512), clock)
    for name in STAGES[:4]:
        left(name, 0, 0)
        clock.now_s += 0.01
    expected = sum(COSTS[name].seconds(30.0, 512 * 512) for name in ("frames", "mux"))
    assert left("frames", 0, 750).left_s == pytest.approx(expected)
    assert left("something else", 1, 2) is None
    assert set(left.spent(["separate", "motion"])) == {"decode", "portrait", "frames"}


def test_the_frames_cost_what_their_engine_takes():
    seconds = {
        name: frames_cost(engine_named(name), SongToVideoSettings(engine=name), False).seconds(10.0, 512 * 512)
        for name in ("mesh", "anime", "sadtalker")
    }
    assert seconds["mesh"] < seconds["anime"] < seconds["sadtalker"] and seconds["sadtalker"] > 900
    large = SongToVideoSettings(engine="sadtalker", engine_options=SadTalkerOptions(size=512), fps=50.0)
    drawn_s, between_s, put_back_s = 15 + 4 * 1000, 2 + 2 * 7, 1 + 5.5  # half of the frames are drawn, RIFE finds the others
    assert frames_cost(engine_named("sadtalker"), large, False).seconds(10.0, 1) == pytest.approx(
        drawn_s + between_s + put_back_s, rel=1e-3
    )
    assert frames_cost(engine_named("sadtalker"), large, card=True).seconds(10.0, 1) < 200
    left_s = {}
    for engine in ("mesh", "anime"):
        song, portrait = WorkInput(Path("s"), "", {"duration_s": 10.0}), WorkInput(Path("p"), "", {"width": 512, "height": 512})
        order = WorkOrder("1", "song_to_film", {"song": song, "portrait": portrait}, SongToVideoSettings(engine=engine).as_json())
        left_s[engine] = TimeLeft(SONG_TO_FILM.plan(order, None), Clock())("decode", 0, 0).left_s
    assert left_s["anime"] > left_s["mesh"] + 25


def test_what_a_stage_takes_once_and_for_each_second_is_told_apart():
    true, guess = StageCost(12.0, 0.5), StageCost(1.0, 0.1)
    seen = [StageTime(film_s, 1, true.seconds(film_s, 1)) for film_s in (5.0, 10.0, 40.0)]
    cost = learned(guess, seen)
    assert (cost.once_s, cost.per_second) == pytest.approx((12.0, 0.5))
    busy = StageTime(20.0, 1, 400.0)  # one film beside which the machine was busy
    assert learned(guess, [*seen, busy]).seconds(60.0, 1) == pytest.approx(true.seconds(60.0, 1), rel=0.3)
    assert learned(guess, seen[:1]).seconds(5.0, 1) == pytest.approx(true.seconds(5.0, 1))
    assert learned(guess, []) == guess


def test_times_are_kept_by_kind_and_the_oldest_go(times):
    for number in range(MOST_KEPT + 3):
        times.add({"frames mesh": StageTime(1.0, 2, float(number)), "mux mesh": StageTime(1.0, 2, 0.5)})
    assert [time.seconds for time in times.of("frames mesh")] == [float(number) for number in range(3, MOST_KEPT + 3)]
    assert times.of("frames anime") == [] and [path.name for path in times.path.parent.iterdir()] == ["times.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"no json", b'{"times": 3}', b'{"times": {"a": [[1]]}}', b'{"times": {"a": [["x", 1, null]]}}', b"\xff"],
)
def test_a_file_that_cannot_be_read_is_begun_anew(times, content):
    times.path.write_bytes(content)
    assert times.of("a") == []
    times.add({"a": StageTime(1.0, 2, 3.0)})
    assert times.of("a") == [StageTime(1.0, 2, 3.0)]


def test_a_folder_that_cannot_be_written_harms_no_film(tmp_path):
    StageTimes(tmp_path / "gone" / "times.json").add({"a": StageTime(1.0, 2, 3.0)})


def test_words_under_a_film_take_the_time_of_listening():
    song, portrait = WorkInput(Path("s"), "", {"duration_s": 10.0}), WorkInput(Path("p"), "", {"width": 512, "height": 512})

    def stages(**options):
        given = SongToVideoSettings.from_json({"engine": "mesh", **options}).as_json()
        order = WorkOrder("1", "song_to_film", {"song": song, "portrait": portrait}, given)
        return [stage.name for stage in SONG_TO_FILM.plan(order, None).stages]

    assert "listen" not in stages() and stages(lyrics_style="plain").index("listen") == 3
