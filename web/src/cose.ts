import { type Bytes, join, utf8 } from "./bytes";
import { ed25519 } from "./note";

/** A signed statement: tagged COSE_Sign1 (RFC 9052). */
export interface Signed {
  readonly algorithm: number;
  /** The thumbprint of the key that is said to have signed it. */
  readonly keyId: Bytes;
  readonly issuer?: string;
  readonly subject?: string;
  readonly payload: Bytes;
  readonly signature: Bytes;
  readonly message: Bytes;
}

type Item = number | string | Bytes | Item[] | Map<Item, Item> | null | boolean;

/** Reads the part of CBOR (RFC 8949) that signed statements use: definite lengths, no floats. */
class Reader {
  private at = 0;
  private depth = 0;
  constructor(private readonly bytes: Bytes) {}

  done(): boolean {
    return this.at === this.bytes.length;
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error("the statement ends too early");
    return byte;
  }

  private argument(info: number): number {
    if (info < 24) return info;
    const length = { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
    if (!length) throw new Error("the statement has a length that is not definite");
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + this.byte();
    if (!Number.isSafeInteger(value)) throw new Error("a number in the statement is too large");
    return value;
  }

  tag(): number {
    const first = this.byte();
    if (first >> 5 !== 6) throw new Error("the statement is not a tagged COSE_Sign1");
    return this.argument(first & 31);
  }

  item(): Item {
    if (++this.depth > 16) throw new Error("the statement is nested too deeply");
    const first = this.byte();
    const value = this.value(first >> 5, first & 31);
    this.depth--;
    return value;
  }

  private value(major: number, info: number): Item {
    if (major === 7) {
      const simple = ({ 20: false, 21: true, 22: null } as Record<number, boolean | null>)[info];
      if (simple === undefined) throw new Error("the statement holds what is not read here");
      return simple;
    }
    const argument = this.argument(info);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.take(argument);
      case 3:
        return new TextDecoder("utf-8", { fatal: true }).decode(this.take(argument));
      case 4:
        return this.many(argument);
      case 5: {
        const flat = this.many(argument * 2);
        const map = new Map<Item, Item>();
        for (let i = 0; i < flat.length; i += 2) map.set(flat[i] as Item, flat[i + 1] as Item);
        return map;
      }
      default:
        throw new Error("the statement holds what is not read here");
    }
  }

  private many(count: number): Item[] {
    if (count > this.bytes.length) throw new Error("the statement ends too early");
    return Array.from({ length: count }, () => this.item());
  }

  private take(length: number): Bytes {
    if (this.at + length > this.bytes.length) throw new Error("the statement ends too early");
    return this.bytes.slice(this.at, (this.at += length));
  }
}

/** A byte string as CBOR writes it. */
function byteString(bytes: Bytes): Bytes {
  const length = bytes.length;
  const head =
    length < 24 ? [0x40 | length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255];
  if (length > 65_535) throw new Error("the statement is longer than a log takes");
  return join(new Uint8Array(head), bytes);
}

export function parseStatement(bytes: Bytes): Signed {
  const reader = new Reader(bytes);
  if (reader.tag() !== 18) throw new Error("the statement is not a tagged COSE_Sign1");
  const parts = reader.item();
  if (!Array.isArray(parts) || parts.length !== 4 || !reader.done()) throw new Error("the statement is damaged");
  const [protectedBytes, , payload, signature] = parts;
  if (!(protectedBytes instanceof Uint8Array && payload instanceof Uint8Array && signature instanceof Uint8Array)) {
    throw new Error("the statement has no payload in it");
  }
  const header = new Reader(protectedBytes).item();
  if (!(header instanceof Map)) throw new Error("the header of the statement is damaged");
  const claims = header.get(15);
  const claim = (key: number) => (claims instanceof Map ? claims.get(key) : undefined);
  const [issuer, subject] = [claim(1), claim(2)];
  const keyId = header.get(4);
  const message = join(
    new Uint8Array([0x84, 0x6a]),
    utf8("Signature1"),
    byteString(protectedBytes),
    byteString(new Uint8Array()),
    byteString(payload),
  );
  return {
    algorithm: Number(header.get(1)),
    keyId: keyId instanceof Uint8Array ? keyId : new Uint8Array(),
    payload,
    signature,
    message,
    ...(typeof issuer === "string" ? { issuer } : {}),
    ...(typeof subject === "string" ? { subject } : {}),
  };
}

/** Whether a browser checks signatures of this kind: Ed25519 under its two numbers. */
export function isChecked(signed: Signed): boolean {
  return signed.algorithm === -8 || signed.algorithm === -19;
}

/** Checks the signature of a statement with an Ed25519 key. */
export function checkStatement(signed: Signed, key: Bytes): Promise<boolean> {
  return ed25519(key, signed.signature, signed.message);
}
