import { BatchGetBuildsCommand, CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { defineStep } from '../shared/define-step';
import { parseEnv } from '../shared/env';
import { makeBuildRunnerImage } from './build-runner-image';
import { buildRunnerImageInput, buildRunnerImageOutput } from './contract';
import { buildRunnerImageEnv } from './env';

const env = parseEnv(buildRunnerImageEnv);
const codeBuild = new CodeBuildClient({});
const variable = 'PENDING_ANSWER';

export const handler = defineStep({
  input: buildRunnerImageInput,
  output: buildRunnerImageOutput,
  run: makeBuildRunnerImage({
    startBuild: async (pending) => {
      await codeBuild.send(
        new StartBuildCommand({
          projectName: env.PROJECT_NAME,
          environmentVariablesOverride: [{ name: variable, value: pending, type: 'PLAINTEXT' }],
        }),
      );
    },
    pendingOf: async (buildId) => {
      const { builds } = await codeBuild.send(
        new BatchGetBuildsCommand({ ids: [buildId.replace(/^.*:build\//, '')] }),
      );
      return builds?.[0]?.environment?.environmentVariables?.find(({ name }) => name === variable)?.value;
    },
    answer: async (url, answer) => {
      const response = await fetch(url, {
        method: 'PUT',
        body: JSON.stringify(answer),
        signal: AbortSignal.timeout(20_000),
      });
      if (!response.ok) throw new Error(`CloudFormation refused the answer: HTTP ${response.status}`);
    },
  }),
});
