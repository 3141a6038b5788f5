import { type Bytes, join, sha256 } from "./bytes";

/** The hash of an entry (RFC 6962, 2.1). */
export function leafHash(entry: Bytes): Promise<Bytes> {
  return sha256(join(new Uint8Array([0]), entry));
}

function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(join(new Uint8Array([1]), left, right));
}

/** The root that a path from a leaf leads to (RFC 9162, 2.1.3.2). Sizes are below 2^53. */
export async function rootOf(leaf: Bytes, index: number, size: number, path: readonly Bytes[]): Promise<Bytes> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new Error("the index is not below the size of the tree");
  }
  let node = BigInt(index);
  let last = BigInt(size) - 1n;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0n) throw new Error("the path is longer than the tree is high");
    if (node % 2n === 1n || node === last) {
      hash = await nodeHash(sibling, hash);
      while (node % 2n === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw new Error("the path is shorter than the tree is high");
  return hash;
}
