"""One open file, several threads: what was returned from is in the file, under one name each."""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import suppress

import numpy as np
import pytest

from h5modules.backends import ArraySpec, FileClosedError, H5Backend
from h5modules.saving import H5SaverLowLevel

THREADS, TIMES = 4, 25


def in_threads(*jobs):
    """Call each in a thread of its own, all at once; raise what one of them raised."""
    gate, errors = threading.Barrier(len(jobs)), []

    def call(job):
        gate.wait()
        try:
            job()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            errors.append(error)

    threads = [threading.Thread(target=call, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a thread waits for ever"
    if errors:
        raise errors[0]


@pytest.fixture
def saver(tmp_path, backend):
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5", backend=backend) as opened:
        yield opened


def test_every_line_of_the_log_is_kept(saver):
    def log(name):
        for number in range(TIMES):
            saver.add_log(f"{name} {number}")

    in_threads(*(lambda name=name: log(name) for name in range(THREADS)))
    lines = saver.get_set_logger().read()
    assert sorted(lines) == sorted(f"{name} {number}" for name in range(THREADS) for number in range(TIMES))


def test_every_row_that_was_appended_is_kept(saver):
    array = saver.create_earray("/RawData", "Rows", np.dtype("i8"))

    def append(name):
        for number in range(TIMES):
            array.append(np.array([TIMES * name + number]))

    in_threads(*(lambda name=name: append(name) for name in range(THREADS)))
    assert sorted(array.read()) == list(range(THREADS * TIMES))


def test_no_number_is_given_twice(saver):
    made = []

    def add(name):
        for number in range(TIMES):
            title = f"{name} {number}"
            made.append((saver.add_scan_group(title=title).path, title))

    in_threads(*(lambda name=name: add(name) for name in range(THREADS)))
    assert len({path for path, _ in made}) == THREADS * TIMES
    assert all(saver.get_node(path).title == title for path, title in made)


def test_what_fails_in_one_thread_takes_nothing_of_another_away(saver):
    made = []

    def save():
        for number in range(TIMES):
            group = saver.add_det_group(title=f"good {number}", where="/RawData")
            made.append(saver.add_array(group, "data", "data", np.arange(3.0)).path)

    def fail():
        for _ in range(TIMES):
            with suppress(RuntimeError), saver.all_or_nothing():
                group = saver.add_act_group("/RawData", title="bad")
                saver.add_array(group, "data", "data", np.arange(3.0))
                raise RuntimeError

    in_threads(save, fail, save)
    assert len(set(made)) == 2 * TIMES
    assert all(saver.get_node(path).read().tolist() == [0, 1, 2] for path in made)
    assert not saver.get_groups("/RawData", "actuator")


def test_a_group_that_another_thread_found_is_not_taken_from_it(saver):
    """What is found in a block that fails would go with it."""
    is_made, found = threading.Event(), []

    def fail():
        with suppress(RuntimeError), saver.all_or_nothing():
            saver.get_set_group("/RawData", "Shared")
            is_made.set()
            threading.Event().wait(0.1)  # the other one asks for the group now
            raise RuntimeError

    def find():
        is_made.wait(10)
        group = saver.get_set_group("/RawData", "Shared")
        found.append(saver.add_array(group, "data", "data", np.arange(3.0)))

    in_threads(fail, find)
    assert found[0].read().tolist() == [0, 1, 2]


def test_readers_see_what_is_while_another_thread_makes_structure_and_rows(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as saver:
        known = saver.create_carray("/", "Known", np.arange(20_000.0))
        logs, is_done = [], threading.Event()

        def change():
            for number in range(60):
                array = saver.create_earray("/", f"Rows{number}", np.dtype("f8"), (16,))
                array.appender().append(np.full(16, float(number)))  # a block is filled beside HDF5
                logs.append(array)
            is_done.set()

        def read():
            while not is_done.is_set():
                assert known.read()[-1] == 19_999
                for number, array in list(enumerate(logs))[-10:]:
                    assert array.read().tolist() == [[number] * 16]
                saver.root().children_name()

        in_threads(change, read, read)
    with H5Backend.open(tmp_path / "scan.h5") as file:
        for number in range(60):
            assert file.get_node(f"/Rows{number}").read().tolist() == [[number] * 16]


def test_one_writer_is_good_for_several_threads(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as saver:
        shape, number = (THREADS, 100), np.dtype("f8")
        placed = saver.create_array("/", "Placed", ArraySpec(shape, number, placed=True)).writer()
        packed = saver.create_array("/", "Packed", ArraySpec(shape, number, chunks=(2, 10))).writer()

        def write(row):
            for column in range(100):
                for writer in (placed, packed):
                    writer.write((row, column), np.array(float(100 * row + column)))

        in_threads(*(lambda row=row: write(row) for row in range(THREADS)))
        for name in ("/Placed", "/Packed"):
            assert saver.get_node(name).read().ravel().tolist() == list(range(100 * THREADS))


def test_rows_added_while_an_appender_is_open(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as saver:
        array = saver.create_earray("/", "Rows", np.dtype("f8"))
        array.appender().append(np.array(-1.0))

        def append(name):
            for number in range(TIMES):
                array.append(np.array([float(TIMES * name + number)]))

        in_threads(*(lambda name=name: append(name) for name in range(THREADS)))
        assert sorted(array.read()) == list(range(-1, THREADS * TIMES))


def test_two_files_copied_to_each_other_at_once(tmp_path):
    with (
        H5SaverLowLevel.from_file(tmp_path / "a.h5") as one,
        H5SaverLowLevel.from_file(tmp_path / "b.h5") as other,
    ):
        for file in (one, other):
            file.create_carray("/", "Data", np.arange(10))

        def copy(source, target):
            for number in range(TIMES):
                source.copy_to(target, "/Data", name=f"Copy{number}")

        in_threads(lambda: copy(one, other), lambda: copy(other, one))
        for file in (one, other):
            assert sum(name.startswith("Copy") for name in file.root().children_name()) == TIMES


def test_a_file_that_is_closed_in_a_thread_says_so_in_the_others(tmp_path):
    saver = H5SaverLowLevel.from_file(tmp_path / "scan.h5")
    kept, is_begun = [], threading.Event()

    def log_on():
        while True:
            saver.add_log(f"line {len(kept)}")
            kept.append(f"line {len(kept)}")
            is_begun.set()

    def log():
        with pytest.raises(FileClosedError):
            log_on()

    def close():
        is_begun.wait(10)
        saver.close_file()

    in_threads(log, close)
    with H5Backend.open(tmp_path / "scan.h5") as file:
        assert file.get_node("/RawData/Logger").read()[: len(kept)] == kept


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_does_not_wait_for_a_thread_that_it_has_not(tmp_path):
    with H5SaverLowLevel.from_file(tmp_path / "scan.h5") as saver:
        is_held, is_over = threading.Event(), threading.Event()

        def hold():
            with saver.all_or_nothing():
                is_held.set()
                is_over.wait(30)

        def fork():
            is_held.wait(10)
            child = multiprocessing.get_context("fork").Process(target=saver.flush)
            child.start()
            child.join(20)
            is_over.set()
            code = child.exitcode
            child.kill()
            assert code == 0

        in_threads(hold, fork)
