"""Fordela: people allocated to places, the rule in force against a proven optimum.

>>> import fordela
>>> year = fordela.load_instance("textbook")
>>> fordela.solve(year).counts.total
(1, 1, 2, 4)
"""

__version__ = "0.1.0"

# Nothing is imported, called or looped over here, not even typing's TYPE_CHECKING: the command begins
# at once, and Python raises no Ctrl-C before the command listens for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from fordela.instances.catalogue import load_instance, shipped_instances
    from fordela.instances.claims import read_solution
    from fordela.instances.frames import instance_from_frames
    from fordela.instances.generator import Parameters, generate
    from fordela.instances.policy_files import load_policy, shipped_policies
    from fordela.instances.random_homes import HomeModel, with_random_homes
    from fordela.instances.random_years import AgencyHousing, ArrivalModel
    from fordela.instances.restoring import read_result
    from fordela.instances.results import write_placement, write_redistribution, write_result
    from fordela.instances.workbooks.importing import Imported, import_workbook
    from fordela.instances.writing import write_instance
    from fordela.models.check import Solution, Violation, check
    from fordela.models.errors import (
        FordelaError,
        InconsistencyError,
        InfeasibleError,
        InputError,
        LimitError,
        Problem,
    )
    from fordela.models.extensions import trust
    from fordela.models.homes import Agreement, Home
    from fordela.models.indicators import child_indicators
    from fordela.models.instance import Case, Child, Instance, Municipality, Transfer
    from fordela.models.placement.outcome import Placement, PlacementResult, Relaxation
    from fordela.models.policy import IN_FORCE, LEVELS, NORMS, Policy
    from fordela.models.redistribution.outcome import RedistributionResult, Spread
    from fordela.models.result import LevelResult, Result, Status, Termination
    from fordela.models.rules import Arrival, Known, Rule, RuleError, State
    from fordela.models.wishes import Availability, Wish
    from fordela.report.explaining import Explained, explain
    from fordela.report.page.write import write_report
    from fordela.report.workbooks.instance_book import write_instance_book
    from fordela.report.workbooks.result_book import write_result_book
    from fordela.solver.batch.run import make_tasks, run_batch
    from fordela.solver.batch.tasks import Settings
    from fordela.solver.brute_force import brute_force
    from fordela.solver.comparison import Comparison, PolicyFigures, compare
    from fordela.solver.grouping import read_rows, summarise
    from fordela.solver.placement.place import place
    from fordela.solver.placement.relaxations import relaxed
    from fordela.solver.redistribution.decide import redistribute
    from fordela.solver.rules.conformance import conformance
    from fordela.solver.simulation.outlook import Outlook, outlook
    from fordela.solver.simulation.run import Simulated, simulate
    from fordela.solver.simulation.spec import Simulation, make_simulation
    from fordela.solver.solve import solve

#: Where each public name lives. Names are imported when first used, so that the command answers at
#: once and ``import fordela`` does not load a solver.
_HOMES = {
    "instances.catalogue": ("load_instance", "shipped_instances"),
    "instances.frames": ("instance_from_frames",),
    "instances.generator": ("Parameters", "generate"),
    "instances.policy_files": ("load_policy", "shipped_policies"),
    "instances.claims": ("read_solution",),
    "instances.random_years": ("AgencyHousing", "ArrivalModel"),
    "instances.restoring": ("read_result",),
    "instances.random_homes": ("HomeModel", "with_random_homes"),
    "instances.results": ("write_placement", "write_redistribution", "write_result"),
    "models.extensions": ("trust",),
    "models.homes": ("Agreement", "Home"),
    "models.indicators": ("child_indicators",),
    "models.placement.outcome": ("Placement", "PlacementResult", "Relaxation"),
    "solver.placement.place": ("place",),
    "solver.placement.relaxations": ("relaxed",),
    "instances.writing": ("write_instance",),
    "models.check": ("Solution", "Violation", "check"),
    "models.errors": (
        "FordelaError", "InconsistencyError", "InfeasibleError", "InputError", "LimitError",
        "Problem",
    ),
    "models.instance": ("Case", "Child", "Instance", "Municipality", "Transfer"),
    "models.policy": ("IN_FORCE", "LEVELS", "NORMS", "Policy"),
    "models.redistribution.outcome": ("RedistributionResult", "Spread"),
    "models.result": ("LevelResult", "Result", "Status", "Termination"),
    "models.rules": ("Arrival", "Known", "Rule", "RuleError", "State"),
    "models.wishes": ("Availability", "Wish"),
    "instances.workbooks.importing": ("Imported", "import_workbook"),
    "report.explaining": ("Explained", "explain"),
    "report.page.write": ("write_report",),
    "report.workbooks.instance_book": ("write_instance_book",),
    "report.workbooks.result_book": ("write_result_book",),
    "solver.batch.run": ("make_tasks", "run_batch"),
    "solver.batch.tasks": ("Settings",),
    "solver.brute_force": ("brute_force",),
    "solver.comparison": ("Comparison", "PolicyFigures", "compare"),
    "solver.grouping": ("read_rows", "summarise"),
    "solver.redistribution.decide": ("redistribute",),
    "solver.rules.conformance": ("conformance",),
    "solver.simulation.outlook": ("Outlook", "outlook"),
    "solver.simulation.run": ("Simulated", "simulate"),
    "solver.simulation.spec": ("Simulation", "make_simulation"),
    "solver.solve": ("solve",),
}  # fmt: skip

__all__ = [
    "IN_FORCE", "LEVELS", "NORMS", "AgencyHousing", "Agreement", "Arrival", "ArrivalModel",
    "Availability", "Case", "Child", "Comparison", "Explained", "FordelaError", "Home",
    "HomeModel", "Imported", "InconsistencyError", "InfeasibleError", "InputError", "Instance",
    "Known", "LevelResult", "LimitError", "Municipality", "Outlook", "Parameters", "Placement",
    "PlacementResult", "Policy", "PolicyFigures", "Problem", "RedistributionResult",
    "Relaxation", "Result", "Rule", "RuleError", "Settings", "Simulated", "Simulation",
    "Solution", "Spread", "State", "Status", "Termination", "Transfer", "Violation", "Wish",
    "__version__", "brute_force", "check", "child_indicators", "compare", "conformance",
    "explain", "generate", "import_workbook", "instance_from_frames", "load_instance",
    "load_policy", "make_simulation", "make_tasks", "outlook", "place", "read_result",
    "read_rows", "read_solution", "redistribute", "relaxed", "run_batch", "shipped_instances",
    "shipped_policies", "simulate", "solve", "summarise", "trust", "with_random_homes",
    "write_instance", "write_instance_book", "write_placement", "write_redistribution", "write_report",
    "write_result", "write_result_book",
]  # fmt: skip


def __getattr__(name: str) -> object:
    from importlib import import_module

    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module 'fordela' has no attribute {name!r}")
    value = getattr(import_module(f"fordela.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
