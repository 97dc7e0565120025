/** What people are told of a rotation, and the ledger keeps. No secret is in it. */
export interface RotationEvent {
  readonly type:
    | 'credential.rotation-begun'
    | 'credential.rotation-promoted'
    | 'credential.rotation-completed'
    | 'credential.rotation-draining'
    | 'credential.rotation-abandoned'
    | 'credential.rotation-rolled-back';
  readonly credential: string;
  readonly strategy: string;
  readonly owner: string;
  /** The version in flight. The same event of the same version is told once. */
  readonly version: string;
  readonly runId: string;
  /** ISO 8601 */
  readonly at: string;
  /** When the rotation was begun. ISO 8601 */
  readonly begunAt: string;
  readonly attempt: number;
  /** The class of the error, where there was one. */
  readonly error: string | null;
}
