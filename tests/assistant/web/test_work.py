"""Work in the background."""

import threading

from assistant.web.work import Work


def test_it_goes_on_when_nobody_looks():
    work, done = Work(threading.Event()), threading.Event()
    assert work.start("x", done.set, lambda _: None)
    assert done.wait(5)


def test_progress_is_seen_and_ends():
    work, go = Work(threading.Event()), threading.Event()
    seen = []

    def job():
        work.tell("first")
        go.wait(5)
        work.tell("second")

    assert work.start("begun", job, lambda _: None)
    for _ in work.follow():
        seen.append(work.doing)
        go.set()
    assert seen[0] in ("begun", "first")
    assert not work.busy
    assert work.doing == ""
    assert list(work.follow()) == []


def test_what_it_raises_is_told():
    work, told = Work(threading.Event()), []

    def job():
        raise ValueError("no")

    work.start("x", job, told.append)
    list(work.follow())
    assert str(told[0]) == "no"
    assert not work.busy


def test_a_second_job_waits_for_nobody_and_is_refused():
    work, go = Work(threading.Event()), threading.Event()
    work.start("x", lambda: go.wait(5), lambda _: None)
    work.stop.set()
    assert not work.start("y", lambda: None, lambda _: None)
    assert work.stop.is_set()
    go.set()
    list(work.follow())
    assert work.start("z", lambda: None, lambda _: None)
    assert not work.stop.is_set()
