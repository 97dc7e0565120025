import { CfnResource, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { dropUnsupported, gaps } from '../../lib/emulator-gaps';
import { infraApp } from '../support/infra-app';

const fixture = () => {
  const app = infraApp();
  const stack = new Stack(app, 'stack');
  const kept = new CfnResource(stack, 'Kept', { type: 'AWS::SNS::Topic' });
  const dropped = gaps.map(({ type }, index) => new CfnResource(stack, `Dropped${index}`, { type }));
  for (const one of dropped) kept.addResourceDependency(one);
  dropUnsupported(app);
  return { stack, kept, dropped };
};

test('every listed type is dropped, and waiting for it, and nothing else', () => {
  const template = Template.fromStack(fixture().stack);
  expect(template.toJSON().Resources).toEqual({ Kept: { Type: 'AWS::SNS::Topic' } });
});

test('a reference to something dropped is refused at synth', () => {
  const { stack, kept, dropped } = fixture();
  kept.addPropertyOverride('TopicName', { Ref: stack.getLogicalId(dropped[0] as CfnResource) });
  expect(() => Template.fromStack(stack)).toThrow("'Dropped0' is not one of");
});
