import { moduleConfiguration } from '../../../lambdas/runners/module-policy';
import { providerConfiguration } from '../../../lambdas/runners/tofu';

const place = { workspace: 'demo/web-01', region: 'eu-central-1' };
const requiring = (provider_config: Record<string, { full_name: string }>) =>
  providerConfiguration(moduleConfiguration.parse({ provider_config, root_module: {} }), place);
const aws = {
  region: 'eu-central-1',
  default_tags: { tags: { 'orchestrator:workspace': 'demo/web-01' } },
};

test('a module that requires the AWS provider gets its region and the tag of its workspace', () => {
  expect(requiring({ aws: { full_name: 'registry.opentofu.org/hashicorp/aws' } })).toEqual({
    provider: { aws },
  });
});

test('where the infrastructure stands in another account, the provider takes the identity of there', () => {
  const aws = { full_name: 'registry.opentofu.org/hashicorp/aws' };
  const module = moduleConfiguration.parse({ provider_config: { aws }, root_module: {} });
  expect(providerConfiguration(module, { ...place, profile: 'target' })).toMatchObject({
    provider: { aws: { profile: 'target' } },
  });
});

test('the name that the module gave the provider is used', () => {
  expect(requiring({ cloud: { full_name: 'registry.opentofu.org/hashicorp/aws' } })).toEqual({
    provider: { cloud: aws },
  });
});

test('a module without it gets no provider block, and neither does a look-alike', () => {
  expect(requiring({ terraform: { full_name: 'terraform.io/builtin/terraform' } })).toEqual({});
  expect(requiring({ aws: { full_name: 'registry.opentofu.org/somebody/aws' } })).toEqual({});
});
