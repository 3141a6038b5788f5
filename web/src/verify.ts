import { type Bytes, equal, fromBase64, fromHex, hex, utf8 } from "./bytes";
import { checkStatement, parseStatement } from "./cose";
import { type Key, check, isSupported, parseCheckpoint, parseKey, parseNote } from "./note";
import { leafHash, rootOf } from "./tree";

/** More than any proof has. */
const FILE_LEN_MAX = 1 << 20;

/** What a file of proof says, before anything of it is believed. */
interface Proof {
  readonly index: number;
  readonly path: readonly Bytes[];
  readonly size: number;
  readonly root: Bytes;
  /** The signed checkpoint; none in a proof of statements that stand in no log. */
  readonly checkpoint?: string;
  /** The entry, where the proof has it inside. */
  readonly entry?: Bytes;
}

function parseProof(text: string): Proof {
  if (text.startsWith("{")) {
    const json = JSON.parse(text) as { index: number; size: number; root: string; path: string[]; entry: string | null; entry_hex: string | null };
    if (!Array.isArray(json.path) || json.path.length > 64) throw new Error("the proof has no path");
    return { index: json.index, size: json.size, root: fromHex(json.root), path: json.path.map(fromHex), entry: json.entry === null ? fromHex(json.entry_hex ?? "") : utf8(json.entry) };
  }
  const split = text.indexOf("\n\n");
  const lines = text.slice(0, split).split("\n");
  if (split < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Error("this is not a proof: its first line is not c2sp.org/tlog-proof@v1");
  // What the line `extra` says is never authenticated, so it is not looked at.
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "");
  if (!index || lines.length > 64) throw new Error("the proof is damaged before its checkpoint");
  const checkpoint = text.slice(split + 2);
  const { size, root } = parseCheckpoint(parseNote(checkpoint).text);
  return { index: Number(index[1]), path: lines.map(fromBase64), size, root, checkpoint };
}

type Issuer = { algorithm: string; public: Bytes };

/** Keys of logs, witnesses and issuers, from a policy or one a line. */
async function parseTrust(text: string): Promise<{ keys: Key[]; issuers: Issuer[] }> {
  const keys: Key[] = [];
  const issuers: Issuer[] = [];
  for (const line of text.split("\n").map((line) => line.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    for (const word of line.replaceAll('"', " ").split(/\s+/)) {
      const issuer = /^(ed25519|es256|ml-dsa-44):([A-Za-z0-9+/]+=*)$/.exec(word);
      if (issuer) issuers.push({ algorithm: issuer[1] ?? "", public: fromBase64(issuer[2] ?? "") });
      else if (/^\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/.test(word)) keys.push(await parseKey(word));
    }
  }
  return { keys, issuers };
}

interface Step {
  readonly words: string;
  /** Undefined: it could not be checked. */
  readonly good?: boolean;
  readonly detail: string;
}

type Words = Readonly<Record<string, string>>;

/** Everything that can be checked, in order. */
async function steps(proof: Proof, entry: Bytes, trust: string, expected: string, say: Words): Promise<Step[]> {
  const { keys, issuers } = await parseTrust(trust);
  const leaf = await leafHash(entry);
  const done: Step[] = [{ words: say.leaf ?? "", good: true, detail: hex(leaf) }];
  const root = await rootOf(leaf, proof.index, proof.size, proof.path);
  done.push({ words: say.inclusion ?? "", good: equal(root, proof.root), detail: `${proof.index} / ${proof.size}, ${hex(proof.root)}` });
  if (expected) done.push({ words: say.root ?? "", good: expected.toLowerCase() === hex(proof.root), detail: expected });
  if (proof.checkpoint) {
    const note = parseNote(proof.checkpoint);
    const origin = parseCheckpoint(note.text).origin;
    for (const signature of note.signatures) {
      const words = (signature.name === origin ? say.log : say.witness) ?? "";
      const key = keys.find((key) => key.name === signature.name && hex(key.id) === hex(signature.id));
      const result = key && isSupported(key) ? await check(note, key) : undefined;
      const time = result?.time ? `, ${result.time.toISOString().slice(0, 19)}Z` : "";
      const unchecked = result ? "" : `, ${say.unchecked ?? ""}`;
      done.push({ words, detail: signature.name + time + unchecked, ...(result ? { good: result.good } : {}) });
    }
    // A key that one trusts and that did not sign says as much as one that signed wrongly.
    for (const key of keys.filter((key) => key.name === origin)) {
      if (!note.signatures.some((signature) => hex(signature.id) === hex(key.id))) done.push({ words: say.log ?? "", good: false, detail: key.name });
    }
  }
  if (entry[0] === 0xd2) {
    const signed = parseStatement(entry);
    const results = await Promise.all(issuers.map((key) => checkStatement(signed, key)));
    const tried = results.filter((result) => result !== undefined);
    const good = tried.length > 0 ? { good: tried.includes(true) } : {};
    const who = `${signed.issuer ?? ""} · ${signed.subject ?? ""}`;
    done.push({ words: say.issuer ?? "", detail: tried.length > 0 ? who : `${who}, ${say.unchecked ?? ""}`, ...good });
  }
  return done;
}

async function read(file: File | null): Promise<Bytes | undefined> {
  if (!file || file.size === 0) return undefined;
  if (file.size > FILE_LEN_MAX) throw new Error(`${file.name}: ${file.size} > ${FILE_LEN_MAX}`);
  return new Uint8Array(await file.arrayBuffer());
}

function line(tag: "p" | "li", className: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Makes the form check what is dropped on it, in the browser alone. */
export function verifier(form: HTMLFormElement): void {
  const result = document.querySelector<HTMLElement>("[data-verify-result]");
  if (!result) return;
  const say = JSON.parse(result.dataset.words ?? "{}") as Words;
  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const proofBytes = await read(field("proof").files?.[0] ?? null);
      const proof = proofBytes && parseProof(new TextDecoder("utf-8", { fatal: true }).decode(proofBytes));
      const entry = (await read(field("entry").files?.[0] ?? null)) ?? proof?.entry;
      if (!proof || !entry) {
        result.replaceChildren(line("p", "bad", say.files ?? ""));
        return;
      }
      const done = await steps(proof, entry, field("trust").value, field("root").value.trim(), say);
      const list = document.createElement("ul");
      for (const step of done) {
        const sign = step.good === undefined ? "○" : step.good ? "✓" : "✕";
        const kind = step.good === undefined ? "quiet" : step.good ? "good" : "bad";
        list.append(line("li", kind, `${sign} ${step.words}: ${step.detail}`));
      }
      const bad = done.some((step) => step.good === false);
      result.replaceChildren(line("p", bad ? "bad" : "good", (bad ? say.bad : say.good) ?? ""), list, line("p", "quiet", say.assumed ?? ""));
    } catch (error) {
      result.replaceChildren(line("p", "bad", `${say.bad ?? ""} ${error instanceof Error ? error.message : ""}`));
    }
  });
  // Files can be dropped anywhere on the form.
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    for (const file of event.dataTransfer?.files ?? []) {
      const list = new DataTransfer();
      list.items.add(file);
      field(/proof|\.json$/.test(file.name) ? "proof" : "entry").files = list.files;
    }
  });
}
