import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { allowLimiting, limitingEnvironment } from '../../../lib/constructs/caller-limits';
import type { Stores } from '../../../lib/constructs/stores';
import { infraApp } from '../../support/infra-app';

test('who counts callers writes below its own route in that table, and nothing else of it', () => {
  const stack = new Stack(infraApp(), 'stack');
  const channelsTable = new Table(stack, 'Channels', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
  });
  const stores = { channelsTable } as unknown as Stores;
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  allowLimiting(role, stores, 'answers');
  expect(limitingEnvironment(stores, 60)).toMatchObject({ MOST_CALLS: '60' });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: Match.objectLike({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'dynamodb:UpdateItem',
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Channels'), 'Arn'] },
          Condition: {
            'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['limit#answers#*'] },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        },
      ],
    }),
  });
});
