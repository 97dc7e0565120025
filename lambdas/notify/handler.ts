import { SNSClient } from '@aws-sdk/client-sns';
import { defineStep } from '../shared/define-step';
import { parseEnv } from '../shared/env';
import { makePublishMail } from '../shared/publish-mail';
import { notifyInput, notifyOutput } from './contract';
import { notifyEnv } from './env';
import { makeNotify } from './notify';

const env = parseEnv(notifyEnv);

export const handler = defineStep({
  input: notifyInput,
  output: notifyOutput,
  run: makeNotify({
    sendMail: makePublishMail(new SNSClient({})),
    topicArn: env.NOTIFICATION_TOPIC_ARN,
  }),
});
