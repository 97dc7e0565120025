"""Executions start at once, end once, in time, and wait as their retriers say."""

from mending import Mend

MODULE = "ministack.services.stepfunctions"

MENDS = [
    Mend(
        id="history-is-change",
        module=MODULE,
        old="""    execution["events"].append(event)
    return event
""",
        new="""    execution["events"].append(event)
    import executions
    executions.mark_changed()
    return event
""",
        reason="executions move on without a request, so the snapshots would not know",
        aws="Nothing of an execution's history is ever lost.",
    ),
    Mend(
        id="start-without-delay",
        module=MODULE,
        old="""        return

    time.sleep(0.15)

    sm = _state_machines.get(execution["stateMachineArn"])
""",
        new="""        return
    import executions
    with executions.walking(execution):
        _walk_execution(exec_arn, execution)


def _walk_execution(exec_arn, execution):
    import executions
    sm = _state_machines.get(execution["stateMachineArn"])
""",
        reason="every execution, so every nested block, begins with a fixed sleep of 0.15 s",
        aws="Standard executions start within some ten milliseconds.",
    ),
    Mend(
        id="machine-timeout",
        module=MODULE,
        old="""    all_states = definition.get("States", {})
    current_name = definition.get("StartAt")
    if not current_name or current_name not in all_states:
""",
        new="""    executions.limit(execution, definition.get("TimeoutSeconds"))
    all_states = definition.get("States", {})
    current_name = definition.get("StartAt")
    if not current_name or current_name not in all_states:
""",
        reason="a machine's TimeoutSeconds is ignored",
        aws="The execution ends TIMED_OUT, with a status-change event, and its nested executions are stopped.",
    ),
    Mend(
        id="success-ends-once",
        module=MODULE,
        old="""        if execution["status"] == "RUNNING":
            output_json = json.dumps(current_input)
            execution["status"] = "SUCCEEDED"
            execution["output"] = output_json
            execution["stopDate"] = now_iso()
            _add_event(execution, "ExecutionSucceeded", {
                "executionSucceededEventDetails": {"output": output_json},
            })
            _emit_execution_status_event(execution)

    except _ExecutionError as err:
""",
        new="""        executions.end(execution, "SUCCEEDED", output=json.dumps(current_input))

    except executions.ExecutionEnded:
        return
    except _ExecutionError as err:
""",
        reason="an execution that ended elsewhere can be ended again",
        aws="The first end of an execution stands.",
    ),
    Mend(
        id="failure-ends-once",
        module=MODULE,
        old="""    execution["status"] = "FAILED"
    execution["error"] = error
    execution["cause"] = cause
    execution["output"] = json.dumps({"Error": error, "Cause": cause})
    execution["stopDate"] = now_iso()
    _add_event(execution, "ExecutionFailed", {
        "executionFailedEventDetails": {"error": error, "cause": cause},
    })
    _emit_execution_status_event(execution)
""",
        new="""    import executions
    executions.end(execution, "FAILED", error=error, cause=cause)
""",
        reason="a task that fails after StopExecution turns ABORTED into FAILED",
        aws="The first end of an execution stands; a failed execution has no output.",
    ),
    Mend(
        id="stop-ends-once",
        module=MODULE,
        old="""    stop_date = now_iso()
    execution["status"] = "ABORTED"
    execution["stopDate"] = stop_date
    execution["error"] = data.get("error")
    execution["cause"] = data.get("cause")
    _add_event(execution, "ExecutionAborted", {
        "executionAbortedEventDetails": {
            "error": data.get("error", ""),
            "cause": data.get("cause", ""),
        },
    })
    _emit_execution_status_event(execution)
    return json_response({"stopDate": stop_date})
""",
        new="""    import executions
    executions.end(execution, "ABORTED", error=data.get("error"), cause=data.get("cause"))
    return json_response({"stopDate": execution["stopDate"]})
""",
        reason="a stopped execution goes on waiting in its thread, and its nested executions go on running",
        aws="StopExecution also stops the executions that a .sync task is waiting for.",
    ),
    Mend(
        id="status-event-of-every-end",
        module=MODULE,
        old="""    failed = status == "FAILED"
    redrivable = failed  # TIMED_OUT is never set locally; FAILED is the one
""",
        new="""    failed = redrivable = status in ("FAILED", "TIMED_OUT", "ABORTED")
""",
        reason="the event of a stopped or timed-out execution lacks its error and cause",
        aws="Error and cause are in the event where the execution has them; all three ends can be redriven.",
    ),
    Mend(
        id="interruptible-sleep",
        module=MODULE,
        old="""    if scaled > 0:
        time.sleep(scaled)
""",
        new="""    if scaled > 0:
        import executions
        executions.sleep(scaled)
""",
        reason="a stopped execution sleeps on in its Wait state",
        aws="An execution that ended does nothing more.",
    ),
    Mend(
        id="retry-delay",
        module=MODULE,
        old="""                sleep_sec = interval * (backoff ** count)
                _scaled_sleep(min(sleep_sec, 60))
                retry_counts[retrier_idx] = count + 1
""",
        new="""                import executions
                _scaled_sleep(executions.retry_delay(retrier, interval * (backoff ** count)))
                retry_counts[retrier_idx] = count + 1
""",
        reason="MaxDelaySeconds and JitterStrategy are ignored, and no delay exceeds 60 s",
        aws="The delay is capped by MaxDelaySeconds; with JitterStrategy FULL it is random between 0 and the delay.",
    ),
    Mend(
        id="retry-delay-of-branches",
        module=MODULE,
        old="""                _scaled_sleep(min(interval * (retrier.get("BackoffRate", 2.0) ** count), 60))
""",
        new="""                import executions
                _scaled_sleep(executions.retry_delay(retrier, interval * (retrier.get("BackoffRate", 2.0) ** count)))
""",
        reason="the same for Parallel and Map",
        aws="The delay is capped by MaxDelaySeconds; with JitterStrategy FULL it is random between 0 and the delay.",
    ),
    Mend(
        id="branches-end-with-execution",
        module=MODULE,
        old="""    current_name = start_at
    current_input = copy.deepcopy(input_data)

    while current_name:
        state_def = states.get(current_name)
""",
        new="""    current_name = start_at
    current_input = copy.deepcopy(input_data)
    import executions

    while current_name:
        executions.check_running()
        state_def = states.get(current_name)
""",
        reason="the branches of a stopped execution go on",
        aws="An execution that ended does nothing more.",
    ),
    Mend(
        id="start-is-idempotent",
        module=MODULE,
        old="""    if exec_arn in _executions:
        return error_response_json(
""",
        new="""    if exec_arn in _executions:
        running = _executions[exec_arn]
        if running["status"] == "RUNNING" and running["input"] == data.get("input", "{}"):
            return json_response({"executionArn": exec_arn, "startDate": running["startDate"]})
        return error_response_json(
""",
        reason="starting a running execution again, with its name and input, is refused",
        aws="StartExecution with the name and input of a running execution answers as the first call did.",
    ),
    Mend(
        id="interrupted-by-restart",
        module=MODULE,
        old="""            exc["status"] = "FAILED"
            exc["stopDate"] = now_iso()
            exc["error"] = "States.ServiceRestart"
            exc["cause"] = "Execution was running when service restarted"
""",
        new="""            import executions
            executions.interrupt(exc)
""",
        reason="an execution that died with the emulator fails without a status-change event",
        aws="AWS does not restart; ABORTED with its event is what a reconciler knows how to clean up.",
    ),
    Mend(
        id="parallel-in-jsonata",
        module=MODULE,
        old="""    effective = _apply_input_path(state_def, raw_input, ctx)
    effective = _apply_parameters(state_def, effective, ctx)

    branches = state_def.get("Branches", [])
""",
        new="""    is_jsonata = _state_query_language(state_def, ctx) == "JSONata"
    if is_jsonata:
        effective = _apply_jsonata_arguments(state_def, raw_input, ctx)
    else:
        effective = _apply_input_path(state_def, raw_input, ctx)
        effective = _apply_parameters(state_def, effective, ctx)

    branches = state_def.get("Branches", [])
""",
        reason="Parallel ignores Arguments in JSONata",
        aws="Arguments are every branch's input.",
    ),
    Mend(
        id="parallel-output-in-jsonata",
        module=MODULE,
        old="""                "States.BranchFailed", str(err))

    result = _apply_result_selector(state_def, results)
""",
        new="""                "States.BranchFailed", str(err))

    if is_jsonata:
        output = _apply_jsonata_output(state_def, raw_input, ctx, result=results, default=results)
        _apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, _next_or_end(state_def)

    result = _apply_result_selector(state_def, results)
""",
        reason="Parallel ignores Output and Assign in JSONata",
        aws="Both are evaluated with the branches' results in $states.result.",
    ),
    Mend(
        id="distributed-map-concurrency-in-jsonata",
        module=MODULE,
        old="""    max_conc = int(state_def.get("MaxConcurrency") or 0)
    tolerated_pct""",
        new="""    is_jsonata = _state_query_language(state_def, ctx) == "JSONata"
    max_conc = int(_apply_jsonata_template(state_def.get("MaxConcurrency"), raw_input, ctx) or 0)
    tolerated_pct""",
        reason="a Distributed Map takes MaxConcurrency as a literal only",
        aws="It may be a JSONata expression.",
    ),
    Mend(
        id="distributed-map-reader-in-jsonata",
        module=MODULE,
        old="""    params = _resolve_params_obj(reader.get("Parameters") or reader.get("Arguments") or {}, effective, ctx)
""",
        new="""    if "Arguments" in reader:
        params = _apply_jsonata_template(reader["Arguments"], effective, ctx)
    else:
        params = _resolve_params_obj(reader.get("Parameters") or {}, effective, ctx)
""",
        reason="the Arguments of an ItemReader are not evaluated",
        aws="They are JSONata.",
    ),
    Mend(
        id="distributed-map-selector-in-jsonata",
        module=MODULE,
        old="""        child_input = _resolve_params_obj(item_selector, effective, item_ctx) if item_selector else item
""",
        new="""        if item_selector and is_jsonata:
            child_input = _apply_jsonata_template(item_selector, raw_input, item_ctx)
        else:
            child_input = _resolve_params_obj(item_selector, effective, item_ctx) if item_selector else item
""",
        reason="the ItemSelector of a Distributed Map is not evaluated",
        aws="It is JSONata, with the item in $states.context.Map.Item.Value.",
    ),
    Mend(
        id="distributed-map-result-in-jsonata",
        module=MODULE,
        old="""                              "The specified tolerated failure threshold was exceeded")
    result = _apply_result_selector(state_def, results)
""",
        new="""                              "The specified tolerated failure threshold was exceeded")
    if is_jsonata:
        output = _apply_jsonata_output(state_def, raw_input, ctx, result=results, default=results)
        _apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, _next_or_end(state_def)
    result = _apply_result_selector(state_def, results)
""",
        reason="a Distributed Map ignores Output and Assign in JSONata",
        aws="Both are evaluated with the items' results in $states.result.",
    ),
]
