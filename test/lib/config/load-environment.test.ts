import { formatVerifierKey, parseVerifierKey } from '../../../lambdas/ledger-proof/checkpoint';
import { poc } from '../../../lib/config/environments/poc';
import { prod } from '../../../lib/config/environments/prod';
import {
  InvalidConfigurationError,
  loadEnvironment,
  parseEnvironment,
} from '../../../lib/config/load-environment';

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidConfigurationError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
};

describe('environments', () => {
  test.each(['local', 'dev', 'poc', 'prod'])('%s is valid and bears its name', (name) => {
    expect(loadEnvironment(name).name).toBe(name);
  });

  test('an unknown environment is refused with the known ones', () => {
    expect(refusal(() => loadEnvironment('staging'))).toBe(
      'There is no environment "staging". Known: local, dev, poc, prod.',
    );
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no environment', (name) => {
    expect(refusal(() => loadEnvironment(name))).toContain('There is no environment');
  });

  test.each([undefined, '', 7])('a missing environment (%p) is asked for', (name) => {
    expect(refusal(() => loadEnvironment(name))).toBe(
      'Say which environment: -c env=NAME, one of local, dev, poc, prod.',
    );
  });
});

describe('keys', () => {
  test('an unknown key names itself', () => {
    expect(refusal(() => parseEnvironment({ ...poc, regoin: 'eu-central-1' }))).toContain(
      'regoin: unknown key',
    );
  });

  test('an unknown key deep inside names its place', () => {
    const input = { ...poc, network: { ...poc.network, natGateways: 3 } };
    expect(refusal(() => parseEnvironment(input))).toContain('network.natGateways: unknown key');
  });

  test('a wrong value names its key', () => {
    expect(refusal(() => parseEnvironment({ ...poc, logRetentionDays: 8 }))).toContain('logRetentionDays:');
  });

  test('a missing key names itself', () => {
    const { region: _, ...input } = poc;
    expect(refusal(() => parseEnvironment(input))).toContain('region:');
  });
});

const keyOfALog = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const witness = {
  name: 'partner',
  url: 'https://witness.example.com',
  key: formatVerifierKey({ ...parseVerifierKey(keyOfALog), kind: 'witness' }),
};

test('a witness is named by its address and its key', () => {
  const { ledger } = parseEnvironment({ ...poc, ledger: { ...poc.ledger, witnesses: [witness] } });
  expect(ledger).toEqual({ ...poc.ledger, checkpointEvery: 5, witnesses: [witness] });
});

describe('rules between values', () => {
  const runner = poc.runner;
  const cases: [string, unknown, string][] = [
    [
      'a zone of another region',
      { ...poc, zones: ['us-east-1a', 'eu-central-1b'] },
      'us-east-1a is not a zone of',
    ],
    ['one zone twice', { ...poc, zones: ['eu-central-1a', 'eu-central-1a'] }, 'two different zones'],
    [
      'an approver twice',
      {
        ...poc,
        approval: { ...poc.approval, approvers: [...poc.approval.approvers, ...poc.approval.approvers] },
      },
      'an id stands here twice',
    ],
    [
      'required sign-in without an issuer',
      { ...poc, approval: { ...poc.approval, signInRequired: true } },
      'approval.signIn: sign-in is required',
    ],
    [
      'an issuer beside personal links',
      { ...poc, approval: { ...prod.approval, signInRequired: false } },
      'approval.signInRequired',
    ],
    ...['http://login.example.com', 'http://127.0.0.1:3000'].map((issuer): [string, unknown, string] => [
      `the issuer ${issuer} on AWS`,
      { ...poc, approval: { ...prod.approval, signIn: { ...prod.approval.signIn, issuer } } },
      'an issuer speaks HTTPS',
    ]),
    [
      'sign-in that lets nobody in',
      { ...poc, approval: { ...prod.approval, signIn: { ...prod.approval.signIn, groups: {} } } },
      'without a group nobody gets in',
    ],
    [
      'a bundle outside the local platform',
      { ...poc, runner: { ...runner, packaging: { kind: 'bundle' } } },
      'a bundle has no tools in it',
    ],
    ['Ansible in Lambda on AWS', { ...poc, runner: { ...runner, ansibleRunsOn: 'lambda' } }, 'no /dev/shm'],
    [
      'EC2 hosts without NAT',
      { ...poc, network: { ...poc.network, egress: 'endpoints' } },
      'has no interface endpoint',
    ],
    [
      'an image by tag',
      {
        ...poc,
        runner: { ...runner, packaging: { kind: 'image-by-digest', repository: 'runner', digest: 'latest' } },
      },
      'sha256:',
    ],
    [
      'a host controller elsewhere',
      {
        ...poc,
        runner: { ...runner, hostAccess: { kind: 'controller', url: 'http://10.0.0.1:80', tokenFile: 't' } },
      },
      'runner.hostAccess.url',
    ],
    ...['https://log.example.com', 'log example', 'log+1.example.com', '/prod'].map(
      (origin): [string, unknown, string] => [
        `the ledger's origin ${origin}`,
        { ...poc, ledger: { ...poc.ledger, origin } },
        'ledger.origin: a host and a path, without scheme',
      ],
    ),
    [
      'a witness with the key of a log',
      { ...poc, ledger: { ...poc.ledger, witnesses: [{ ...witness, key: keyOfALog }] } },
      'ledger.witnesses.0.key: a verifier key of a witness',
    ],
    ...['http://witness.example.com', 'http://127.0.0.1:3000'].map((url): [string, unknown, string] => [
      `the witness ${url} on AWS`,
      { ...poc, ledger: { ...poc.ledger, witnesses: [{ ...witness, url }] } },
      'ledger.witnesses.0.url: a witness is asked over HTTPS',
    ]),
    [
      'a policy of no environment',
      { ...poc, runner: { ...runner, policyEnvironment: 'staging' } },
      'there is no policies/plan/environments/staging/data.json',
    ],
    ...[
      'http://git.example.com/team/',
      'git.example.com/team',
      'https://reader@git.example.com/team/',
      'https://git.example.com/team/?ref=main',
    ].map((repository): [string, unknown, string] => [
      `the repository ${repository}`,
      { ...poc, runner: { ...runner, sources: [{ repository }] } },
      'an https address',
    ]),
  ];
  test.each(cases)('%s is refused', (_name, input, message) => {
    expect(refusal(() => parseEnvironment(input))).toContain(message);
  });

  test('production requires sign-in through a named issuer', () => {
    expect(prod.approval.signInRequired).toBe(true);
    const { signIn: _, ...approval } = prod.approval;
    expect(refusal(() => parseEnvironment({ ...prod, approval }))).toContain('an issuer must be named');
  });
});

describe('the local platform', () => {
  test('its port reaches the address of the pages', () => {
    const { approval } = loadEnvironment('local', '{"gatewayPort":4999}');
    expect(approval.publicBaseUrl).toBe('http://127.0.0.1:4999/restapis/{restApiId}/{stage}/_user_request_');
  });

  test('an unknown key names itself', () => {
    expect(refusal(() => loadEnvironment('local', '{"port":1}'))).toContain('port: unknown key');
  });

  test('text that is not JSON is said to be so', () => {
    expect(refusal(() => loadEnvironment('local', '{'))).toBe('The context value "local" is not JSON.');
  });
});
