from hpcpy_diffusion.events import Events
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.result import Frame


class Checkpointing:
    """Looks after every 7th step."""

    def __init__(self):
        self.looked = []

    def start(self, step):
        return step + 7

    def look(self, frame):
        self.looked.append(frame.step)
        return frame.step + 7


def march(parameters, first, **options):
    """Return where the events stop a march, and the frames given out."""
    frames = []
    events = Events(parameters, first, on_frame=lambda frame: frames.append(frame.step), **options)
    stops = [first]
    events.serve(Frame(first, 0.0, None, lambda: None))
    while stops[-1] < parameters.steps:
        stops.append(events.next(stops[-1]))
        events.serve(Frame(stops[-1], 0.0, None, lambda: None))
    return stops, frames


def sized(steps, every=0):
    dt = Parameters(dx=2.0).dt
    return Parameters(dx=2.0, runtime=dt * (steps + 0.5), outtime=dt * every)


def test_a_march_stops_at_frames_looks_and_the_end():
    checkpointing = Checkpointing()
    stops, frames = march(sized(25, every=10), 0, checkpointing=checkpointing)
    assert stops == [0, 7, 10, 14, 20, 21, 25]
    assert frames == [0, 10, 20]
    assert checkpointing.looked == [7, 14, 21]


def test_a_restart_has_the_frames_that_are_left():
    stops, frames = march(sized(25, every=10), 12, checkpointing=None)
    assert (stops, frames) == ([12, 20, 25], [20])


def test_frames_that_nobody_wants_stop_nothing():
    events = Events(sized(25, every=10), 0, on_frame=None, checkpointing=None)
    assert events.next(0) == 25


def test_a_field_that_nobody_reads_is_not_brought_into_the_plain_layout():
    shown = []
    frame = Frame(3, 0.0, None, lambda: shown.append(1) or "field")
    assert not shown
    assert (frame.block, frame.block) == ("field", "field")
    assert shown == [1]
