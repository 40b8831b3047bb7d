/** A table this full is made twice as large. */
const fullest = 0.7;

/**
 * Numbers environments from 0 on and forgets their names: of each, 32 bits are kept. Two of one function that share them count as
 * one, which among thousands changes nothing.
 */
export function environmentNumbers() {
  let hashes = new Uint32Array(1_024);
  /** The number and one; 0 where nothing stands. */
  let numbers = new Uint32Array(1_024);
  let count = 0;

  /** The number of a stream of a function. */
  function numberOf(stream: string, functionNumber: number): number {
    const hash = hashOf(stream, functionNumber);
    const at = placeOf(hash);
    const known = numbers[at] ?? 0;
    if (known > 0) return known - 1;
    hashes[at] = hash;
    count += 1;
    numbers[at] = count;
    if (count > fullest * numbers.length) grow();
    return count - 1;
  }

  /** Where it stands, or is to stand. */
  function placeOf(hash: number): number {
    const last = numbers.length - 1;
    let at = hash & last;
    while ((numbers[at] ?? 0) > 0 && hashes[at] !== hash) at = (at + 1) & last;
    return at;
  }

  function grow(): void {
    const [oldHashes, oldNumbers] = [hashes, numbers];
    hashes = new Uint32Array(2 * oldHashes.length);
    numbers = new Uint32Array(2 * oldNumbers.length);
    for (const [from, number] of oldNumbers.entries()) {
      if (number === 0) continue;
      const hash = oldHashes[from] ?? 0;
      const at = placeOf(hash);
      hashes[at] = hash;
      numbers[at] = number;
    }
  }

  return { numberOf, count: (): number => count };
}

/** FNV-1a; the seed last, as streams differ at their end. */
function hashOf(text: string, seed: number): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return Math.imul(value ^ seed, 0x01000193) >>> 0;
}
