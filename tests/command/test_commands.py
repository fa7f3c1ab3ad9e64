import rnncalc as package
from calling import ROOT, rnncalc, spawned


def test_init_prints_the_sample_of_the_document() -> None:
    assert rnncalc("init").out == (ROOT / "sample_configs" / "document.toml").read_text()


def test_the_version_is_the_packages() -> None:
    assert rnncalc("--version").out == f"rnncalc {package.__version__}\n"
    assert spawned("--version").out == f"rnncalc {package.__version__}\n"


def test_without_a_command_there_is_help_that_begins_with_commands_to_paste() -> None:
    lines = rnncalc().out.splitlines()

    assert rnncalc().status == 0
    assert next(line.strip() for line in lines if line.startswith("  rnncalc")) == (
        "rnncalc run --wxh 0.5 --whh 0.3 --bh 0.1 --why 0.4 --by 0.2 --x 1,2,3"
    )


def test_every_activation_is_listed_with_its_formula() -> None:
    listed = dict(line.split(maxsplit=1) for line in rnncalc("activations").out.splitlines())

    assert {name: text for name, text in listed.items() if name in ("tanh", "relu", "softmax")} == {
        "tanh": "(e^a - e^-a) / (e^a + e^-a)",
        "relu": "max(0, a)",
        "softmax": "e^a[i] / (e^a[0] + e^a[1] + ...)  (output only)",
    }
    assert list(listed) == list(package.ACTIVATIONS)


def test_a_shell_is_offered_the_activations() -> None:
    offered = spawned(
        _RNNCALC_COMPLETE="complete_bash",
        COMP_WORDS="rnncalc run --activation s",
        COMP_CWORD="3",
    )

    assert offered.out.split() == ["sigmoid", "step", "step0", "softplus", "softsign", "selu"]
