// src/date.ts
var e = "surety-slider";
function t(t, n) {
	let r = t.querySelector("input[type=\"date\"]"), i = Number(t.dataset.first?.slice(0, 4)), a = Number(t.dataset.last?.slice(0, 4));
	if (!r || !i || !a) return;
	let o = document.createElement("input"), s = document.createElement("output");
	o.type = "range", o.min = `${i}`, o.max = `${a}`, o.value = r.value.slice(0, 4), o.setAttribute("aria-label", n.year ?? ""), s.textContent = r.value.slice(0, 4), r.after(o, s), o.addEventListener("input", () => {
		s.textContent = o.value;
	});
	let c = () => {
		let n = Number(o.value) >= a ? t.dataset.last : `${o.value}-12-31`;
		n && o.value !== l && (r.value = n, document.activeElement === o && sessionStorage.setItem(e, "1"), t.requestSubmit());
	}, l = o.value, u;
	o.addEventListener("change", () => {
		clearTimeout(u), u = setTimeout(c, 800);
	}), o.addEventListener("pointerup", c), o.addEventListener("keydown", (e) => {
		e.key === "Enter" && (e.preventDefault(), c());
	}), sessionStorage.getItem(e) && (sessionStorage.removeItem(e), o.focus());
}
// src/table.ts
function n(e) {
	let t = e?.dataset.order ?? e?.textContent?.trim() ?? "", n = Number(t.replace(/[\s\u202f]/g, ""));
	return t !== "" && Number.isFinite(n) ? n : t;
}
function r(e, t) {
	let r = [...e.tHead?.rows[0]?.cells ?? []], i = e.tBodies[0];
	i && r.forEach((e, a) => {
		let o = document.createElement("button");
		o.type = "button", o.textContent = e.textContent, o.title = t.sort ?? "", e.replaceChildren(o), o.addEventListener("click", () => {
			let t = e.getAttribute("aria-sort") === "ascending";
			for (let e of r) e.removeAttribute("aria-sort");
			e.setAttribute("aria-sort", t ? "descending" : "ascending");
			let o = document.documentElement.lang, s = [...i.rows].map((e) => [n(e.cells[a]), e]);
			s.sort(([e], [n]) => {
				let r = typeof e == "number" && typeof n == "number" ? e - n : String(e).localeCompare(String(n), o);
				return t ? -r : r;
			}), i.append(...s.map(([, e]) => e));
		});
	});
}
function i(e) {
	return e.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
function a(e, t) {
	let n = e.tBodies[0];
	if (!n) return;
	let r = document.createElement("label"), a = document.createElement("input"), o = document.createElement("output");
	a.type = "search", r.append(e.dataset.filter ?? "", " ", a);
	let s = document.createElement("div");
	s.className = "filter", s.append(r, o), (e.closest(".wide") ?? e).before(s);
	let c = new Map([...n.rows].map((e) => [e, i(e.textContent ?? "")]));
	a.addEventListener("input", () => {
		let e = i(a.value).split(/\s+/).filter(Boolean), n = 0;
		for (let [t, r] of c) t.hidden = !e.every((e) => r.includes(e)), t.hidden || (n += 1);
		o.textContent = e.length > 0 ? (t.shown ?? "").replace("{n}", `${n}`) : "";
	});
}
function o(e) {
	let t = (e.textContent ?? "").replace(/\s+/g, " ").trim();
	return /[",]/.test(t) ? `"${t.replaceAll("\"", "\"\"")}"` : t;
}
function s(e) {
	return [...e.rows].filter((e) => !e.hidden).map((e) => [...e.cells].map(o).join(",")).join("\r\n") + "\r\n";
}
function c(e) {
	for (let t of document.querySelectorAll("p.downloads")) {
		let n = t.parentElement?.querySelector("table.data[data-filter]");
		if (!n || !t.querySelector("a[href*=\".csv\"]")) continue;
		let r = document.createElement("button");
		r.type = "button", r.textContent = e.csvShown ?? "CSV", r.addEventListener("click", () => l(new Blob([s(n)], { type: "text/csv" }), "surety-as-shown.csv")), t.append(r);
	}
}
function l(e, t) {
	let n = document.createElement("a");
	n.href = URL.createObjectURL(e), n.download = t, n.click(), setTimeout(() => URL.revokeObjectURL(n.href), 1e4);
}
function u(e, t) {
	let n = document.createElement("button");
	n.type = "button", n.textContent = t.png ?? "PNG", e.after(n), n.addEventListener("click", async () => {
		let t = new Image();
		t.src = e.href, await t.decode();
		let n = Math.max(2, 1920 / t.naturalWidth), r = document.createElement("canvas");
		r.width = Math.round(t.naturalWidth * n), r.height = Math.round(t.naturalHeight * n);
		let i = r.getContext("2d");
		if (!i) return;
		i.drawImage(t, 0, 0, r.width, r.height);
		let a = e.href.replace(/[?#].*$/, "").replace(/^.*figure\//, "").replaceAll("/", "-").replace(/\.svg$/, ".png");
		r.toBlob((e) => e && l(e, a));
	});
}
// src/map.ts
function d() {
	for (let e of document.querySelectorAll(".map-and-table")) {
		let t = /* @__PURE__ */ new Map(), n = /* @__PURE__ */ new Map();
		for (let n of e.querySelectorAll("svg [data-state]")) t.set(n.getAttribute("data-state") ?? "", n);
		for (let t of e.querySelectorAll("tr[data-state]")) n.set(t.dataset.state ?? "", t);
		let r = (e, r) => {
			t.get(e)?.classList.toggle("lit", r), n.get(e)?.classList.toggle("lit", r);
		};
		for (let [e, t] of n) t.addEventListener("pointerenter", () => r(e, !0)), t.addEventListener("pointerleave", () => r(e, !1)), t.addEventListener("focusin", () => r(e, !0)), t.addEventListener("focusout", () => r(e, !1));
		for (let [e, i] of t) i.addEventListener("pointerenter", () => {
			r(e, !0);
			let t = n.get(e), i = t?.closest(".tall");
			t && i && (i.scrollTop = t.offsetTop - i.clientHeight / 2);
		}), i.addEventListener("pointerleave", () => r(e, !1));
	}
}
// src/bytes.ts
function f(e) {
	return [...e].map((e) => e.toString(16).padStart(2, "0")).join("");
}
function p(e) {
	if (!/^([0-9a-f]{2})*$/i.test(e)) throw Error(`${e.slice(0, 20)} is not hexadecimal`);
	return Uint8Array.from(e.match(/../g) ?? [], (e) => Number.parseInt(e, 16));
}
function m(e) {
	return Uint8Array.from(atob(e), (e) => e.charCodeAt(0));
}
function h(e) {
	return new Uint8Array(new TextEncoder().encode(e));
}
function g(...e) {
	let t = new Uint8Array(e.reduce((e, t) => e + t.length, 0)), n = 0;
	for (let r of e) t.set(r, n), n += r.length;
	return t;
}
function _(e, t) {
	return e.length === t.length && e.every((e, n) => e === t[n]);
}
async function v(e) {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", e));
}
// src/note.ts
function y(e) {
	let t = e.lastIndexOf("\n\n");
	if (t < 0 || !e.endsWith("\n")) throw Error("the checkpoint has no signatures");
	let n = e.slice(t + 2, -1).split("\n").map((e) => {
		let [t, n, r, ...i] = e.split(" ");
		if (t !== "—" || !n || !r || i.length > 0) throw Error("a signature line of the checkpoint is damaged");
		let a = m(r);
		if (a.length < 5) throw Error("a signature of the checkpoint is too short");
		return {
			name: n,
			id: a.slice(0, 4),
			bytes: a.slice(4)
		};
	});
	return {
		text: e.slice(0, t + 1),
		signatures: n
	};
}
function b(e) {
	let [t, n, r] = e.split("\n");
	if (!t || !/^(0|[1-9]\d{0,15})$/.test(n ?? "") || !r) throw Error("the checkpoint is damaged");
	return {
		origin: t,
		size: Number(n),
		root: m(r)
	};
}
async function x(e) {
	let t = e.indexOf("+"), n = e.slice(0, t), [r, i] = [e.slice(t + 1, t + 9), e.slice(t + 10)];
	if (t < 1 || e[t + 9] !== "+") throw Error(`${e.slice(0, 40)} is not NAME+ID+KEY`);
	let a = m(i), o = (await v(g(h(n), new Uint8Array([10]), a))).slice(0, 4);
	if (!_(o, p(r))) throw Error(`the id of the key ${n} does not belong to it`);
	return {
		name: n,
		id: o,
		type: a[0] ?? 0,
		public: a.slice(1)
	};
}
function S(e) {
	return (e.type === 1 || e.type === 4) && e.public.length === 32;
}
async function C(e, t, n) {
	let r = await crypto.subtle.importKey("raw", e, { name: "Ed25519" }, !1, ["verify"]);
	return crypto.subtle.verify({ name: "Ed25519" }, r, t, n);
}
async function w(e, t) {
	let n = e.signatures.find((e) => e.name === t.name && f(e.id) === f(t.id));
	if (!n) return;
	if (t.type === 1) return { good: await C(t.public, n.bytes, h(e.text)) };
	if (n.bytes.length !== 72) return { good: !1 };
	let r = new DataView(n.bytes.buffer, n.bytes.byteOffset, 8).getBigUint64(0), i = h(`cosignature/v1\ntime ${r}\n${e.text}`);
	return {
		good: await C(t.public, n.bytes.slice(8), i),
		time: /* @__PURE__ */ new Date(Number(r) * 1e3)
	};
}
// src/cose.ts
var T = class {
	bytes;
	at = 0;
	depth = 0;
	constructor(e) {
		this.bytes = e;
	}
	done() {
		return this.at === this.bytes.length;
	}
	byte() {
		let e = this.bytes[this.at++];
		if (e === void 0) throw Error("the statement ends too early");
		return e;
	}
	argument(e) {
		if (e < 24) return e;
		let t = {
			24: 1,
			25: 2,
			26: 4,
			27: 8
		}[e];
		if (!t) throw Error("the statement has a length that is not definite");
		let n = 0;
		for (let e = 0; e < t; e++) n = n * 256 + this.byte();
		if (!Number.isSafeInteger(n)) throw Error("a number in the statement is too large");
		return n;
	}
	tag() {
		let e = this.byte();
		if (e >> 5 != 6) throw Error("the statement is not a tagged COSE_Sign1");
		return this.argument(e & 31);
	}
	item() {
		if (++this.depth > 16) throw Error("the statement is nested too deeply");
		let e = this.byte(), t = this.value(e >> 5, e & 31);
		return this.depth--, t;
	}
	value(e, t) {
		if (e === 7) {
			let e = {
				20: !1,
				21: !0,
				22: null
			}[t];
			if (e === void 0) throw Error("the statement holds what is not read here");
			return e;
		}
		let n = this.argument(t);
		switch (e) {
			case 0: return n;
			case 1: return -1 - n;
			case 2: return this.take(n);
			case 3: return new TextDecoder("utf-8", { fatal: !0 }).decode(this.take(n));
			case 4: return this.many(n);
			case 5: {
				let e = this.many(n * 2), t = /* @__PURE__ */ new Map();
				for (let n = 0; n < e.length; n += 2) t.set(e[n], e[n + 1]);
				return t;
			}
			default: throw Error("the statement holds what is not read here");
		}
	}
	many(e) {
		if (e > this.bytes.length) throw Error("the statement ends too early");
		return Array.from({ length: e }, () => this.item());
	}
	take(e) {
		if (this.at + e > this.bytes.length) throw Error("the statement ends too early");
		return this.bytes.slice(this.at, this.at += e);
	}
};
function E(e) {
	let t = e.length, n = t < 24 ? [64 | t] : t < 256 ? [88, t] : [
		89,
		t >> 8,
		t & 255
	];
	if (t > 65535) throw Error("the statement is longer than a log takes");
	return g(new Uint8Array(n), e);
}
function D(e) {
	let t = new T(e);
	if (t.tag() !== 18) throw Error("the statement is not a tagged COSE_Sign1");
	let n = t.item();
	if (!Array.isArray(n) || n.length !== 4 || !t.done()) throw Error("the statement is damaged");
	let [r, , i, a] = n;
	if (!(r instanceof Uint8Array && i instanceof Uint8Array && a instanceof Uint8Array)) throw Error("the statement has no payload in it");
	let o = new T(r).item();
	if (!(o instanceof Map)) throw Error("the header of the statement is damaged");
	let s = o.get(15), c = (e) => s instanceof Map ? s.get(e) : void 0, [l, u] = [c(1), c(2)], d = o.get(4), f = g(new Uint8Array([132, 106]), h("Signature1"), E(r), E(/* @__PURE__ */ new Uint8Array()), E(i));
	return {
		algorithm: Number(o.get(1)),
		keyId: d instanceof Uint8Array ? d : /* @__PURE__ */ new Uint8Array(),
		payload: i,
		signature: a,
		message: f,
		...typeof l == "string" ? { issuer: l } : {},
		...typeof u == "string" ? { subject: u } : {}
	};
}
function O(e) {
	return e.algorithm === -8 || e.algorithm === -19;
}
function k(e, t) {
	return C(t, e.signature, e.message);
}
// src/tree.ts
function A(e) {
	return v(g(new Uint8Array([0]), e));
}
function j(e, t) {
	return v(g(new Uint8Array([1]), e, t));
}
async function M(e, t, n, r) {
	if (!Number.isSafeInteger(t) || !Number.isSafeInteger(n) || t < 0 || t >= n) throw Error("the index is not below the size of the tree");
	let i = BigInt(t), a = BigInt(n) - 1n, o = e;
	for (let e of r) {
		if (a === 0n) throw Error("the path is longer than the tree is high");
		if (i % 2n == 1n || i === a) for (o = await j(e, o); i % 2n == 0n && i !== 0n;) i >>= 1n, a >>= 1n;
		else o = await j(o, e);
		i >>= 1n, a >>= 1n;
	}
	if (a !== 0n) throw Error("the path is shorter than the tree is high");
	return o;
}
// src/trust.ts
var N = class e {
	logs = [];
	witnesses = [];
	bare = [];
	issuers = [];
	quorum;
	unknown = [];
	bad = [];
	names = /* @__PURE__ */ new Map();
	inGroup = /* @__PURE__ */ new Set();
	static async parse(t) {
		let n = new e();
		return await n.file(t), n;
	}
	async file(e) {
		let t = "", n;
		for (let r of e.split("\n").map((e) => e.trim())) {
			let e = /^([a-z_]+)\s*=\s*(.*)$/.exec(r);
			if (n !== void 0) L(r) ? n = void 0 : n === "policy" && await this.line(r);
			else if (e) {
				let [, i = "", a = ""] = e;
				if (L(a)) n = i;
				else if (i === "policy") for (let e of R(a).split("\n")) await this.line(e);
				else i === "id" ? t = R(a) : i === "key" ? this.issuer(t, R(a), r) : (i === "from" || i === "until") && this.range(i, a);
			} else !r.startsWith("[") && !r.startsWith("]") && await this.line(r);
		}
	}
	range(e, t) {
		let n = this.issuers.at(-1);
		n && (n[e] = Number(t));
	}
	issuer(e, t, n) {
		let r = /^(ed25519|es256|ml-dsa-44):([A-Za-z0-9+/]+=*)$/.exec(t);
		r ? this.issuers.push({
			owner: e,
			algorithm: r[1] ?? "",
			public: m(r[2] ?? ""),
			from: 0,
			until: Infinity
		}) : this.unknown.push(n);
	}
	async line(e) {
		let t = e.split(/[ \t]+/).filter(Boolean), [n = "", r = "", i = ""] = t;
		if (!(n === "" || n.startsWith("#"))) {
			if ([
				"log",
				"witness",
				"group",
				"quorum"
			].includes(n)) await this.policy(n, t.slice(1)) || this.bad.push(e);
			else if (t.length === 1 && /^[^+]+\+[0-9a-f]{8}\+/.test(n)) {
				let t = await I(n);
				t ? this.bare.push(t) : this.bad.push(e);
			} else t.length === 2 && /^[a-z0-9-]+:/.test(r) ? this.issuer(n, r, e) : n === "issuer" && t.length === 3 ? this.issuer(r, i, e) : this.unknown.push(e);
		}
	}
	async policy(e, t) {
		let [n = "", r = ""] = t;
		if (e === "quorum") return t.length === 1 && this.setQuorum(n);
		if (e === "group") return this.group(n, r, t.slice(2));
		let i = await I(e === "log" ? n : r);
		return !i || t.length > (e === "log" ? 2 : 3) || (e === "log" ? this.logs : this.witnesses).some((e) => _(e.public, i.public)) ? !1 : e === "log" ? i.type !== 4 && this.logs.push(i) > 0 : i.type !== 1 && this.define(n, { witness: i }) && this.witnesses.push(i) > 0;
	}
	group(e, t, n) {
		let r = [];
		for (let e of n) {
			let t = this.names.get(e);
			if (!t || this.inGroup.has(e)) return !1;
			this.inGroup.add(e), r.push(t);
		}
		let i = /^[1-9]\d{0,3}$/.test(t) ? Number(t) : 0, a = t === "any" ? 1 : t === "all" ? r.length : i;
		return a >= 1 && a <= r.length && this.define(e, {
			needed: a,
			members: r
		});
	}
	setQuorum(e) {
		let t = e === "none" ? {
			needed: 0,
			members: []
		} : this.names.get(e);
		return !t || this.quorum ? !1 : (this.quorum = t, !0);
	}
	define(e, t) {
		return e === "none" || this.names.has(e) ? !1 : (this.names.set(e, t), !0);
	}
};
function P(e, t) {
	if ("witness" in e) return t(e.witness);
	let n = e.members.map((e) => P(e, t));
	return n.filter((e) => e === !0).length >= e.needed || n.filter((e) => e !== !1).length >= e.needed && void 0;
}
async function F(e) {
	return f(await v(g(new Uint8Array([
		163,
		1,
		1,
		32,
		6,
		33,
		88,
		32
	]), e)));
}
async function I(e) {
	try {
		return await x(e);
	} catch {
		return;
	}
}
function L(e) {
	return e.split("\"\"\"").length % 2 == 0;
}
function R(e) {
	if (e.startsWith("'")) return e.slice(1, e.lastIndexOf("'"));
	try {
		return String(JSON.parse(e));
	} catch {
		return "";
	}
}
// src/verify.ts
var z = 1 << 20, B = 210;
function V(e) {
	if (e.startsWith("{")) {
		let t = JSON.parse(e);
		if (!Array.isArray(t.path) || t.path.length > 64) throw Error("the proof has no path");
		return {
			index: t.index,
			size: t.size,
			root: p(t.root),
			path: t.path.map(p),
			entry: t.entry === null ? p(t.entry_hex ?? "") : h(t.entry)
		};
	}
	let t = e.indexOf("\n\n"), n = e.slice(0, t).split("\n");
	if (t < 0 || n.shift() !== "c2sp.org/tlog-proof@v1") throw Error("this is not a proof: its first line is not c2sp.org/tlog-proof@v1");
	n[0]?.startsWith("extra ") && n.shift();
	let r = /^index (0|[1-9]\d{0,15})$/.exec(n.shift() ?? "");
	if (!r || n.length > 64) throw Error("the proof is damaged before its checkpoint");
	let i = e.slice(t + 2), { size: a, root: o } = b(y(i).text);
	return {
		index: Number(r[1]),
		path: n.map(m),
		size: a,
		root: o,
		checkpoint: i
	};
}
async function H(e, t, n, r, i) {
	let a = await A(t), o = [{
		words: i.leaf ?? "",
		good: !0,
		detail: f(a)
	}], s = await M(a, e.index, e.size, e.path);
	o.push({
		words: i.inclusion ?? "",
		good: _(s, e.root),
		detail: `${e.index} / ${e.size}, ${f(e.root)}`
	});
	let c = r.toLowerCase() === f(e.root);
	r && o.push({
		words: i.root ?? "",
		good: c,
		detail: r
	});
	let l = await U(e.checkpoint, n, i);
	return o.push(...l.steps), t[0] === B && o.push(await W(D(t), e.index, n, i)), o.push(...n.bad.map((e) => ({
		words: i.badLine ?? "",
		good: !1,
		detail: e
	}))), o.push(...n.unknown.map((e) => ({
		words: i.unknownLine ?? "",
		detail: e
	}))), {
		steps: o,
		vouched: l.vouched || c
	};
}
async function U(e, t, n) {
	let r = [], i = /* @__PURE__ */ new Map(), a = !1;
	if (e) {
		let o = y(e), { origin: s } = b(o.text);
		for (let e of o.signatures) {
			let c = e.name === s, l = [...c ? t.logs : t.witnesses, ...t.bare].find((t) => t.name === e.name && _(t.id, e.id)), u = l && S(l) ? await w(o, l) : void 0;
			l && !c && i.set(f(l.public), u?.good), l && c && l.type !== 4 && u?.good && (a = !0);
			let d = u?.time ? `, ${u.time.toISOString().slice(0, 19)}Z` : "", p = u ? "" : `, ${(l ? n.unsupported : n.unchecked) ?? ""}`;
			r.push({
				words: (c ? n.log : n.witness) ?? "",
				detail: e.name + d + p,
				good: u?.good
			});
		}
		let c = t.logs.filter((e) => !o.signatures.some((t) => t.name === e.name && _(t.id, e.id))), l = c.length === t.logs.length ? c : c.filter((e) => e.name === s);
		r.push(...l.map((e) => ({
			words: n.log ?? "",
			good: !1,
			detail: `${e.name}, ${n.missing ?? ""}`
		})));
	}
	if (t.quorum) {
		let e = P(t.quorum, (e) => i.has(f(e.public)) ? i.get(f(e.public)) : !1), a = (e === void 0 ? n.unsupported : e ? n.reached : n.notReached) ?? "";
		r.push({
			words: n.quorum ?? "",
			good: e,
			detail: a
		});
	}
	return {
		steps: r,
		vouched: a
	};
}
async function W(e, t, n, r) {
	let i = `${e.issuer ?? ""} · ${e.subject ?? ""}`, a = (e, t) => ({
		words: r.issuer ?? "",
		detail: e ? `${i}, ${e}` : i,
		good: t
	});
	if (n.issuers.length === 0) return a(r.unchecked ?? "");
	if (!O(e)) return a(r.unsupported ?? "");
	let o = n.issuers.filter((e) => e.algorithm === "ed25519"), s = await Promise.all(o.map((e) => F(e.public))), c = o.filter((t, n) => s[n] === f(e.keyId)), l = c.filter((t) => t.owner === e.issuer), [u] = c;
	if (!u) return a(r.unknownKey ?? "");
	if (l.length === 0) return a((r.otherOwner ?? "").replace("{who}", u.owner), !1);
	let d = l.find((e) => e.from <= t && t <= e.until);
	return d ? a("", await k(e, d.public)) : a(r.notThen ?? "", !1);
}
async function G(e) {
	if (e && e.size !== 0) {
		if (e.size > z) throw Error(`${e.name}: ${e.size} > ${z}`);
		return new Uint8Array(await e.arrayBuffer());
	}
}
function K(e, t) {
	try {
		return V(new TextDecoder("utf-8", { fatal: !0 }).decode(e));
	} catch (e) {
		let n = e instanceof Error && e.constructor === Error ? ` (${e.message})` : "";
		throw Error((t.notProof ?? "") + n);
	}
}
function q(e, t, n) {
	let r = document.createElement(e);
	return r.className = t, r.textContent = n, r;
}
function J(e, t) {
	let n = e[0] === B ? D(e) : void 0, r = new TextDecoder().decode(n?.payload ?? e), i = document.createElement("dl"), a = (e, t) => i.append(q("dt", "", e ?? ""), t);
	try {
		let e = JSON.parse(r), i = e.date ?? {};
		a(t.kind, q("dd", "", `${e.kind ?? ""}`)), a(t.about, q("dd", "", `${n?.subject ?? e.about ?? t.world ?? ""}`)), a(t.date, q("dd", "", [i.date, i.known_by].filter(Boolean).join(" / ")));
		let o = document.createElement("dd");
		o.append(q("pre", "", JSON.stringify(e.says, null, 2))), a(t.what, o), e.note && a(t.note, q("dd", "", `${e.note}`));
	} catch {
		a(t.what, q("dd", "mono", n?.payload.length === 32 ? `SHA-256 ${f(n.payload)}` : r));
	}
	return [q("h2", "", t.said ?? ""), i];
}
function Y({ steps: e, vouched: t }, n) {
	return e.some((e) => e.good === !1) ? q("p", "bad", n.bad ?? "") : t ? q("p", "good", n.good ?? "") : q("p", "neutral", n.unsigned ?? "");
}
function X(e) {
	let t = document.querySelector("[data-verify-result]");
	if (!t) return;
	let n = JSON.parse(t.dataset.words ?? "{}"), r = (t) => e.elements.namedItem(t);
	e.addEventListener("submit", async (e) => {
		e.preventDefault();
		try {
			let e = await G(r("proof").files?.[0] ?? null), i = e && K(e, n), a = await G(r("entry").files?.[0] ?? null) ?? i?.entry;
			if (!i || !a) {
				t.replaceChildren(q("p", "bad", n.files ?? ""));
				return;
			}
			let o = await H(i, a, await N.parse(r("trust").value), r("root").value.trim(), n), s = document.createElement("ul");
			for (let e of o.steps) {
				let t = e.good === void 0 ? "○" : e.good ? "✓" : "✕", n = e.good === void 0 ? "quiet" : e.good ? "good" : "bad";
				s.append(q("li", n, `${t} ${e.words}: ${e.detail}`));
			}
			t.replaceChildren(Y(o, n), s, ...J(a, n), q("p", "quiet", n.assumed ?? ""));
		} catch (e) {
			t.replaceChildren(q("p", "bad", `${n.cannot ?? ""} ${e instanceof Error ? e.message : ""}`));
		}
	}), e.addEventListener("dragover", (e) => e.preventDefault()), e.addEventListener("drop", (e) => {
		e.preventDefault();
		for (let t of e.dataTransfer?.files ?? []) {
			let e = new DataTransfer();
			e.items.add(t), r(/proof|\.json$/.test(t.name) ? "proof" : "entry").files = e.files;
		}
	});
}
// src/words.ts
function Z() {
	try {
		return JSON.parse(document.body.dataset.words ?? "{}");
	} catch {
		return {};
	}
}
// src/main.ts
function Q() {
	let e = Z();
	for (let t of document.querySelectorAll("table[data-sortable]")) r(t, e);
	for (let t of document.querySelectorAll("table[data-filter]")) a(t, e);
	c(e);
	for (let t of document.querySelectorAll("a[data-figure]")) u(t, e);
	for (let n of document.querySelectorAll("form.date-bar")) t(n, e);
	for (let e of document.querySelectorAll("form[data-verify]")) X(e);
	d(), location.protocol.startsWith("http") && $();
}
function $() {
	for (let e of document.querySelectorAll("[data-address]")) {
		let t = e.textContent ?? "";
		t.startsWith("/") && (e.textContent = location.origin + t);
	}
	for (let e of document.querySelectorAll("[data-embed]")) e.textContent = (e.textContent ?? "").replaceAll(/ (href|src)="\//g, ` $1="${location.origin}/`);
}
Q();
