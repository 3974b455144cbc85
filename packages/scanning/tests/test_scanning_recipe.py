"""Plans in files: checked, drawn, run, gone on with by the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from h5modules.scanning import CallLimits, LinearAxis, Plan, PlanError, Recipe, cli, draw_path, saved_recipe

PLAN = """
title = "Try"
detectors = ["diode"]
order = "back-and-forth"

[[axes]]
kind = "linear"
actuator = "stage"
start = -1
stop = 1
points = 5
units = "mm"

[[axes]]
kind = "linear"
actuator = "rotator"
start = 0
stop = 90
points = 2

[devices.diode]
timeout = 5
retries = 1
"""


def call(*arguments: str) -> Any:
    return CliRunner(env={"COLUMNS": "80"}).invoke(cli.app, arguments)


@pytest.fixture
def plan_file(laboratory: Path) -> Path:
    path = laboratory / "plan.toml"
    path.write_text(PLAN, "utf-8")
    return path


def test_a_recipe_comes_back_from_toml() -> None:
    recipe = Recipe.from_toml(PLAN)
    assert recipe.devices["diode"].limits == CallLimits(5.0, 1)
    assert recipe.plan.order.value == "back-and-forth"
    assert Recipe.from_toml(recipe.to_toml()) == recipe


def test_a_plan_in_a_file_is_run_and_saved_with_the_scan(plan_file: Path, values_of: Any) -> None:
    done = call("run", str(plan_file), "-o", "scan.h5", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["status"], told["points"], told["node"]) == ("done", 10, "/RawData/Scan000")
    np.testing.assert_array_equal(
        values_of(Path("scan.h5"), "Acquired"), [[1, 2], [4, 3], [5, 6], [8, 7], [9, 10]]
    )
    assert saved_recipe(Path("scan.h5")) == Recipe.from_toml(PLAN)


def test_checking_a_plan_moves_nothing_and_draws_its_path(plan_file: Path) -> None:
    done = call("check", str(plan_file))
    assert done.exit_code == 0, done.output
    assert "Try: 10 points (5 x 2), back-and-forth" in done.stdout
    assert "Stage: 5 positions from -1 to 1" in done.stdout
    assert plan_file.with_suffix(".plan.png").read_bytes()[:4] == b"\x89PNG"
    assert sorted(path.name for path in plan_file.parent.iterdir()) == [
        "closed.txt",
        "plan.plan.png",
        "plan.toml",
    ]
    told = json.loads(call("check", str(plan_file), "--picture", "path.svg", "--json").stdout)
    assert told == {"status": "good", "points": 10, "shape": [5, 2], "seconds": 0.0, "picture": "path.svg"}


def test_the_picture_of_a_plan_tells_units_of_its_devices_and_its_timing(laboratory: Path) -> None:
    text = (
        'detectors = ["diode"]\nsettle = 0.01\naverages = 2\n[[axes]]\nkind = "linear"\n'
        'actuator = "stage"\nstart = -1\nstop = 1\npoints = 3\n'
    )
    (laboratory / "plan.toml").write_text(text, "utf-8")
    told = call("check", "plan.toml", "--picture", "path.svg").stdout
    assert "Scan: 3 points (3), sequential, settles 0.01 s, mean of 2 readings" in told
    drawn = (laboratory / "path.svg").read_text("utf-8")  # letters are paths, texts are comments
    for label in ("Stage (mm)", "3 points (3)", "settles 0.01 s, mean of 2 readings"):
        assert f"<!-- {label} -->" in drawn
    draw_path(Plan([LinearAxis("Stage", 0, 1, 2, "um")]), laboratory / "path.svg", {"Stage": "mm"})
    assert "<!-- Stage (µm) -->" in (laboratory / "path.svg").read_text("utf-8")


@pytest.mark.parametrize("command", [["check"], ["run", "-o", "scan.h5"]], ids=["check", "run"])
def test_all_that_is_wrong_is_told_at_once(plan_file: Path, command: list[str]) -> None:
    text = (
        PLAN.replace('"mm"', '"nm"').replace('["diode"]', '["diode", "diode"]').replace("Try", 'Try"\nx = "')
    )
    plan_file.write_text(text + "tiemout = 3\n\n[devices.rotater]\n", "utf-8")
    done = call(*command, str(plan_file), "--json")
    assert done.exit_code == cli.REFUSED == 2
    told = json.loads(done.stdout)["problems"]
    first_words = [problem.split()[0] for problem in told]
    assert first_words == ["devices.diode.tiemout", "x", "detectors:", "devices.rotater", "axes[0]:"]
    assert "is in 'nm', its actuator moves in 'mm'" in told[-1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("timeout = 5", "timeout = -5", "timeout is -5.0; give seconds above 0"),
        ("timeout = 5", 'timeout = "5"', "devices.diode.timeout is '5'; give a number"),
        ("[devices.diode]", "[devices]\ndiode = 3\n[devices.stage]", "devices.diode is 3; give a table"),
        ('["diode"]', "[]", "no detectors"),
        ('["diode"]', '"diode"', "detectors is 'diode'; give a list"),
        ("title =", 'on_failure = "panic"\ntitle =', "on_failure is 'panic'; there are 'stop', 'skip'"),
    ],
)  # fmt: skip
def test_what_is_no_recipe_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(PlanError, match=message.replace(".", r"\.")):
        Recipe.from_toml(PLAN.replace(old, new))


def test_a_file_that_is_no_plan_is_refused(laboratory: Path) -> None:
    for further in ([], ["-a", "stage=0:1:2"]):
        done = call("run", "no.toml", "-o", "a.h5", *further, "--json")
        assert done.exit_code == cli.REFUSED
        (told,) = json.loads(done.stdout)["problems"]
        assert told.startswith("give a plan, or" if further else "the plan 'no.toml' cannot be read")


def test_points_left_out_are_told_by_the_exit_code(plan_file: Path) -> None:
    text = PLAN.replace('["diode"]', '["broken"]').replace("[devices.diode]", "[devices.broken]")
    plan_file.write_text('on_failure = "skip"\n' + text.replace("retries = 1", ""), "utf-8")
    done = call("run", str(plan_file), "-o", "scan.h5", "--json")
    assert done.exit_code == cli.INCOMPLETE == 3
    told = json.loads(done.stdout)
    assert (told["status"], told["points"], told["skipped"]) == ("incomplete", 9, 1)
    assert "Left out: 1 point at which a device failed" in call("run", str(plan_file), "-o", "b.h5").stderr


def test_a_scan_is_gone_on_with_by_what_its_file_tells(plan_file: Path, values_of: Any) -> None:
    plan_file.write_text(PLAN.replace("diode", "impatient"), "utf-8")
    done = call("run", str(plan_file), "-o", "scan.h5", "--json")
    assert done.exit_code == cli.STOPPED
    assert json.loads(done.stdout)["status"] == "stopped"
    assert values_of(Path("scan.h5"), "Acquired").max() == 4
    # The device, opened anew, stops it again after four more points; then two are left.
    assert call("resume", "scan.h5").exit_code == cli.STOPPED
    done = call("resume", "scan.h5")
    assert done.stdout.startswith("10 points, 2 of them now, in ")
    assert json.loads(call("resume", "scan.h5", "--json").stdout)["points"] == 10
    np.testing.assert_array_equal(
        values_of(Path("scan.h5"), "Acquired"), [[1, 2], [4, 3], [5, 6], [8, 7], [9, 10]]
    )


def test_a_scan_whose_devices_are_not_named_is_gone_on_with_from_python(
    laboratory: Path, stage: Any, diode: Any
) -> None:
    from h5modules.scanning import run_scan

    run_scan(Plan([LinearAxis("Stage", 0, 1, 2)]), [stage], [diode], "scan.h5")
    done = call("resume", "scan.h5", "--json")
    assert done.exit_code == cli.REFUSED
    assert "go on with it from Python: see resume_scan" in done.stdout


ADAPTIVE = """
kind = "adaptive"
title = "Choose"
actuators = ["stage"]
low = [-1]
high = [1]
points = 9
observe = "impatient"
units = "mm"
detectors = ["diode", "impatient"]
"""


def test_an_adaptive_plan_in_a_file_is_checked_run_and_gone_on_with(laboratory: Path) -> None:
    (laboratory / "plan.toml").write_text(ADAPTIVE, "utf-8")
    assert Recipe.from_toml(Recipe.from_toml(ADAPTIVE).to_toml()) == Recipe.from_toml(ADAPTIVE)
    told = call("check", "plan.toml").stdout
    assert "Choose: at most 9 points, chosen by impatient (Impatient)\n  Stage: from -1 to 1\n" in told
    assert json.loads(call("check", "plan.toml", "--json").stdout)["picture"] is None
    done = call("run", "plan.toml", "-o", "scan.h5")
    assert (done.exit_code, "4 of 9 points are saved" in done.stderr) == (cli.STOPPED, True)
    told = json.loads(call("run", "plan.toml", "-o", "scan.h5", "--json").stdout)["problems"]
    assert "an interrupted scan, 4 of 9 points: go on with h5modules scan resume" in told[0]
    assert "(resume_adaptive)" in told[0]
    assert call("resume", "scan.h5").exit_code == cli.STOPPED
    done = call("resume", "scan.h5", "--json")
    told = json.loads(done.stdout)
    assert (told["status"], told["points"], told["node"]) == ("done", 9, "/RawData/Optimizer000")
    # The last scan of a file is gone on with, of whichever kind it is.
    assert call("run", "-a", "stage=0:1:3", "-d", "diode", "-o", "scan.h5", "--append").exit_code == 0
    assert json.loads(call("resume", "scan.h5", "--json").stdout)["node"] == "/RawData/Scan000"


def test_a_title_that_an_adaptive_plan_observes_is_told_once_with_its_name(laboratory: Path) -> None:
    text = ADAPTIVE.replace('observe = "impatient"', 'observe = "Impatient one"')
    (laboratory / "plan.toml").write_text(text, "utf-8")
    (told,) = json.loads(call("check", "plan.toml", "--json").stdout)["problems"]
    assert told.startswith("observe is 'Impatient one', which is no detector of the scan; did you mean 'imp")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('observe = "impatient"', "", "observe is missing"),
        ('observe = "impatient"', 'observe = "Diod"', "observe is 'Diod', .* did you mean 'diode'"),
        ("low = [-1]", "low = [1]", "the first must be lower"),
        (
            "low = [-1]",
            "low = [-9]",
            r"actuators\[0\]: axis 'Stage' goes to -9 at point 1, the limits are -5",
        ),
        ('"mm"', '"um"', r"actuators\[0\]: axis 'Stage' is in 'um', its actuator moves in 'mm'"),
        ('["stage"]', '["stag"]', r"actuators\[0\]: no device is named 'stag'"),
        ("points = 9", "points = 9\naxes = []", "axes is unknown"),
        ('"adaptive"', '"adaptiv"', "kind is 'adaptiv'; did you mean 'adaptive'"),
    ],
)
def test_an_adaptive_plan_that_cannot_be_is_refused(
    laboratory: Path, old: str, new: str, message: str
) -> None:
    (laboratory / "plan.toml").write_text(ADAPTIVE.replace(old, new), "utf-8")
    done = call("run", "plan.toml", "-o", "scan.h5", "--json")
    assert done.exit_code == cli.REFUSED
    assert any(re.search(message, problem) for problem in json.loads(done.stdout)["problems"]), done.stdout
    assert not (laboratory / "scan.h5").exists()


WRONG = """
detectors = ["diode", "diodd", "twin"]
averages = "many"
speed = 3

[[axes]]
kind = "linear"
actuator = "stage"
start = -1
stop = 9
points = 10001
units = "nm"

[[axes]]
kind = "plan"
[[axes.axes]]
kind = "linear"
actuator = "rotator"
start = 0
stop = "a lot"
points = 2

[devices.diode]
timeout = 0
"""


def test_every_kind_of_bad_input_is_told_with_its_key_before_anything_moves(laboratory: Path) -> None:
    (laboratory / "plan.toml").write_text(WRONG, "utf-8")
    done = call("run", "plan.toml", "-o", "no/scan.h5", "--json")
    assert done.exit_code == cli.REFUSED
    told = json.loads(done.stdout)["problems"]
    assert [problem.split(";")[0] for problem in told] == [
        "axes[1].axes[0].stop is 'a lot'",
        "averages is 'many'",
        "devices.diode: timeout is 0.0",
        "speed is unknown",
        "detectors[1]: no device is named 'diodd'",
        "axes[0]: axis 'Stage' is in 'nm', its actuator moves in 'mm'",
        "2 devices are titled 'Diode'",
        "there is no folder 'no'",
    ]
    good = WRONG.replace('"a lot"', "1").replace('"many"', "1").replace("speed = 3\n", "")
    (laboratory / "plan.toml").write_text(good.replace("timeout = 0", "timeout = 1"), "utf-8")
    told = json.loads(call("run", "plan.toml", "-o", "no/scan.h5", "--json").stdout)["problems"]
    assert [problem.split(";")[0] for problem in told] == [
        "detectors[1]: no device is named 'diodd'",
        "axes[0]: axis 'Stage' is in 'nm', its actuator moves in 'mm'",
        "2 devices are titled 'Diode'",
        "there is no folder 'no'",
    ]
    # Each line of the slow axis holds two points: it leaves the limits (5 mm) behind its position 6001.
    good = good.replace('"nm"', '"mm"').replace('"diodd", "twin"', "").replace("timeout = 0", "timeout = 1")
    (laboratory / "plan.toml").write_text(good, "utf-8")
    (told,) = json.loads(call("run", "plan.toml", "-o", "scan.h5", "--json").stdout)["problems"]
    assert told.startswith(
        "axes[0]: axis 'Stage' goes to 5.001 at point 12003, the limits are -5 to 5 mm: 4000 of"
    )


def test_a_file_that_is_not_toml_is_told_with_its_line(laboratory: Path) -> None:
    (laboratory / "plan.toml").write_text(PLAN + "points = = 3\n", "utf-8")
    done = call("check", "plan.toml", "--json")
    assert done.exit_code == cli.REFUSED
    assert "(at line 24, column 10)" in json.loads(done.stdout)["problems"][0]
