"""The skeleton of every training loop: it resumes, seeds, sets the learning rate, logs and takes snapshots."""

import dataclasses
import json

import pytest
import torch
from torch import nn

from train.core.data import examples
from train.core.run import Run
from train.core.settings import Settings, named_after
from train.core.steps import batches, learning_rate

STEPS = 25


class Killed(Exception):
    pass


def learn(folder, *, kill=None, in_snapshot=False, **changed):
    """Train a line on noise; end as a kill would after so many steps. Returns the model, the run, and what the loop saw."""
    settings = Settings(**{"runs": folder, "save_every": 0, "warmup": 4, "snapshots": 4, "lr": 0.1} | changed)
    run, seen, kept = Run("line.x", settings, STEPS), [], []
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    optimizer = torch.optim.Adam(model.parameters())

    def snapshot(step):
        assert not torch.is_grad_enabled()
        if in_snapshot and step == kill:
            raise Killed
        kept.append(step)
        run.keep(step, torch.full((2, 2), step, dtype=torch.uint8).numpy(), weight=model.weight[0, 0].item())

    steps = run.steps(
        lambda step: torch.randn(8, 3), snapshot=snapshot, scheduled=[optimizer], log_every=5,
        model=model, optimizer=optimizer,
    )  # fmt: skip
    for step, x in steps:
        if step == kill:
            raise Killed
        seen.append((step, optimizer.param_groups[0]["lr"], x))
        loss = (model(x)[:, 0] - x.sum(1) + torch.randn(8)).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        run.record({"loss": loss, "step_squared": torch.tensor(float(step**2))})
    return model, run, seen, kept


def facts(run):
    """What a run leaves but for the time it took."""
    files = sorted((run.folder / "history").iterdir())
    kept = [json.loads(f.read_text()) if f.suffix == ".json" else f.read_bytes() for f in files]
    records = [*run.log(), *(fact for fact in kept if isinstance(fact, dict))]
    return [{k: v for k, v in record.items() if k != "seconds"} for record in records], [f.name for f in files]


@pytest.mark.parametrize(
    ("kill", "in_snapshot"), [(3, False), (7, False), (10, True), (14, True), (23, False), (25, True)]
)
def test_a_run_resumed_in_the_middle_ends_like_one_that_was_not(tmp_path, kill, in_snapshot):
    straight, run, *_ = learn(tmp_path / "straight")
    with pytest.raises(Killed):
        learn(tmp_path / "killed", kill=kill, in_snapshot=in_snapshot)
    resumed, again, seen, _ = learn(tmp_path / "killed")
    assert [step for step, *_ in seen] == list(range(kill - kill % 5, STEPS))  # from the last line of the log on
    assert all(torch.equal(a, b) for a, b in zip(straight.parameters(), resumed.parameters(), strict=True))
    assert facts(again) == facts(run)


def test_a_finished_run_is_not_trained_again(tmp_path):
    first, *_ = learn(tmp_path)
    second, run, seen, _ = learn(tmp_path)
    assert not seen and torch.equal(first.weight, second.weight)
    assert [record["step"] for record in run.log()] == [5, 10, 15, 20, 25]


def test_each_step_has_its_number_its_rate_and_its_noise(tmp_path):
    _, run, seen, _ = learn(tmp_path / "a")
    assert [step for step, *_ in seen] == list(range(STEPS))
    assert [rate for _, rate, _ in seen] == [learning_rate(run.settings, step, STEPS) for step in range(STEPS)]
    assert len({x[0, 0].item() for *_, x in seen}) == STEPS
    _, _, other, _ = learn(tmp_path / "b", seed=1)
    assert not torch.equal(other[0][2], seen[0][2])


def test_the_log_has_means_and_the_history_what_the_snapshot_kept(tmp_path):
    _, run, _, kept = learn(tmp_path)
    assert [record["step_squared"] for record in run.log()] == [
        sum(step**2 for step in range(end - 5, end)) / 5 for end in range(5, 30, 5)
    ]
    assert kept == sorted(run.moments) and kept[0] == 0 and kept[-1] == STEPS
    frames, history = run.history()
    assert [frame[0, 0] for frame in frames] == kept
    assert [moment["step"] for moment in history["moments"]] == kept
    assert len({moment["weight"] for moment in history["moments"]}) == len(kept)
    assert [record["step"] for record in history["curve"]] == [5, 10, 15, 20, 25]


def test_nothing_temporary_is_left(tmp_path):
    _, run, *_ = learn(tmp_path)
    assert not [path for path in run.folder.rglob("*") if path.name.endswith(".tmp")]


def test_without_moments_there_are_no_snapshots(tmp_path):
    assert learn(tmp_path, snapshots=0)[3] == []


def test_a_runs_examples_are_those_of_its_settings(tmp_path):
    run = Run("line.x", Settings(runs=tmp_path, batch_size=10, seed=4), STEPS)
    assert run.examples(103)(12).tolist() == batches(103, 10, seed=4)(12).tolist()


# Data


def test_held_out_examples_are_the_last(mnist):
    images, labels = mnist.load("train")
    settings = Settings(data="mnist", holdout=5)
    found = examples(settings)
    assert len(found.x) == len(images) - 5 and found.x.shape[1:] == (1, 28, 28) and found.x.dtype == torch.uint8
    torch.testing.assert_close(found.test_x[:, 0], torch.tensor(images[-5:]) / 255)
    assert found.test_y.tolist() == labels[-5:].tolist()
    whole = examples(dataclasses.replace(settings, holdout=0))
    assert len(whole.x) == len(images) and len(whole.test_x) == len(mnist.load("test")[0])


@pytest.mark.parametrize("name", ["shakespeare", "cartpole"])
def test_what_has_no_labelled_pictures_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} holds no pictures with labels"):
        examples(Settings(data=name))


@pytest.mark.parametrize(("name", "variant"), [("Old letters.txt", "old-letters"), ("my.leaves", "my-leaves")])
def test_a_model_of_ones_own_files_is_named_after_them(name, variant, tmp_path):
    path = tmp_path / name
    path.mkdir() if variant == "my-leaves" else path.write_text("")
    assert named_after(path, ["mnist"]) == variant
    with pytest.raises(ValueError, match="rename it"):
        named_after(path, [variant])
