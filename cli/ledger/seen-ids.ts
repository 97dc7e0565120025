import { createHash } from 'node:crypto';

const wordsPerId = 4;

/**
 * Which ids were seen, and where first: 20 bytes each, at most twice that in use, and no object per id. Ids are kept as
 * 128 bits of their SHA-256.
 */
export class SeenIds {
  private capacity = 1 << 10;
  private count = 0;
  private ids = new Uint32Array(this.capacity * wordsPerId);
  private places = new Uint32Array(this.capacity);

  /** Where the id was seen before, or `undefined`; then it was here. Places count from 1. */
  note(id: string, place: number): number | undefined {
    if (this.count * 4 >= this.capacity * 3) this.grow();
    const digest = createHash('sha256').update(id).digest();
    const words = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at));
    const slot = this.slotOf(words);
    const before = this.places[slot];
    if (before) return before;
    this.ids.set(words, slot * wordsPerId);
    this.places[slot] = place;
    this.count += 1;
    return undefined;
  }

  /** Where these words are, or the free place for them. */
  private slotOf(words: readonly number[]): number {
    let slot = (words[0] as number) & (this.capacity - 1);
    while (this.places[slot] && words.some((word, at) => this.ids[slot * wordsPerId + at] !== word))
      slot = (slot + 1) & (this.capacity - 1);
    return slot;
  }

  private grow(): void {
    const { ids, places } = this;
    this.capacity *= 2;
    this.ids = new Uint32Array(this.capacity * wordsPerId);
    this.places = new Uint32Array(this.capacity);
    for (const [old, place] of places.entries()) {
      if (!place) continue;
      const words = [...ids.subarray(old * wordsPerId, (old + 1) * wordsPerId)];
      const slot = this.slotOf(words);
      this.ids.set(words, slot * wordsPerId);
      this.places[slot] = place;
    }
  }
}
