"""What a computation costs: counted by the processor where it can, estimated and called so else."""

import dataclasses
import sys
import time

import numpy as np
import pytest

from imagier.cost import Cost, CostMeter, stored_cost
from imagier.i18n import LANGUAGES, use_language
from imagier.testing import report_html, terminal_lines
from imagier.testing.cost_report import cost_facts, cost_json, cost_sentences, prediction_cost

COST = Cost(seconds=60, cpu_seconds=120, peak_memory=10**9, joules=1440, method="estimate")


def zone(root, number, name, level, size=262_143_328_850):
    folder = root / f"sys/class/powercap/intel-rapl:{number}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "name").write_text(name + "\n")
    (folder / "energy_uj").write_text(f"{level}\n")
    (folder / "max_energy_range_uj").write_text(f"{size}\n")


def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_without_a_counter_the_energy_is_an_estimate_from_processor_time(tmp_path):
    meter = CostMeter(root=tmp_path)
    burn(0.2)
    cost = meter.cost()
    assert 0.19 < cost.cpu_seconds < 0.4
    assert cost.seconds >= 0.15
    assert (cost.method, cost.joules) == ("estimate", pytest.approx(12 * cost.cpu_seconds))
    assert cost.grams == pytest.approx(cost.joules / 3.6e6 * 475)


def test_time_asleep_costs_no_energy_but_is_time(tmp_path):
    meter = CostMeter(root=tmp_path)
    time.sleep(0.15)
    cost = meter.cost()
    assert cost.seconds > 0.14
    assert cost.cpu_seconds < 0.1


def test_the_counters_of_processors_and_their_memory_are_added(tmp_path):
    for number, name in (("0", "package-0"), ("1", "package-1"), ("0:1", "dram"), ("0:0", "core")):
        zone(tmp_path, number, name, 1_000_000)
    meter = CostMeter(root=tmp_path)
    zone(tmp_path, "0", "package-0", 4_000_000)
    zone(tmp_path, "1", "package-1", 2_500_000)
    zone(tmp_path, "0:1", "dram", 1_250_000)
    zone(tmp_path, "0:0", "core", 9_000_000)
    cost = meter.cost()
    assert (cost.method, cost.joules) == ("counter", 4.75)
    assert cost.to_json()["watts_per_core"] is None


def test_a_counter_that_began_again_is_understood(tmp_path):
    zone(tmp_path, "0", "package-0", 262_143_000_000)
    meter = CostMeter(root=tmp_path)
    zone(tmp_path, "0", "package-0", 1_671_150)
    assert meter.cost().joules == pytest.approx(2.0)


def test_a_counter_that_may_have_run_over_more_than_once_is_not_trusted(tmp_path, monkeypatch):
    zone(tmp_path, "0", "package-0", 5)
    meter = CostMeter(root=tmp_path)
    later = time.monotonic() + 700
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert meter.cost().method == "estimate"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_the_peak_of_memory_is_that_of_this_process():
    before = CostMeter().cost().peak_memory
    block = np.ones(400_000_000, np.uint8)
    after = CostMeter().cost().peak_memory
    assert after - before > 200_000_000 or after > 600_000_000
    del block


def test_a_process_is_counted_from_its_beginning():
    assert CostMeter(of_process=True).cost().cpu_seconds > CostMeter().cost().cpu_seconds + 0.2


def test_the_cost_returns_from_json():
    again = stored_cost(COST.to_json())
    assert again == COST
    for change in (
        *({"seconds": -1}, {"energy_method": "guess"}, {"energy_method": []}),
        *({"peak_memory": "much"}, {"peak_memory": 10**400}, {"energy_joules": 1e300}),
    ):
        assert stored_cost(COST.to_json() | change) is None
    assert stored_cost(None) is stored_cost({}) is stored_cost({"seconds": float("nan")}) is None


def test_predictions_are_measured_for_a_thousand(obedient, dataset_of):
    recognizer, dataset = obedient(("a", "b")), dataset_of([0, 1], [0, 1], classes=("a", "b"))
    cost = prediction_cost(recognizer, dataset.pixels, np.arange(len(dataset)))
    shown = sum(recognizer.batches) - 2
    assert shown > 0
    assert cost.seconds == pytest.approx(0.2 * 1000 / shown, rel=0.5)
    assert prediction_cost(recognizer, dataset.pixels, np.arange(0)) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_figures_stand_in_sentences_the_page_and_json(full_report, language):
    history = dataclasses.replace(full_report.history, cost=COST)
    small = Cost(seconds=0.25, cpu_seconds=0.5, peak_memory=None, joules=6, method="counter")
    report = dataclasses.replace(full_report, history=history, prediction_cost=small)
    with use_language(language):
        said = list(cost_sentences(report))
        assert not set(said) & set(terminal_lines(report)), "the page has them"
        assert len(said) == 4, "two costs, two methods"
        (_, learning), (_, predictions) = cost_facts(report)
        for (_, value), sentence in ((learning[3], said[0]), (predictions[3], said[1])):
            assert value in sentence
            assert value in report_html(report)
    answer = cost_json(report)
    assert answer["learning"]["energy_joules"] == 1440
    assert answer["predictions"]["n"] == 1000
    assert answer["predictions"]["energy_method"] == "counter"
    assert report.train_json()["cost"] == report.to_json()["cost"] == answer


def test_the_memory_of_predictions_is_said_where_it_is_known(full_report):
    known = Cost(seconds=0.2, cpu_seconds=0.3, peak_memory=69_400_000, joules=4, method="estimate")
    report = dataclasses.replace(full_report, prediction_cost=known)
    assert sum("69 MB" in sentence for sentence in cost_sentences(report)) == 1
    assert cost_json(report)["predictions"]["peak_memory"] == 69_400_000


def test_what_is_not_known_is_not_said(full_report):
    assert list(cost_sentences(full_report)) == list(cost_facts(full_report)) == []
    assert cost_json(full_report) == {"learning": None, "predictions": None}
