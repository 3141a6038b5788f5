import { type Bytes, equal, fromBase64, fromHex, hex, utf8 } from "./bytes";
import { type Signed, checkStatement, isChecked, parseStatement } from "./cose";
import { COSIGNATURE, type Key, check, isSupported, parseCheckpoint, parseNote } from "./note";
import { leafHash, rootOf } from "./tree";
import { Trust, holds, thumbprint } from "./trust";

/** More than any proof has. */
const FILE_LEN_MAX = 1 << 20;
/** How a signed statement begins: the tag of a COSE_Sign1. */
const STATEMENT = 0xd2;

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

interface Step {
  readonly words: string;
  /** Undefined: it could not be checked. */
  readonly good?: boolean | undefined;
  readonly detail: string;
}

interface Result {
  readonly steps: readonly Step[];
  /** Whether a log that the visitor trusts, or the root that the visitor expects, stands behind the entry. */
  readonly vouched: boolean;
}

type Words = Readonly<Record<string, string>>;

/** Everything that can be checked, in order. */
async function verify(proof: Proof, entry: Bytes, trust: Trust, expected: string, say: Words): Promise<Result> {
  const leaf = await leafHash(entry);
  const steps: Step[] = [{ words: say.leaf ?? "", good: true, detail: hex(leaf) }];
  const root = await rootOf(leaf, proof.index, proof.size, proof.path);
  steps.push({ words: say.inclusion ?? "", good: equal(root, proof.root), detail: `${proof.index} / ${proof.size}, ${hex(proof.root)}` });
  const isExpected = expected.toLowerCase() === hex(proof.root);
  if (expected) steps.push({ words: say.root ?? "", good: isExpected, detail: expected });
  const signed = await signatures(proof.checkpoint, trust, say);
  steps.push(...signed.steps);
  if (entry[0] === STATEMENT) steps.push(await issuer(parseStatement(entry), proof.index, trust, say));
  steps.push(...trust.bad.map((line) => ({ words: say.badLine ?? "", good: false, detail: line })));
  steps.push(...trust.unknown.map((line) => ({ words: say.unknownLine ?? "", detail: line })));
  return { steps, vouched: signed.vouched || isExpected };
}

/** Who signed the checkpoint, and whether those are whom the visitor asks for. */
async function signatures(checkpoint: string | undefined, trust: Trust, say: Words): Promise<Result> {
  const steps: Step[] = [];
  const cosigned = new Map<string, boolean | undefined>();
  let vouched = false;
  if (checkpoint) {
    const note = parseNote(checkpoint);
    const { origin } = parseCheckpoint(note.text);
    for (const signature of note.signatures) {
      const isLog = signature.name === origin;
      const keys = [...(isLog ? trust.logs : trust.witnesses), ...trust.bare];
      const key = keys.find((key) => key.name === signature.name && equal(key.id, signature.id));
      const result = key && isSupported(key) ? await check(note, key) : undefined;
      if (key && !isLog) cosigned.set(hex(key.public), result?.good);
      if (key && isLog && key.type !== COSIGNATURE && result?.good) vouched = true;
      const time = result?.time ? `, ${result.time.toISOString().slice(0, 19)}Z` : "";
      const unchecked = result ? "" : `, ${(key ? say.unsupported : say.unchecked) ?? ""}`;
      steps.push({ words: (isLog ? say.log : say.witness) ?? "", detail: signature.name + time + unchecked, good: result?.good });
    }
    // A log that one trusts and that did not sign says as much as one that signed wrongly.
    const silent = trust.logs.filter((key) => !note.signatures.some((one) => one.name === key.name && equal(one.id, key.id)));
    const named = silent.length === trust.logs.length ? silent : silent.filter((key) => key.name === origin);
    steps.push(...named.map((key) => ({ words: say.log ?? "", good: false, detail: `${key.name}, ${say.missing ?? ""}` })));
  }
  if (trust.quorum) {
    const state = (key: Key) => (cosigned.has(hex(key.public)) ? cosigned.get(hex(key.public)) : false);
    const reached = holds(trust.quorum, state);
    const detail = (reached === undefined ? say.unsupported : reached ? say.reached : say.notReached) ?? "";
    steps.push({ words: say.quorum ?? "", good: reached, detail });
  }
  return { steps, vouched };
}

/** Whether the issuer that a statement names signed it, with a key that counts in this entry. */
async function issuer(signed: Signed, index: number, trust: Trust, say: Words): Promise<Step> {
  const who = `${signed.issuer ?? ""} · ${signed.subject ?? ""}`;
  const step = (detail: string, good?: boolean): Step => ({ words: say.issuer ?? "", detail: detail ? `${who}, ${detail}` : who, good });
  if (trust.issuers.length === 0) return step(say.unchecked ?? "");
  if (!isChecked(signed)) return step(say.unsupported ?? "");
  const candidates = trust.issuers.filter((key) => key.algorithm === "ed25519");
  const ids = await Promise.all(candidates.map((key) => thumbprint(key.public)));
  const known = candidates.filter((_, at) => ids[at] === hex(signed.keyId));
  const own = known.filter((key) => key.owner === signed.issuer);
  const [first] = known;
  if (!first) return step(say.unknownKey ?? "");
  if (own.length === 0) return step((say.otherOwner ?? "").replace("{who}", first.owner), false);
  const inTime = own.find((key) => key.from <= index && index <= key.until);
  if (!inTime) return step(say.notThen ?? "", false);
  return step("", await checkStatement(signed, inTime.public));
}

async function read(file: File | null): Promise<Bytes | undefined> {
  if (!file || file.size === 0) return undefined;
  if (file.size > FILE_LEN_MAX) throw new Error(`${file.name}: ${file.size} > ${FILE_LEN_MAX}`);
  return new Uint8Array(await file.arrayBuffer());
}

/** The proof in a file; swapped files and receipts are none. */
function proofIn(bytes: Bytes, say: Words): Proof {
  try {
    return parseProof(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // What the browser says of bytes that are no text helps nobody.
    const why = error instanceof Error && error.constructor === Error ? ` (${error.message})` : "";
    throw new Error((say.notProof ?? "") + why);
  }
}

function line(tag: "p" | "li" | "h2" | "dt" | "dd" | "pre", className: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** What an entry says, as far as it can be read: a payload, or a signed one. */
function said(entry: Bytes, say: Words): HTMLElement[] {
  const signed = entry[0] === STATEMENT ? parseStatement(entry) : undefined;
  const text = new TextDecoder().decode(signed?.payload ?? entry);
  const list = document.createElement("dl");
  const put = (words: string | undefined, detail: HTMLElement) => list.append(line("dt", "", words ?? ""), detail);
  try {
    const payload = JSON.parse(text) as Record<string, unknown>;
    const date = (payload.date ?? {}) as { date?: unknown; known_by?: unknown };
    put(say.kind, line("dd", "", `${payload.kind ?? ""}`));
    put(say.about, line("dd", "", `${signed?.subject ?? payload.about ?? say.world ?? ""}`));
    put(say.date, line("dd", "", [date.date, date.known_by].filter(Boolean).join(" / ")));
    const what = document.createElement("dd");
    what.append(line("pre", "", JSON.stringify(payload.says, null, 2)));
    put(say.what, what);
    if (payload.note) put(say.note, line("dd", "", `${payload.note}`));
  } catch {
    // A large document is signed by its digest.
    put(say.what, line("dd", "mono", signed?.payload.length === 32 ? `SHA-256 ${hex(signed.payload)}` : text));
  }
  return [line("h2", "", say.said ?? ""), list];
}

/** What the checks come to, in one sentence: good only where somebody whom the visitor named stands behind it. */
function headline({ steps, vouched }: Result, say: Words): HTMLElement {
  if (steps.some((step) => step.good === false)) return line("p", "bad", say.bad ?? "");
  return vouched ? line("p", "good", say.good ?? "") : line("p", "neutral", say.unsigned ?? "");
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
      const proof = proofBytes && proofIn(proofBytes, say);
      const entry = (await read(field("entry").files?.[0] ?? null)) ?? proof?.entry;
      if (!proof || !entry) {
        result.replaceChildren(line("p", "bad", say.files ?? ""));
        return;
      }
      const trust = await Trust.parse(field("trust").value);
      const verified = await verify(proof, entry, trust, field("root").value.trim(), say);
      const list = document.createElement("ul");
      for (const step of verified.steps) {
        const sign = step.good === undefined ? "○" : step.good ? "✓" : "✕";
        const kind = step.good === undefined ? "quiet" : step.good ? "good" : "bad";
        list.append(line("li", kind, `${sign} ${step.words}: ${step.detail}`));
      }
      result.replaceChildren(headline(verified, say), list, ...said(entry, say), line("p", "quiet", say.assumed ?? ""));
    } catch (error) {
      result.replaceChildren(line("p", "bad", `${say.cannot ?? ""} ${error instanceof Error ? error.message : ""}`));
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
