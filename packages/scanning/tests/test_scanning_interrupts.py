from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

import pytest

from h5modules.scanning._interrupts import InterruptGate


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def write(done: list[str]) -> None:
    with InterruptGate():
        press_ctrl_c()
        done.append("written")


def read_and_write(done: list[str]) -> None:
    with InterruptGate() as gate:
        with gate.passing():
            press_ctrl_c()
            press_ctrl_c()
            done.append("read")
        done.append("written")


def write_and_read(done: list[str]) -> None:
    with InterruptGate() as gate:
        press_ctrl_c()
        press_ctrl_c()
        done.append("written")
        with gate.passing():
            done.append("read")


def press_once(done: list[str]) -> None:
    with InterruptGate(lambda: done.append("told")) as gate:
        with gate.passing():
            press_ctrl_c()
            done.append("read")
        done.append("written")
        gate.release()
        done.append("never")


def read_and_close(done: list[str]) -> None:
    with InterruptGate() as gate:
        try:
            with gate.passing():
                press_ctrl_c()
                press_ctrl_c()
        finally:
            press_ctrl_c()
            done.append("closed")


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        pytest.param(write, ["written"], id="waits-until-the-block-is-left"),
        pytest.param(read_and_write, [], id="twice-passes-where-it-may"),
        pytest.param(press_once, ["told", "read", "written"], id="once-is-told-and-waits"),
        pytest.param(write_and_read, ["written"], id="twice-passes-at-the-next-chance"),
        pytest.param(read_and_close, ["closed"], id="pressed-again-does-not-disturb-the-end"),
    ],
)
def test_ctrl_c(work: Callable[[list[str]], None], expected: list[str]) -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        work(done)
    assert done == expected


def test_an_error_matters_more_than_ctrl_c() -> None:
    def fail() -> None:
        with InterruptGate():
            press_ctrl_c()
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        fail()


def test_the_handler_that_was_there_is_called_and_put_back() -> None:
    seen = []

    def handler(number: int, frame: FrameType | None) -> None:
        seen.append(number)

    before = signal.signal(signal.SIGINT, handler)
    try:
        with InterruptGate() as gate:
            press_ctrl_c()
            press_ctrl_c()
            assert seen == []
            with gate.passing():
                assert seen == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with InterruptGate() as gate, gate.passing():
            press_ctrl_c()
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_are_left_alone() -> None:
    seen = []

    def work() -> None:
        with InterruptGate() as gate, gate.passing():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
