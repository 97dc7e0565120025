import { S3Client } from '@aws-sdk/client-s3';
import { makeArtifacts } from '../../lambdas/runners/artifacts';
import type { Change } from '../../lambdas/shared/change';
import { makeChangeStore } from '../../lambdas/shared/change-store';
import type { ChangeRef } from '../../lambdas/shared/contract';
import { canonicalJson, sha256Hex } from '../../lambdas/shared/digest';
import type { PlanDocument } from '../../lambdas/shared/plan-document';

const planDocument: PlanDocument = {
  version: 2,
  counts: { create: 1, update: 0, replace: 0, delete: 0 },
  groups: [],
  since: null,
};

/** Binds a change that creates one thing, as bind-change would, on a local platform. */
export const makeBindSmallChange = ({
  gatewayUrl,
  artifactsBucket: bucket,
}: {
  gatewayUrl: string;
  artifactsBucket: string;
}) => {
  const s3 = new S3Client({
    endpoint: gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
  const artifacts = makeArtifacts({ s3, bucket });
  const changes = makeChangeStore({ s3, bucket });

  return async (run: { runId: string; workspace: string; reason: string }): Promise<ChangeRef> => {
    const { runId } = run;
    const document = await artifacts.put(
      `runs/${runId}/plan/plan-document.json`,
      canonicalJson(planDocument),
      'application/json',
    );
    const digest = sha256Hex(runId);
    const change: Change = {
      version: 1,
      id: `${runId}-${digest.slice(0, 8)}`,
      ...run,
      workflow: 'vm-provisioning',
      requestedBy: null,
      createdAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 24 * 3_600_000).toISOString(),
      plan: {
        ref: document,
        document,
        counts: planDocument.counts,
        mode: 'apply',
        empty: false,
        module: 'local-host',
        digests: { module: digest, variables: digest, lockFile: digest },
        content: { from: 'catalogue', upgradedFrom: null },
        engine: { name: 'opentofu', version: '1.12.6' },
        policy: { verdict: 'allow', reasons: [], total: 0, digest },
      },
      playbook: null,
      script: null,
    };
    return changes.put(change);
  };
};
