"""CartPole: PPO's mathematics, gymnasium's world, and the same world and agent in a real Chromium."""

from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import torch
from torch.distributions import Categorical

from playground.components import cartpole as carts
from playground.demos import cartpole as demo
from train import ppo
from zoo.data import cartpole
from zoo.models.ppo import ActorCritic

FOLDER = Path(carts.__file__).parent
SHORT = ppo.PPOSettings(env_steps=2048, envs=4, rollout=64, seeds=1, snapshots=0)


# Mathematics


def test_advantages_equal_a_naive_loop():
    generator = torch.Generator().manual_seed(0)
    reward, value, last = (torch.rand(*shape, generator=generator) for shape in ((30, 3), (30, 3), (3,)))
    terminated = (torch.rand(30, 3, generator=generator) < 0.1).float()
    done = terminated.maximum((torch.rand(30, 3, generator=generator) < 0.1).float())
    found = ppo.advantages(reward, value, last, terminated, done, 0.97, 0.9)
    ahead = torch.cat([value, last[None]])
    for start in range(30):
        for cart in range(3):
            total, weight = 0.0, 1.0
            for t in range(start, 30):  # the sum of all later surprises, up to the episode's end
                surprise = reward[t, cart] + 0.97 * (0 if terminated[t, cart] else ahead[t + 1, cart]) - value[t, cart]
                total += weight * float(surprise)
                weight *= 0.97 * 0.9
                if done[t, cart]:
                    break
            assert float(found[start, cart]) == pytest.approx(total, abs=1e-5)


def test_running_out_of_time_is_not_failing():
    one = torch.ones(1, 1)
    fell, late = (ppo.advantages(one, one * 5, torch.tensor([7.0]), t, one, 0.9, 0.9) for t in (one, one * 0))
    assert float(fell) == pytest.approx(1 - 5) and float(late) == pytest.approx(1 + 0.9 * 7 - 5)


def test_the_loss_on_a_case_worked_out_by_hand():
    torch.manual_seed(0)
    model = ActorCritic()
    state, action = torch.randn(4, 4), torch.tensor([0, 1, 1, 0])
    now = Categorical(logits=model.policy(state)).log_prob(action).detach()
    ratio = torch.tensor([1.5, 0.5, 1.5, 0.5])
    advantage = torch.tensor([2.0, 2.0, -2.0, -2.0])
    out = model(
        state, action, now - ratio.log(), advantage, model.value(state).detach() + 3, clip=0.2, entropy_weight=0.1
    )
    gains = [1.2 * 2, 0.5 * 2, 1.5 * -2, 0.8 * -2]  # a gain is cut at 1.2 and 0.8, a loss is not
    assert float(out["policy_loss"]) == pytest.approx(-sum(gains) / 4, abs=1e-5)
    assert float(out["value_loss"]) == pytest.approx(4.5, abs=1e-5)
    entropy = Categorical(logits=model.policy(state)).entropy().mean()
    assert float(out["entropy"]) == pytest.approx(float(entropy), abs=1e-6)
    assert float(out["loss"]) == pytest.approx(-sum(gains) / 4 + 0.5 * 4.5 - 0.1 * float(entropy), abs=1e-5)
    assert float(out["clip_fraction"]) == 1
    assert float(out["kl"]) == pytest.approx(float((ratio - 1 - ratio.log()).mean()), abs=1e-5)


def test_clipped_gains_have_no_gradient():
    torch.manual_seed(0)
    model = ActorCritic()
    state, action = torch.randn(2, 4), torch.tensor([0, 1])
    now = Categorical(logits=model.policy(state)).log_prob(action).detach()
    out = model(state, action, now - 0.5, torch.ones(2), model.value(state).detach(), clip=0.2)
    out["policy_loss"].backward()
    assert all(p.grad is None or not p.grad.any() for p in model.actor.parameters())


def test_actions_are_drawn_as_often_as_the_policy_says():
    torch.manual_seed(0)
    model = ActorCritic()
    model.actor[-1].bias.data = torch.tensor([0.0, 1.0])
    state = torch.zeros(1, 4).expand(20_000, 4)
    drawn = model.act(state, noise=torch.rand(20_000))
    assert float(drawn.float().mean()) == pytest.approx(float(model.policy(state[:1]).softmax(-1)[0, 1]), abs=0.01)
    assert model.act(state[:3]).tolist() == [1, 1, 1]


# The world


def test_resets_are_left_out_of_what_is_learned():
    torch.manual_seed(0)
    model, world = ActorCritic(), ppo.Carts(4, 0)
    (state, action, logp, advantage, returns), _ = ppo.rollout(model, world, SHORT)
    again, bogus, ends = ppo.Carts(4, 0), 0, 0
    torch.manual_seed(0)
    ActorCritic()  # takes as many random numbers
    seen = []
    for noise in torch.rand(64, 4):
        before = torch.from_numpy(again.state)
        reward, _, done, was_reset = again.step(model.act(before, noise=noise).numpy())
        assert (reward[was_reset] == 0).all() and (reward[~was_reset] == 1).all()
        assert (np.abs(again.state[was_reset]) <= 0.05).all()
        seen.append(before[~was_reset])
        bogus, ends = bogus + was_reset.sum(), ends + done.sum()
    assert 5 < bogus <= ends
    torch.testing.assert_close(state, torch.cat(seen))
    assert len(state) == len(action) == len(logp) == len(advantage) == len(returns) == 64 * 4 - bogus
    assert world.returns == again.returns and max(world.returns) < 200


def test_carts_go_on_where_they_stopped():
    world, other = ppo.Carts(3, 1), ppo.Carts(3, 2)
    push = np.array([1, 0, 1])
    for _ in range(15):
        world.step(push)
    other.load_state_dict(world.state_dict())
    for _ in range(40):
        for a, b in zip(world.step(push), other.step(push), strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(world.state, other.state)
    assert world.returns == other.returns and len(world.returns) > 3


def test_a_seed_gives_its_agent(tmp_path):
    found = [
        ppo.learn("a", ppo.replace(SHORT, seed=seed, runs=tmp_path / str(i)))[0] for i, seed in enumerate((3, 3, 4))
    ]
    first, again, other = (agent.actor[0].weight for agent in found)
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_page_knows_gymnasiums_world():
    env = gym.make("CartPole-v1").unwrapped
    for key, value in cartpole.PHYSICS.items():
        assert getattr(env, key) == pytest.approx(value, rel=1e-12), key
    assert gym.spec("CartPole-v1").max_episode_steps == cartpole.MAX_STEPS == carts.LIMIT
    for seed in (0, 7, 12345):
        env.reset(seed=seed)
        np.testing.assert_array_equal(env.state, cartpole.start(seed))


# In the browser

PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="cartpole.css">
<body style="margin: 16px; font-family: sans-serif"><div id="host"></div><script type="module">
import * as physics from "./physics.js";
import { mount } from "./cartpole.js";
window.physics = physics;
window.ended = [];
window.start = (scene) => { window.view = mount(document.getElementById("host"), scene, (score) => ended.push(score)); };
window.ready = true;
</script>"""


@pytest.fixture(scope="module")
def address(serve):
    return serve(PAGE, FOLDER)


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    page.wait_for_function("window.ready")
    yield page
    context.close()
    assert not problems


def open_scene(page, mode, age=None, seed=7, score=0):
    age = len(demo.ages()) - 1 if age is None else age
    page.evaluate("scene => start(scene)", demo.scene(mode, age, seed, score))


def test_the_browser_plays_as_gymnasium_and_torch_do(page):
    starts = [cartpole.start(seed).tolist() for seed in range(100, 120)]
    scene = demo.scene("inside", len(demo.ages()) - 1, 0)
    played = page.evaluate(
        """({ scene, starts }) => {
            const agent = physics.awaken(scene.agents[0]);
            return starts.map((start) => physics.play(agent, start, scene.physics));
        }""",
        {"scene": scene, "starts": starts},
    )
    model = demo.agent(len(demo.ages()) - 1)
    env = gym.make("CartPole-v1")
    for seed, episode in zip(range(100, 120), played, strict=True):
        state, _ = env.reset(seed=seed)
        states, actions, values = [env.unwrapped.state], [], []
        for _ in range(500):
            x = torch.from_numpy(state)[None]
            values.append(float(model.value(x)))
            actions.append(int(model.act(x)))
            state, _, fell, _, _ = env.step(actions[-1])
            states.append(env.unwrapped.state)
            if fell:
                break
        assert episode["actions"] == actions and len(actions) == 500
        np.testing.assert_allclose(episode["states"], states, atol=1e-5)
        np.testing.assert_allclose(episode["value"], values, atol=1e-3)


def test_a_young_agent_falls_at_the_same_step(page):
    expected = demo.episode(1, 3)
    scene = demo.scene("inside", 1, 3)
    fell = page.evaluate("s => physics.play(physics.awaken(s.agents[0]), s.start, s.physics).actions.length", scene)
    assert fell == len(expected["actions"]) < 200


def status(page):
    return page.locator(".zoo-cart-stage").get_attribute("aria-label")


def test_a_replay_runs_can_be_stopped_and_scrubbed(page):
    open_scene(page, "watch")
    assert status(page).count("step") == 2 and "before training" in status(page)
    page.wait_for_function("document.querySelector('.zoo-cart-time').value > 5")
    page.get_by_role("button", name="Pause").click()
    page.locator(".zoo-cart-time").fill("120")
    page.wait_for_function("document.querySelector('.zoo-cart-stage').ariaLabel.includes('trained: step 120')")
    assert "before training: fell at step" in status(page)
    page.get_by_role("button", name="One step on").click()
    page.wait_for_function("document.querySelector('.zoo-cart-stage').ariaLabel.includes('trained: step 121')")


def test_a_shoved_cart_recovers_and_too_hard_a_world_does_not(page):
    open_scene(page, "push")
    page.wait_for_function("parseInt(document.querySelector('.zoo-cart-stage').ariaLabel.split('step ')[1]) > 20")
    page.get_by_role("button", name="Shove →").click()
    assert "You shoved the cart to the right" in page.locator(".zoo-cart-status").inner_text()
    page.locator("[data-speed='3']").click()
    page.wait_for_function("parseInt(document.querySelector('.zoo-cart-stage').ariaLabel.split('step ')[1]) > 200")
    page.locator("[data-world=force_mag]").fill("-1")
    assert page.locator("[data-of=force_mag]").inner_text() == "× 0.1"
    page.get_by_role("button", name="Tilt ↷").click()
    page.wait_for_function("document.querySelector('.zoo-cart-status').textContent.startsWith('Fell after')")
    assert (
        "1 push" in page.locator(".zoo-cart-status").inner_text()
        or "2 pushes" in page.locator(".zoo-cart-status").inner_text()
    )


def test_a_race_is_run_by_keyboard_and_its_end_is_told(page):
    open_scene(page, "race", score=40)
    assert "Someone lasted 40 steps" in page.locator(".zoo-cart-status").inner_text()
    page.locator("[data-speed='3']").click()
    page.locator(".zoo-cart-stage").focus()
    page.keyboard.down("ArrowRight")
    page.wait_for_function("ended.length > 0")
    score = page.evaluate("ended[0]")
    assert carts.validate_score(score) == score and score["you"] < 30 and score["agent"] == 500
    assert f"You lasted {score['you']} steps" in page.locator(".zoo-cart-status").inner_text()
    page.evaluate("scene => view.update(scene)", demo.scene("race", len(demo.ages()) - 1, 7, score["you"]))
    assert f"You lasted {score['you']} steps" in page.locator(".zoo-cart-status").inner_text(), (
        "its own score restarts the race"
    )


def test_the_map_follows_the_replay(page):
    open_scene(page, "inside")
    page.get_by_role("button", name="Pause").click()
    page.locator(".zoo-cart-time").fill("10")
    before = page.locator(".zoo-cart-map").screenshot()
    page.locator(".zoo-cart-time").fill("60")
    while page.locator(".zoo-cart-map").screenshot() == before:
        page.wait_for_timeout(50)


def test_nothing_is_asked_of_the_server_while_playing(page):
    open_scene(page, "push")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Shove ←").click()
    page.wait_for_timeout(1000)
    assert not asked


def test_it_fits_a_phone(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("window.ready")
    for mode in carts.MODES:
        page.evaluate("document.getElementById('host').replaceChildren()")
        open_scene(page, mode)
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, mode
    context.close()


@pytest.mark.parametrize(
    "score",
    [
        None,
        {},
        {"you": 5},
        {"you": 1.5, "agent": 2},
        {"you": 501, "agent": 2},
        {"you": True, "agent": 2},
        {"you": 1, "agent": 2, "x": 3},
    ],
)
def test_a_forged_score_is_refused(score):
    with pytest.raises(ValueError, match="score"):
        carts.validate_score(score)
    with pytest.raises(ValueError, match="score"):
        demo.raced(score, {})


def test_a_race_leaves_the_steps_to_beat():
    assert demo.raced({"you": 9, "agent": 219}, {}) == {"score": 9}


@pytest.mark.parametrize(
    ("payload", "given"),
    [({"scene": {}, "score": {"you": 1}}, {"you": 1}), ({"scene": {}}, None), (None, None), ("<b>", None), ([1], None)],
)
def test_an_app_takes_only_the_score_from_the_browser(payload, given):
    assert carts.CARTS.gradio(None).preprocess(payload) == given
