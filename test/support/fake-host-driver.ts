import { HostError } from '../../lambdas/shared/errors';
import type { HostDriver, Machine } from '../../local/hosts/host-driver';

/** What a fake driver can be told to fail at, or to be killed at (its caller never hears back). */
export type DriverStep = 'create' | 'boot' | 'change' | 'powerOff' | 'destroy';

/** A driver that only keeps book. */
export class FakeHostDriver implements HostDriver {
  readonly calls: string[] = [];
  readonly running = new Set<string>();
  readonly keys: Array<{ name: string; publicKey: string; until: Date }> = [];
  failAt: DriverStep | null = null;
  hangAt: DriverStep | null = null;
  /** The most operations that ever were under way at once. */
  mostAtOnce = 0;
  private atOnce = 0;

  private async step(step: DriverStep, { record }: Machine): Promise<void> {
    this.calls.push(`${step} ${record.planned.name}`);
    if (this.hangAt === step) await new Promise(() => undefined);
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await new Promise((resolve) => setTimeout(resolve, 2));
    this.atOnce -= 1;
    if (this.failAt === step) throw new HostError(`The host ${record.planned.name} failed at ${step}.`);
  }

  async assertAvailable(): Promise<void> {}

  async create(machine: Machine): Promise<{ hostKeys: string[] }> {
    await this.step('create', machine);
    return { hostKeys: ['ssh-ed25519 AAAA'] };
  }

  async boot(machine: Machine): Promise<void> {
    await this.step('boot', machine);
    this.running.add(machine.record.machine);
  }

  async change(machine: Machine): Promise<void> {
    await this.step('change', machine);
  }

  async allowKey({ record }: Machine, publicKey: string, until: Date): Promise<void> {
    this.keys.push({ name: record.planned.name, publicKey, until });
  }

  async powerOff(machine: Machine): Promise<void> {
    if (!this.running.has(machine.record.machine)) return;
    await this.step('powerOff', machine);
    this.running.delete(machine.record.machine);
  }

  async destroy(machine: Machine): Promise<void> {
    await this.step('destroy', machine);
    this.running.delete(machine.record.machine);
  }

  isRunning({ record }: Machine): boolean {
    return this.running.has(record.machine);
  }
}
