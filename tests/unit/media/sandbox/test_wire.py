"""What a worker says is read within its time, however it says it."""

from __future__ import annotations

import socket
import threading

import pytest

from tutela.media.sandbox import wire


def test_an_answer_that_drips_has_no_more_time_than_one_that_never_comes() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0.2)
    body = wire._ANSWER.pack(b"TTA1", wire.HELLO, 1000) + bytes(1000)
    over = threading.Event()

    def drip() -> None:
        for place in range(len(body)):
            if over.wait(0.02):
                return
            theirs.send(body[place : place + 1])

    taken_over = threading.Thread(target=drip)
    taken_over.start()
    try:
        with pytest.raises(TimeoutError):
            wire.receive_answer(ours)
    finally:
        over.set()
        taken_over.join()
    assert ours.gettimeout() == 0.2, "the next answer has its own time"
    ours.close()
    theirs.close()


def test_an_answer_in_time_is_read_whole() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    wire.send_answer(theirs, wire.HELLO, b"x" * 1000)
    assert wire.receive_answer(ours) == (wire.HELLO, b"x" * 1000)
    assert ours.gettimeout() == 5
    ours.close()
    theirs.close()
