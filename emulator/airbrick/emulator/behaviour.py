"""What an attempt at a task does: follow a plan, be executed, decide a branch, or steer others."""

from __future__ import annotations

from airbrick.emulator.conditions import ConditionError, holds
from airbrick.emulator.loops import InputsError, loop, read_inputs
from airbrick.emulator.plans import DEFAULT_PLAN, Plan, plan_for
from airbrick.emulator.references import UnknownReferenceError, resolve
from airbrick.emulator.results import Result
from airbrick.emulator.run import Round, Run
from airbrick.emulator.run_state import SIMULATED
from airbrick.emulator.run_values import values_of
from airbrick.emulator.timeline import NEVER, Attempt, Output, RunTimeline, Stop, Turn, run_timeline

FAILED_MESSAGE = "Workload failed, see run output for details"


def life_of(run: Run, current: Round) -> RunTimeline:
    """Return the life of a round of a run, as far as it is known."""
    if current.start_s is None:
        raise AssertionError(f"run {run.run_id} is queued")
    timeout_s = current.version.settings.get("timeout_seconds", 0)
    stops = [] if current.cancelled_s is None else [Stop(current.cancelled_s, Result.CANCELED)]
    if timeout_s:
        stops.append(Stop(current.start_s + timeout_s, Result.TIMEDOUT))
    return run_timeline(
        current.version.nodes,
        lambda turn: _attempt(run, current, turn),
        start_s=current.start_s,
        stop=min(stops, key=lambda stop: stop.at_s, default=None),
        only=current.only,
        kept=current.kept,
        firsts=current.firsts,
    )


def _attempt(run: Run, current: Round, turn: Turn) -> Attempt:
    node = turn.node
    plan = plan_for(current.plans, current.version.name, node.task_key, turn.number)
    steer = _STEERING.get(node.kind)
    if steer is not None and (plan is None or plan.task == "*"):
        try:
            return steer(run, current, turn)
        except (ConditionError, InputsError) as error:
            return _failed(turn, str(error))
        except UnknownReferenceError as error:
            return _failed(turn, f"Task {node.task_key}: {error}.")
    if plan is None and run.real:
        recorded = current.attempt(turn.key)
        return recorded or Attempt(turn.number, turn.start_s, NEVER, NEVER, Result.SUCCESS, real=True)
    return _planned(run, current, turn, plan or DEFAULT_PLAN)


def _planned(run: Run, current: Round, turn: Turn, plan: Plan) -> Attempt:
    number, start_s = turn.number, turn.start_s
    if plan.is_stepped:
        recorded = current.attempt(turn.key)
        running_s, end_s = (recorded.running_s, recorded.end_s) if recorded else (NEVER, NEVER)
    else:
        setup_s, run_s = plan.durations(run.position, turn.node.task_key, turn.key.iteration, number)
        running_s = start_s + setup_s
        end_s = running_s + run_s
    failed = plan.result == Result.FAILED
    return Attempt(
        number=number,
        start_s=start_s,
        running_s=running_s,
        end_s=end_s,
        result=Result(plan.result),
        message=f"{FAILED_MESSAGE}. {SIMULATED}" if failed else SIMULATED,
        output=plan.product,
        outcome=plan.outcome,
        stop_lag_s=plan.cancel_s,
        stepped=plan.is_stepped,
    )


def _failed(turn: Turn, error: str) -> Attempt:
    output = Output(error=error, termination_code="INVALID_RUN_CONFIGURATION", termination_type="CLIENT_ERROR")
    start_s = turn.start_s
    return Attempt(turn.number, start_s, start_s, start_s, Result.FAILED, error, output)


def _decide(run: Run, current: Round, turn: Turn) -> Attempt:
    details, lookup = turn.node.details, values_of(run, current, turn)
    left, right = resolve(details["left"], lookup), resolve(details["right"], lookup)
    outcome = "true" if holds(details["op"], left, right) else "false"
    return Attempt(turn.number, turn.start_s, turn.start_s, turn.start_s, Result.SUCCESS, outcome=outcome)


def _repeat(run: Run, current: Round, turn: Turn) -> Attempt:
    node, details = turn.node, turn.node.details
    if node.nested is None:
        raise AssertionError(f"{node.task_key} repeats nothing")
    inputs = read_inputs(resolve(details["inputs"], values_of(run, current, turn)))
    concurrency = details.get("concurrency", 1)
    return loop(turn, node.nested, inputs, concurrency, lambda inner: _attempt(run, current, inner))


def _run_job(_run: Run, current: Round, turn: Turn) -> Attempt:
    recorded = current.attempt(turn.key)
    if recorded is not None:
        return recorded
    number, start_s = turn.number, turn.start_s
    stop_s = turn.stop.at_s if turn.stop else NEVER
    if start_s > stop_s:
        return Attempt(number, stop_s, NEVER, stop_s, Result.CANCELED, stopping_s=stop_s, steers=True)
    child = current.child(turn.key)
    if child is None:
        stopping_s = min(NEVER, stop_s)
        return Attempt(number, start_s, start_s, NEVER, Result.SUCCESS, stopping_s=stopping_s, steers=True)
    end_s = child.end_s
    cut = end_s > stop_s or child.current.cancelled_s == stop_s
    if cut and child.current.cancelled_s is None:
        end_s = NEVER
    state = child.state(end_s) if end_s < NEVER else None
    result = _RESULTS_OF_CHILDREN.get(state.result, Result.FAILED) if state and state.result else Result.SUCCESS
    error = None if result is Result.SUCCESS or state is None else f"Run {child.run_id} of job {child.job_id} ended as "
    error = None if error is None or state is None else f"{error}{state.result}: {state.message}"
    return Attempt(
        number=number,
        start_s=start_s,
        running_s=start_s,
        end_s=end_s,
        result=result,
        message=error or "",
        output=Output(error=error),
        stopping_s=stop_s if cut else NEVER,
        child_id=child.run_id,
        steers=True,
    )


_RESULTS_OF_CHILDREN = {
    Result.SUCCESS: Result.SUCCESS,
    Result.SUCCESS_WITH_FAILURES: Result.SUCCESS,
    Result.CANCELED: Result.CANCELED,
}
_STEERING = {"condition_task": _decide, "for_each_task": _repeat, "run_job_task": _run_job}
