import { type Bytes, equal, fromBase64, hex, join, sha256 } from "./bytes";
import { COSIGNATURE, ED25519, type Key, parseKey } from "./note";

/** Who must have cosigned. */
export type Rule = { readonly witness: Key } | { readonly needed: number; readonly members: readonly Rule[] };

/** A key, whose it is, and the entries of the log in which it counts. */
export interface IssuerKey {
  readonly owner: string;
  readonly algorithm: string;
  readonly public: Bytes;
  from: number;
  until: number;
}

/** Whom a visitor trusts: a C2SP tlog-policy, a trust file with one inside, or keys one a line. */
export class Trust {
  readonly logs: Key[] = [];
  readonly witnesses: Key[] = [];
  /** Keys of a note of which nobody said whether a log or a witness has them. */
  readonly bare: Key[] = [];
  readonly issuers: IssuerKey[] = [];
  /** None where no line asks for one. */
  quorum: Rule | undefined;
  /** Lines that mean nothing here. */
  readonly unknown: string[] = [];
  /** Lines of a policy that cannot be used. */
  readonly bad: string[] = [];
  private readonly names = new Map<string, Rule>();
  private readonly inGroup = new Set<string>();

  static async parse(text: string): Promise<Trust> {
    const trust = new Trust();
    await trust.file(text);
    return trust;
  }

  /** The tables of a trust file (TOML), as far as a browser needs them, and everything else line by line. */
  private async file(text: string): Promise<void> {
    let owner = "";
    let within: string | undefined;
    for (const line of text.split("\n").map((line) => line.trim())) {
      const assigned = /^([a-z_]+)\s*=\s*(.*)$/.exec(line);
      if (within !== undefined) {
        if (opensOrEnds(line)) within = undefined;
        else if (within === "policy") await this.line(line);
      } else if (assigned) {
        const [, name = "", value = ""] = assigned;
        if (opensOrEnds(value)) within = name;
        else if (name === "policy") for (const inner of quoted(value).split("\n")) await this.line(inner);
        else if (name === "id") owner = quoted(value);
        else if (name === "key") this.issuer(owner, quoted(value), line);
        else if (name === "from" || name === "until") this.range(name, value);
      } else if (!line.startsWith("[") && !line.startsWith("]")) {
        await this.line(line);
      }
    }
  }

  private range(name: "from" | "until", value: string): void {
    const key = this.issuers.at(-1);
    if (key) key[name] = Number(value);
  }

  private issuer(owner: string, text: string, line: string): void {
    const key = /^(ed25519|es256|ml-dsa-44):([A-Za-z0-9+/]+=*)$/.exec(text);
    if (!key) this.unknown.push(line);
    else this.issuers.push({ owner, algorithm: key[1] ?? "", public: fromBase64(key[2] ?? ""), from: 0, until: Infinity });
  }

  private async line(line: string): Promise<void> {
    const words = line.split(/[ \t]+/).filter(Boolean);
    const [first = "", second = "", third = ""] = words;
    if (first === "" || first.startsWith("#")) return;
    if (["log", "witness", "group", "quorum"].includes(first)) {
      if (!(await this.policy(first, words.slice(1)))) this.bad.push(line);
    } else if (words.length === 1 && /^[^+]+\+[0-9a-f]{8}\+/.test(first)) {
      const key = await parsed(first);
      if (key) this.bare.push(key);
      else this.bad.push(line);
    } else if (words.length === 2 && /^[a-z0-9-]+:/.test(second)) {
      this.issuer(first, second, line);
    } else if (first === "issuer" && words.length === 3) {
      this.issuer(second, third, line);
    } else {
      this.unknown.push(line);
    }
  }

  /** Reads a line of a policy; false where it cannot be used. */
  private async policy(keyword: string, words: string[]): Promise<boolean> {
    const [name = "", value = ""] = words;
    if (keyword === "quorum") return words.length === 1 && this.setQuorum(name);
    if (keyword === "group") return this.group(name, value, words.slice(2));
    const key = await parsed(keyword === "log" ? name : value);
    if (!key || words.length > (keyword === "log" ? 2 : 3)) return false;
    const others = keyword === "log" ? this.logs : this.witnesses;
    // The same key under two names would count twice.
    if (others.some((other) => equal(other.public, key.public))) return false;
    if (keyword === "log") return key.type !== COSIGNATURE && this.logs.push(key) > 0;
    return key.type !== ED25519 && this.define(name, { witness: key }) && this.witnesses.push(key) > 0;
  }

  private group(name: string, threshold: string, members: string[]): boolean {
    const rules: Rule[] = [];
    for (const member of members) {
      const rule = this.names.get(member);
      if (!rule || this.inGroup.has(member)) return false;
      this.inGroup.add(member);
      rules.push(rule);
    }
    const number = /^[1-9]\d{0,3}$/.test(threshold) ? Number(threshold) : 0;
    const needed = threshold === "any" ? 1 : threshold === "all" ? rules.length : number;
    return needed >= 1 && needed <= rules.length && this.define(name, { needed, members: rules });
  }

  private setQuorum(name: string): boolean {
    const rule = name === "none" ? { needed: 0, members: [] } : this.names.get(name);
    if (!rule || this.quorum) return false;
    this.quorum = rule;
    return true;
  }

  private define(name: string, rule: Rule): boolean {
    if (name === "none" || this.names.has(name)) return false;
    this.names.set(name, rule);
    return true;
  }
}

/** Whether a rule holds; undefined where that hangs on what could not be checked. */
export function holds(rule: Rule, cosigned: (key: Key) => boolean | undefined): boolean | undefined {
  if ("witness" in rule) return cosigned(rule.witness);
  const results = rule.members.map((member) => holds(member, cosigned));
  if (results.filter((one) => one === true).length >= rule.needed) return true;
  return results.filter((one) => one !== false).length >= rule.needed ? undefined : false;
}

/** What identifies an Ed25519 key: its COSE key thumbprint (RFC 9679), in hexadecimal digits. */
export async function thumbprint(key: Bytes): Promise<string> {
  return hex(await sha256(join(new Uint8Array([0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20]), key)));
}

async function parsed(text: string): Promise<Key | undefined> {
  try {
    return await parseKey(text);
  } catch {
    return undefined;
  }
}

/** Whether a string of several lines begins or ends here. */
function opensOrEnds(line: string): boolean {
  return line.split('"""').length % 2 === 0;
}

/** A string of TOML on one line. */
function quoted(value: string): string {
  if (value.startsWith("'")) return value.slice(1, value.lastIndexOf("'"));
  try {
    return String(JSON.parse(value));
  } catch {
    return "";
  }
}
