import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { ScriptResult } from '../shared/contract';
import { scriptResult } from '../shared/contract';
import { canonicalJson, digestOf } from '../shared/digest';
import { ChangeMismatchError, InvalidInputError, ScriptError } from '../shared/errors';
import { plainLines, plainText } from '../shared/plain-text';
import { type ScriptDocument, scriptDocument } from '../shared/script-document';
import { readApprovedChange, requireSame } from './approved-change';
import { writeContent } from './content';
import type { ScriptTask } from './contract';
import { endLeftoverProcesses } from './leftover-processes';
import { shownVariables } from './role-variables';
import type { RunnerDeps, TaskContext } from './runner';
import { checkParameters, readScript, type Script } from './script-content';
import {
  type Isolation,
  probeIsolation,
  type RunProgram,
  sandboxed,
  scriptUser,
  versionCommand,
} from './script-sandbox';
import { toolEnvironment } from './tool-environment';
import { runTool } from './tool-process';

/** Interpreters come from the system, never from a person's folder. */
const systemPath = '/usr/local/bin:/usr/bin:/bin';
/** Time between the interrupt and the kill. */
const graceMs = 5_000;
const resultBytes = 8 * 1024;
const outputTail = 8_000;

const shownFiles = ({ content }: Script, mask: (text: string) => string): ScriptDocument['files'] =>
  [...content.files].map(([path, bytes]) => {
    const text = bytes.toString('utf8');
    const isText = !text.includes('\0') && Buffer.from(text).equals(bytes);
    return { path, text: isText ? plainLines(mask(text)) : null };
  });

/** A script's own answer, should it have left one. */
const readResult = async (file: string, name: string): Promise<ScriptResult['result']> => {
  const bytes = await fs.readFile(file).catch(() => undefined);
  if (bytes === undefined || bytes.length === 0) return null;
  const refuse = (why: string) => new ScriptError(`The script ${name} ended well, but its result ${why}.`);
  if (bytes.length > resultBytes) throw refuse(`is longer than ${resultBytes} bytes`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refuse('is no JSON');
  }
};

/** Everybody may pass through it, as through no folder of the worker. */
const systemTemporary = '/tmp';

/** Lends a script a folder to work in, which it can reach whoever it runs as, and clears it away. */
const inWorkFolder = async <T>(
  folder: string,
  isolation: Isolation,
  run: (work: string) => Promise<T>,
): Promise<T> => {
  const work = await fs.mkdtemp(join(isolation.user ? systemTemporary : folder, 'script-'));
  try {
    return await run(work);
  } finally {
    await endLeftoverProcesses(work);
    await fs.rm(work, { recursive: true, force: true });
  }
};

const giveToScript = async (work: string, isolation: Isolation): Promise<void> => {
  if (!isolation.user) return;
  for (const entry of ['', ...(await fs.readdir(work, { recursive: true }))])
    await fs.chown(join(work, entry), scriptUser, scriptUser);
};

/**
 * Shows what a script would be run as, or runs exactly the approved one, at most once: a script is not known to be
 * repeatable, so a call that finds an earlier one without a result refuses.
 *
 * @throws ScriptError when it failed, went beyond its limits, or may have been run before
 */
export const makeScriptRun =
  (deps: RunnerDeps) =>
  async (task: ScriptTask, { folder, signal, log, mayCarryOn }: TaskContext): Promise<ScriptResult> => {
    const { run, mode, parameters } = task;
    const script = await readScript(deps.contentRoot, task.script);
    checkParameters(script, parameters);
    const { manifest } = script;
    const digests = { script: script.content.digest, parameters: digestOf(parameters) };
    const declared = Object.entries(manifest.parameters).flatMap(([name, { no_log }]) =>
      no_log ? [name] : [],
    );
    const { shown, secrets } = shownVariables(parameters, new Set(declared));
    log.hide(secrets);

    const env = { ...toolEnvironment(deps.env, folder), PATH: systemPath };
    const start: RunProgram = (request) => runTool({ ...request, signal, failure: ScriptError, graceMs });
    const isolation = await probeIsolation(start, { cwd: folder, env });
    const [interpreter = '', ...ask] = versionCommand(manifest.interpreter);
    const said = await start({
      command: interpreter,
      args: ask,
      cwd: folder,
      env,
      onOutput: () => undefined,
    });
    const version = plainText(`${said.stdout}${said.stderr}`.split('\n')[0] ?? '', 120);

    const describe = (done: ScriptDocument['run']): ScriptDocument =>
      scriptDocument.parse({
        version: 1,
        mode,
        script: task.script,
        description: plainText(manifest.description, 500),
        interpreter: { name: manifest.interpreter, version },
        files: shownFiles(script, log.mask),
        parameters: shown.map(({ name, value }) => ({ name, value: log.mask(value).slice(0, 4096) })),
        limits: { seconds: manifest.timeout_seconds, memoryMib: manifest.memory_mib },
        isolation,
        needsNetwork: manifest.network,
        run: done,
      });
    const report = (done: ScriptDocument['run']) =>
      deps.artifacts.put(
        `runs/${run.runId}/script/${mode}-document.json`,
        canonicalJson(describe(done)),
        'application/json',
      );
    if (mode === 'check')
      return {
        mode,
        script: task.script,
        digests,
        document: await report(null),
        exitCode: null,
        result: null,
      };

    if (!task.change) throw new InvalidInputError('A run needs the approved change that it carries out.');
    const approved = await readApprovedChange(deps, run, task.change, mayCarryOn);
    if (!approved.script)
      throw new ChangeMismatchError(`Change ${task.change.id} was approved without a script.`);
    requireSame('the script', task.change.id, approved.script.name, task.script);
    requireSame('the script', task.change.id, approved.script.digests.script, digests.script);
    requireSame(
      "the script's parameters",
      task.change.id,
      approved.script.digests.parameters,
      digests.parameters,
    );

    const prefix = `runs/${approved.runId}/results/script-${task.change.id.slice(-8)}`;
    const known = await deps.artifacts.find(`${prefix}.json`);
    if (known !== undefined) return scriptResult.parse(JSON.parse(known));
    const began = { at: deps.now().toISOString(), digest: task.change.digest };
    if (!(await deps.artifacts.putOnce(`${prefix}.started.json`, canonicalJson(began))))
      throw new ScriptError(
        `The script ${task.script} was begun before for change ${task.change.id} and left no result: it may have done its work, or part of it. ` +
          'It is not run twice. Look at what it changes, then start a new run.',
      );

    const result = await inWorkFolder(folder, isolation, async (work): Promise<ScriptResult> => {
      await writeContent(script.content, work);
      const parametersFile = join(work, 'parameters.json');
      const resultFile = join(work, 'result.json');
      await fs.writeFile(parametersFile, canonicalJson(parameters), { mode: 0o600 });
      await giveToScript(work, isolation);
      const [command = '', ...args] = sandboxed(manifest, isolation);
      log.write(`$ ${[command, ...args].join(' ')}\n`);
      const timeUp = AbortSignal.timeout(manifest.timeout_seconds * 1000);
      const beganAt = deps.now().getTime();
      const ended = await runTool({
        command,
        args,
        cwd: work,
        env: {
          ...toolEnvironment(deps.env, work),
          PATH: systemPath,
          PARAMETERS_FILE: parametersFile,
          RESULT_FILE: resultFile,
          RUN_ID: run.runId,
          WORKSPACE: run.workspace,
        },
        signal: AbortSignal.any([signal, timeUp]),
        onOutput: log.write,
        failure: ScriptError,
        graceMs,
      }).catch((error) => {
        if (!timeUp.aborted || signal.aborted) throw error;
        throw new ScriptError(
          `The script ${task.script} was ended after its ${manifest.timeout_seconds} seconds. What it had done until then stays done.`,
        );
      });
      const output = plainLines(log.mask(`${ended.stdout}${ended.stderr}`)).slice(-outputTail);
      const document = await report({
        exitCode: ended.code,
        seconds: (deps.now().getTime() - beganAt) / 1000,
        output,
      });
      if (ended.code !== 0)
        throw new ScriptError(
          `The script ${task.script} ended with exit code ${ended.code}: ${plainText(output.trim().split('\n').slice(-3).join(' '), 600) || 'it printed nothing'}`,
        );
      return {
        mode,
        script: task.script,
        digests,
        document,
        exitCode: 0,
        result: await readResult(resultFile, task.script),
      };
    });
    await deps.artifacts.putOnce(`${prefix}.json`, canonicalJson(result));
    return result;
  };
