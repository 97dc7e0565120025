import { NoteError, type VerifierKey } from '../../lambdas/ledger-proof/checkpoint';
import { plainText } from '../../lambdas/shared/plain-text';
import { type ExportFolder, exportLayout } from './export-folder';
import { readCheckpoint, type SignedCheckpoint, type Signers } from './signed-checkpoint';
import { type Break, type ChainReport, verifyChain } from './verify-chain';

/** What there is to say of one tenant's ledger. */
export interface TenantReport extends Omit<ChainReport, 'broken'> {
  readonly tenant: string;
  /** `unsigned`: nothing is broken, and nothing is proven either, since no checkpoint covers any of it. */
  readonly verdict: 'whole' | 'broken' | 'unsigned';
  /** Checkpoints whose signature holds, those that were kept included. */
  readonly checkpoints: number;
  /** Up to which size each witness that was asked for has cosigned. */
  readonly witnesses: readonly { readonly name: string; readonly size: number }[];
  /** The first break of the chain, then whatever is wrong with checkpoints. */
  readonly breaks: readonly Break[];
}

export interface Trust extends Signers {
  /** Checkpoints that the auditor kept, elsewhere. */
  readonly kept: readonly SignedCheckpoint[];
}

const aboutCheckpoint = (kind: Break['kind'], message: string): Break => ({
  kind,
  line: null,
  seq: null,
  message,
});

/** The checkpoints of a tenant that count, and what is wrong with the others. */
const readCheckpoints = (
  source: Pick<ExportFolder, 'checkpoints' | 'note'>,
  tenant: string,
  trust: Trust,
): { signed: SignedCheckpoint[]; breaks: Break[] } => {
  const signed: SignedCheckpoint[] = [];
  const breaks: Break[] = [];
  for (const name of source.checkpoints(tenant)) {
    const title = `Checkpoint ${plainText(name, 80)}`;
    try {
      const one = readCheckpoint(source.note(tenant, name), title, trust);
      if (one.tenant !== tenant || name !== exportLayout.checkpointName(one.size))
        breaks.push(
          aboutCheckpoint(
            'misplaced',
            `${title} is of ${one.size} entries of ${one.tenant}: it was put here under another name.`,
          ),
        );
      else signed.push(one);
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      breaks.push(aboutCheckpoint('unsigned', `${title} proves nothing. ${error.message}`));
    }
  }
  const all = [...signed, ...trust.kept.filter((one) => one.tenant === tenant)];
  const bySize = new Map<number, SignedCheckpoint>();
  for (const one of all) {
    const other = bySize.get(one.size);
    if (other && !other.root.equals(one.root))
      breaks.push(
        aboutCheckpoint(
          'forked',
          `${other.source} and ${one.source} are both signed, for ${one.size} entries, and are not the same: whoever holds the key keeps two histories.`,
        ),
      );
    bySize.set(one.size, one);
  }
  return { signed: all, breaks };
};

const cosignedBy = (signed: readonly SignedCheckpoint[], witness: VerifierKey): number | null =>
  signed.reduce<number | null>(
    (most, { size, cosigners }) => (cosigners.includes(witness) ? Math.max(most ?? 0, size) : most),
    null,
  );

const verifyTenant = (
  source: Pick<ExportFolder, 'lines' | 'checkpoints' | 'note'>,
  tenant: string,
  trust: Trust,
): TenantReport => {
  const { signed, breaks } = readCheckpoints(source, tenant, trust);
  const { broken, ...chain } = verifyChain(tenant, source.lines(tenant), signed);
  const witnesses: { name: string; size: number }[] = [];
  for (const witness of trust.witnesses) {
    const size = cosignedBy(signed, witness);
    if (size !== null) witnesses.push({ name: witness.name, size });
    else if (signed.length > 0)
      breaks.push(aboutCheckpoint('unsigned', `No checkpoint is cosigned by the witness ${witness.name}.`));
  }
  const all = broken ? [broken, ...breaks] : breaks;
  return {
    tenant,
    verdict: all.length > 0 ? 'broken' : chain.signedSize > 0 ? 'whole' : 'unsigned',
    ...chain,
    checkpoints: signed.length,
    witnesses,
    breaks: all,
  };
};

/** What an auditor kept of a tenant of whom there is nothing here. */
const missingTenant = (tenant: string, kept: readonly SignedCheckpoint[]): TenantReport => {
  const size = Math.max(...kept.map((one) => one.size));
  return {
    tenant,
    verdict: 'broken',
    entries: 0,
    lastAt: null,
    signedSize: 0,
    checkpoints: kept.length,
    witnesses: [],
    breaks: [
      {
        kind: 'deleted',
        line: null,
        seq: 1,
        message: `${kept.find((one) => one.size === size)?.source} signs ${size} entries, and the export holds nothing of this tenant.`,
      },
    ],
  };
};

/** One tenant after the other, those of kept checkpoints included; a break in one leaves the others alone. */
export function* verifyExport(source: Omit<ExportFolder, 'path'>, trust: Trust): Generator<TenantReport> {
  const expected = trust.kept.map(({ tenant }) => tenant);
  for (const tenant of [...new Set([...source.tenants, ...expected])].sort())
    yield source.tenants.includes(tenant)
      ? verifyTenant(source, tenant, trust)
      : missingTenant(
          tenant,
          trust.kept.filter((one) => one.tenant === tenant),
        );
}
