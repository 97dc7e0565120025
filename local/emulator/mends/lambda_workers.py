"""Lambda workers die with the emulator, take their children along, and do not wait for logs that never come."""

from mending import Mend

RUNTIME = "ministack.core.lambda_runtime"

MENDS = [
    Mend(
        id="worker-lifeline",
        module=RUNTIME,
        old="""        self._proc = subprocess.Popen(
            [binary, worker_path],
            cwd=code_dir,
""",
        new="""        import worker_processes
        self._proc = worker_processes.spawn(
            [binary, worker_path],
            cwd=code_dir,
""",
        reason="workers outlive a killed emulator",
        aws="An execution environment never outlives the service.",
    ),
    Mend(
        id="worker-group-signal",
        module=RUNTIME,
        old="""        if proc.poll() is None:
            proc.terminate()
    except Exception:
        pass


def _collect(proc, deadline: float) -> None:
""",
        new="""        if proc.poll() is None:
            import worker_processes
            worker_processes.terminate(proc)
    except Exception:
        pass


def _collect(proc, deadline: float) -> None:
""",
        reason="a timed-out function's child processes live on",
        aws="At a timeout the whole execution environment is stopped.",
    ),
    Mend(
        id="worker-group-kill",
        module=RUNTIME,
        old="""    try:
        proc.wait(timeout=max(0.0, deadline - time.monotonic()))
    except Exception:
        try:
            proc.kill()
""",
        new="""    try:
        proc.wait(timeout=max(0.0, deadline - time.monotonic()))
        import worker_processes
        worker_processes.kill(proc)
    except Exception:
        try:
            import worker_processes
            worker_processes.kill(proc)
""",
        reason="a timed-out function's child processes live on",
        aws="At a timeout the whole execution environment is stopped.",
    ),
    Mend(
        id="log-end-marker",
        module=RUNTIME,
        old="""        if (settled) return;
        settled = true;
        if (err) {
""",
        new="""        if (settled) return;
        settled = true;
        process.stderr.write("\\u0000end-of-log\\n");
        if (err) {
""",
        reason="the end of an invocation's log can only be guessed, by waiting 50 ms after one that logged nothing",
        aws="Logs never delay a response.",
    ),
    Mend(
        id="log-end-detection",
        module=RUNTIME,
        old="""            try:
                lines.append(self._stderr_queue.get_nowait())
                last_received_at = time.time()
            except queue.Empty:
                if last_received_at is not None:
                    if time.time() - last_received_at >= idle_confirm:
                        break
                elif elapsed >= first_line_wait:
                    break
                time.sleep(0.001)
""",
        new="""            try:
                line = self._stderr_queue.get(timeout=0.005)
                if line == "\\0end-of-log":
                    break
                lines.append(line)
                last_received_at = time.time()
            except queue.Empty:
                if last_received_at is not None:
                    if time.time() - last_received_at >= idle_confirm and elapsed >= first_line_wait:
                        break
                elif elapsed >= first_line_wait:
                    break
""",
        reason="the wait for log lines costs every silent invocation 50 ms",
        aws="Logs never delay a response.",
    ),
]
