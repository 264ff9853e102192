"""`storeroom plugins`: what is installed, from metadata; with --load, what is wrong with it."""

import pytest

from tests.cli.conftest import Cli
from tests.support.plugins import PluginMaker


def states(outcome_json: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {each["name"]: each["state"] for each in outcome_json["plugins"]}


def test_lists_names_distributions_versions_and_states(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", version="2.5")
    outcome = cli("plugins")
    assert outcome.code == 0
    row = next(line for line in outcome.out.splitlines() if "alpha" in line)
    assert row.split() == ["alpha", "storeroom-alpha", "2.5", "found"]


def test_json_holds_the_same(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", version="2.5")
    found = next(each for each in cli("plugins", "--json").json["plugins"] if each["name"] == "alpha")
    assert found == {
        "name": "alpha",
        "distribution": "storeroom-alpha",
        "version": "2.5",
        "state": "found",
        "detail": "",
    }


def test_looking_runs_no_plugin_code(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", plugin_code="raise SystemExit('imported')")
    assert cli("plugins").code == 0


def test_load_diagnoses_and_asks_for_attention(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", plugin_code="raise SystemExit('imported')")
    make_plugin("beta")
    outcome = cli("plugins", "--load", "--json")
    assert outcome.code == 1
    assert states(outcome.json)["alpha"] == "quarantined"
    assert states(outcome.json)["beta"] == "loaded"
    assert "alpha: importing 'sr_alpha.plugin' of storeroom-alpha 1.0 raised SystemExit" in cli("plugins", "--load").out


def test_two_claims_to_one_name_need_attention_without_loading(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha")
    make_plugin("alpha", distribution="evil-alpha")
    outcome = cli("plugins", "--json")
    assert outcome.code == 1
    assert states(outcome.json)["alpha"] == "quarantined"


def test_denied_is_shown_and_is_no_problem(cli: Cli, make_plugin: PluginMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    make_plugin("alpha")
    monkeypatch.setenv("STOREROOM_ALLOW", "beta, gamma")
    outcome = cli("plugins", "--json")
    assert outcome.code == 0
    assert states(outcome.json)["alpha"] == "denied"


def test_a_wrong_setting_is_wrong_usage(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREROOM_POOL_SIZE", "many")
    outcome = cli("plugins")
    assert outcome.code == 2
    assert outcome.err.startswith("storeroom: STOREROOM_POOL_SIZE is 'many': ")
    assert len(outcome.err.splitlines()) == 1


def test_version(cli: Cli) -> None:
    assert cli("--version").out == "storeroom 0.1.0\n"


@pytest.mark.parametrize("words", [["nonsense"], ["status", "--nonsense"], ["revision"]])
def test_wrong_words_are_wrong_usage(cli: Cli, words: list[str]) -> None:
    assert cli(*words).code == 2


def test_a_plugin_brings_commands_under_its_name(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin(
        "alpha",
        plugin_code="""
            import typer

            @hookimpl
            def storeroom_commands():
                app = typer.Typer()

                @app.command()
                def greet(name: str):
                    print(f"hello {name}")

                @app.command()
                def fail():
                    raise typer.Exit(1)

                return app
        """,
    )
    make_plugin("beta")
    assert cli("alpha", "greet", "you").out == "hello you\n"
    assert cli("alpha", "fail").code == 1
    assert cli("beta", "greet").code == 2, "a plugin without commands has none"


def test_commands_of_a_broken_plugin_say_why(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", core=">=7")
    outcome = cli("alpha", "greet")
    assert outcome.code == 1
    assert outcome.err.startswith("storeroom: plugin 'alpha' needs storeroom >=7")


BROKEN_COMMANDS = """
    import typer

    @hookimpl
    def storeroom_commands():
        app = typer.Typer()

        @app.command()
        def leave():
            raise SystemExit("not today")

        @app.command()
        def fail():
            raise LookupError("lost")

        return app
"""


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("leave", "storeroom: not today"),
        ("fail", "storeroom: LookupError: lost (with STOREROOM_DEBUG=1, the traceback)"),
    ],
)
def test_a_plugins_command_that_fails_is_one_line(cli: Cli, make_plugin: PluginMaker, command: str, says: str) -> None:
    make_plugin("alpha", plugin_code=BROKEN_COMMANDS)
    outcome = cli("alpha", command)
    assert (outcome.code, outcome.err) == (1, f"{says}\n")


def test_the_traceback_is_to_be_had(cli: Cli, make_plugin: PluginMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    make_plugin("alpha", plugin_code=BROKEN_COMMANDS)
    monkeypatch.setenv("STOREROOM_DEBUG", "1")
    with pytest.raises(LookupError, match="lost"):
        cli("alpha", "fail")


def test_commands_that_are_none_say_so(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", plugin_code="@hookimpl\ndef storeroom_commands():\n    return 5\n")
    outcome = cli("alpha", "greet")
    assert outcome.code == 1
    assert "hook 'storeroom_commands' of plugin 'alpha' returned 5; it must return a typer.Typer" in outcome.err


def test_commands_of_a_plugin_that_is_kept_out_say_why(
    cli: Cli, make_plugin: PluginMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin("alpha")
    make_plugin("alpha", distribution="evil-alpha")
    disputed = cli("alpha", "greet")
    assert (disputed.code, disputed.err.partition(" by ")[0]) == (1, "storeroom: plugin name 'alpha' is claimed")
    monkeypatch.setenv("STOREROOM_DENY", "alpha")
    denied = cli("alpha", "greet")
    assert (denied.code, denied.err.partition(";")[0]) == (2, "storeroom: plugin 'alpha' is denied here")


def test_a_name_in_the_lists_that_nobody_has_is_told(
    cli: Cli, make_plugin: PluginMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_plugin("alpha")
    monkeypatch.setenv("STOREROOM_DENY", "alhpa")
    outcome = cli("plugins", "--json")
    assert outcome.code == 0
    assert outcome.err == (
        "storeroom: STOREROOM_ALLOW or STOREROOM_DENY names 'alhpa', which isn't installed; did you mean 'alpha'?\n"
    )


def test_load_tells_of_a_head_that_is_not_the_last_revision(cli: Cli, make_plugin: PluginMaker) -> None:
    make_plugin("alpha", head="alpha_0009")
    outcome = cli("plugins", "--load")
    assert outcome.code == 1
    assert "alpha: HEAD of plugin 'alpha' says 'alpha_0009', but its last revision is 'alpha_0001'" in outcome.out
