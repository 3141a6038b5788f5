import { type Bytes, equal, fromBase64, fromHex, hex, join, sha256, utf8 } from "./bytes";

/** A signed note (C2SP signed-note): a text, and lines that sign it. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly id: Bytes; readonly bytes: Bytes }[];
}

export function parseNote(whole: string): Note {
  const split = whole.lastIndexOf("\n\n");
  if (split < 0 || !whole.endsWith("\n")) throw new Error("the checkpoint has no signatures");
  const lines = whole.slice(split + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const [dash, name, base64, ...more] = line.split(" ");
    if (dash !== "—" || !name || !base64 || more.length > 0) throw new Error("a signature line of the checkpoint is damaged");
    const bytes = fromBase64(base64);
    if (bytes.length < 5) throw new Error("a signature of the checkpoint is too short");
    return { name, id: bytes.slice(0, 4), bytes: bytes.slice(4) };
  });
  return { text: whole.slice(0, split + 1), signatures };
}

/** A checkpoint (C2SP tlog-checkpoint): the first three lines of its note. */
export function parseCheckpoint(text: string): { origin: string; size: number; root: Bytes } {
  const [origin, size, root] = text.split("\n");
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? "") || !root) throw new Error("the checkpoint is damaged");
  return { origin, size: Number(size), root: fromBase64(root) };
}

/** The types of signature that a note can have here. */
export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;

/** A key that a visitor trusts, as NAME+ID+BASE64. */
export interface Key {
  readonly name: string;
  readonly id: Bytes;
  readonly type: number;
  readonly public: Bytes;
}

export async function parseKey(text: string): Promise<Key> {
  const at = text.indexOf("+");
  const name = text.slice(0, at);
  const [id, base64] = [text.slice(at + 1, at + 9), text.slice(at + 10)];
  if (at < 1 || text[at + 9] !== "+") throw new Error(`${text.slice(0, 40)} is not NAME+ID+KEY`);
  const bytes = fromBase64(base64);
  const expected = (await sha256(join(utf8(name), new Uint8Array([0x0a]), bytes))).slice(0, 4);
  if (!equal(expected, fromHex(id))) throw new Error(`the id of the key ${name} does not belong to it`);
  return { name, id: expected, type: bytes[0] ?? 0, public: bytes.slice(1) };
}

/** Whether this browser can verify with a key of this type. */
export function isSupported(key: Key): boolean {
  return (key.type === ED25519 || key.type === COSIGNATURE) && key.public.length === 32;
}

export async function ed25519(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

/** Checks the signature of a key on a note. Of a cosignature the time comes back; undefined where the note has none. */
export async function check(note: Note, key: Key): Promise<{ good: boolean; time?: Date } | undefined> {
  const own = note.signatures.find((signature) => signature.name === key.name && hex(signature.id) === hex(key.id));
  if (!own) return undefined;
  if (key.type === ED25519) return { good: await ed25519(key.public, own.bytes, utf8(note.text)) };
  if (own.bytes.length !== 72) return { good: false };
  // C2SP tlog-cosignature: eight bytes of time, then the signature over a header and the note.
  const seconds = new DataView(own.bytes.buffer, own.bytes.byteOffset, 8).getBigUint64(0);
  const message = utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`);
  return { good: await ed25519(key.public, own.bytes.slice(8), message), time: new Date(Number(seconds) * 1000) };
}
