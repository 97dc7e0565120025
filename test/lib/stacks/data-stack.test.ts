import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../../lib/stacks/data-stack';
import { environment, infraApp } from '../../support/infra-app';

const templateOf = (name: 'local' | 'poc' | 'prod'): Template => {
  const config = environment(name);
  return Template.fromStack(new DataStack(infraApp(), 'data', { env: { region: config.region }, config }));
};
const poc = templateOf('poc');
const prod = templateOf('prod');
const local = templateOf('local');

const stateful = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'];

test.each(stateful)('every %s outlives the stack, except locally', (type) => {
  poc.allResources(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  local.allResources(type, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
});

