// src/date.ts
function e(e, t) {
	let n = e.querySelector("input[type=\"date\"]"), r = Number(e.dataset.first?.slice(0, 4)), i = Number(e.dataset.last?.slice(0, 4));
	if (!n || !r || !i) return;
	let a = document.createElement("input"), o = document.createElement("output");
	a.type = "range", a.min = `${r}`, a.max = `${i}`, a.value = n.value.slice(0, 4), a.setAttribute("aria-label", t.year ?? ""), o.textContent = n.value.slice(0, 4), n.after(a, o), a.addEventListener("input", () => {
		o.textContent = a.value;
	}), a.addEventListener("change", () => {
		let t = Number(a.value) >= i ? e.dataset.last : `${a.value}-12-31`;
		t && (n.value = t, e.requestSubmit());
	});
}
// src/table.ts
function t(e) {
	let t = e?.dataset.order ?? e?.textContent?.trim() ?? "", n = Number(t.replace(/[\s\u202f]/g, ""));
	return t !== "" && Number.isFinite(n) ? n : t;
}
function n(e, n) {
	let r = [...e.tHead?.rows[0]?.cells ?? []], i = e.tBodies[0];
	i && r.forEach((e, a) => {
		let o = document.createElement("button");
		o.type = "button", o.textContent = e.textContent, o.title = n.sort ?? "", e.replaceChildren(o), o.addEventListener("click", () => {
			let n = e.getAttribute("aria-sort") === "ascending";
			for (let e of r) e.removeAttribute("aria-sort");
			e.setAttribute("aria-sort", n ? "descending" : "ascending");
			let o = document.documentElement.lang, s = [...i.rows].map((e) => [t(e.cells[a]), e]);
			s.sort(([e], [t]) => {
				let r = typeof e == "number" && typeof t == "number" ? e - t : String(e).localeCompare(String(t), o);
				return n ? -r : r;
			}), i.append(...s.map(([, e]) => e));
		});
	});
}
function r(e) {
	return e.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
function i(e, t) {
	let n = e.tBodies[0];
	if (!n) return;
	let i = document.createElement("label"), a = document.createElement("input"), o = document.createElement("output");
	a.type = "search", i.append(e.dataset.filter ?? "", " ", a);
	let s = document.createElement("div");
	s.className = "filter", s.append(i, o), (e.closest(".wide") ?? e).before(s);
	let c = new Map([...n.rows].map((e) => [e, r(e.textContent ?? "")]));
	a.addEventListener("input", () => {
		let e = r(a.value).split(/\s+/).filter(Boolean), n = 0;
		for (let [t, r] of c) t.hidden = !e.every((e) => r.includes(e)), t.hidden || (n += 1);
		o.textContent = e.length > 0 ? (t.shown ?? "").replace("{n}", `${n}`) : "";
	});
}
function a(e) {
	let t = (e.textContent ?? "").replace(/\s+/g, " ").trim();
	return /[",]/.test(t) ? `"${t.replaceAll("\"", "\"\"")}"` : t;
}
function o(e) {
	return [...e.rows].filter((e) => !e.hidden).map((e) => [...e.cells].map(a).join(",")).join("\r\n") + "\r\n";
}
function s(e) {
	for (let t of document.querySelectorAll("p.downloads")) {
		let n = t.parentElement?.querySelector("table.data[data-filter]");
		if (!n || !t.querySelector("a[href*=\".csv\"]")) continue;
		let r = document.createElement("button");
		r.type = "button", r.textContent = e.csvShown ?? "CSV", r.addEventListener("click", () => c(new Blob([o(n)], { type: "text/csv" }), "surety-as-shown.csv")), t.append(r);
	}
}
function c(e, t) {
	let n = document.createElement("a");
	n.href = URL.createObjectURL(e), n.download = t, n.click(), setTimeout(() => URL.revokeObjectURL(n.href), 1e4);
}
function l(e, t) {
	let n = document.createElement("button");
	n.type = "button", n.textContent = t.png ?? "PNG", e.after(n), n.addEventListener("click", async () => {
		let t = new Image();
		t.src = e.href, await t.decode();
		let n = document.createElement("canvas");
		n.width = (t.naturalWidth || 960) * 2, n.height = (t.naturalHeight || 468) * 2;
		let r = n.getContext("2d");
		if (!r) return;
		r.fillStyle = "#ffffff", r.fillRect(0, 0, n.width, n.height), r.drawImage(t, 0, 0, n.width, n.height);
		let i = e.href.replace(/[?#].*$/, "").replace(/^.*figure\//, "").replaceAll("/", "-").replace(/\.svg$/, ".png");
		n.toBlob((e) => e && c(e, i));
	});
}
// src/map.ts
function u() {
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
function d(e) {
	return [...e].map((e) => e.toString(16).padStart(2, "0")).join("");
}
function f(e) {
	if (!/^([0-9a-f]{2})*$/i.test(e)) throw Error(`${e.slice(0, 20)} is not hexadecimal`);
	return Uint8Array.from(e.match(/../g) ?? [], (e) => Number.parseInt(e, 16));
}
function p(e) {
	return Uint8Array.from(atob(e), (e) => e.charCodeAt(0));
}
function m(e) {
	return new Uint8Array(new TextEncoder().encode(e));
}
function h(...e) {
	let t = new Uint8Array(e.reduce((e, t) => e + t.length, 0)), n = 0;
	for (let r of e) t.set(r, n), n += r.length;
	return t;
}
function g(e, t) {
	return e.length === t.length && e.every((e, n) => e === t[n]);
}
async function _(e) {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", e));
}
// src/note.ts
function v(e) {
	let t = e.lastIndexOf("\n\n");
	if (t < 0 || !e.endsWith("\n")) throw Error("the checkpoint has no signatures");
	let n = e.slice(t + 2, -1).split("\n").map((e) => {
		let [t, n, r, ...i] = e.split(" ");
		if (t !== "—" || !n || !r || i.length > 0) throw Error("a signature line of the checkpoint is damaged");
		let a = p(r);
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
function y(e) {
	let [t, n, r] = e.split("\n");
	if (!t || !/^(0|[1-9]\d{0,15})$/.test(n ?? "") || !r) throw Error("the checkpoint is damaged");
	return {
		origin: t,
		size: Number(n),
		root: p(r)
	};
}
async function b(e) {
	let t = e.indexOf("+"), n = e.slice(0, t), [r, i] = [e.slice(t + 1, t + 9), e.slice(t + 10)];
	if (t < 1 || e[t + 9] !== "+") throw Error(`${e.slice(0, 40)} is not NAME+ID+KEY`);
	let a = p(i), o = (await _(h(m(n), new Uint8Array([10]), a))).slice(0, 4);
	if (!g(o, f(r))) throw Error(`the id of the key ${n} does not belong to it`);
	return {
		name: n,
		id: o,
		type: a[0] ?? 0,
		public: a.slice(1)
	};
}
function x(e) {
	return (e.type === 1 || e.type === 4) && e.public.length === 32;
}
async function S(e, t, n) {
	let r = await crypto.subtle.importKey("raw", e, { name: "Ed25519" }, !1, ["verify"]);
	return crypto.subtle.verify({ name: "Ed25519" }, r, t, n);
}
async function C(e, t) {
	let n = e.signatures.find((e) => e.name === t.name && d(e.id) === d(t.id));
	if (!n) return;
	if (t.type === 1) return { good: await S(t.public, n.bytes, m(e.text)) };
	if (n.bytes.length !== 72) return { good: !1 };
	let r = new DataView(n.bytes.buffer, n.bytes.byteOffset, 8).getBigUint64(0), i = m(`cosignature/v1\ntime ${r}\n${e.text}`);
	return {
		good: await S(t.public, n.bytes.slice(8), i),
		time: /* @__PURE__ */ new Date(Number(r) * 1e3)
	};
}
// src/cose.ts
var w = class {
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
function T(e) {
	let t = e.length, n = t < 24 ? [64 | t] : t < 256 ? [88, t] : [
		89,
		t >> 8,
		t & 255
	];
	if (t > 65535) throw Error("the statement is longer than a log takes");
	return h(new Uint8Array(n), e);
}
function E(e) {
	let t = new w(e);
	if (t.tag() !== 18) throw Error("the statement is not a tagged COSE_Sign1");
	let n = t.item();
	if (!Array.isArray(n) || n.length !== 4 || !t.done()) throw Error("the statement is damaged");
	let [r, , i, a] = n;
	if (!(r instanceof Uint8Array && i instanceof Uint8Array && a instanceof Uint8Array)) throw Error("the statement has no payload in it");
	let o = new w(r).item();
	if (!(o instanceof Map)) throw Error("the header of the statement is damaged");
	let s = o.get(15), c = (e) => s instanceof Map ? s.get(e) : void 0, [l, u] = [c(1), c(2)], d = h(new Uint8Array([132, 106]), m("Signature1"), T(r), T(/* @__PURE__ */ new Uint8Array()), T(i));
	return {
		algorithm: Number(o.get(1)),
		payload: i,
		signature: a,
		message: d,
		...typeof l == "string" ? { issuer: l } : {},
		...typeof u == "string" ? { subject: u } : {}
	};
}
async function D(e, t) {
	if (t.algorithm === "ed25519" && (e.algorithm === -8 || e.algorithm === -19)) return S(t.public, e.signature, e.message);
}
// src/tree.ts
function O(e) {
	return _(h(new Uint8Array([0]), e));
}
function k(e, t) {
	return _(h(new Uint8Array([1]), e, t));
}
async function A(e, t, n, r) {
	if (!Number.isSafeInteger(t) || !Number.isSafeInteger(n) || t < 0 || t >= n) throw Error("the index is not below the size of the tree");
	let i = BigInt(t), a = BigInt(n) - 1n, o = e;
	for (let e of r) {
		if (a === 0n) throw Error("the path is longer than the tree is high");
		if (i % 2n == 1n || i === a) for (o = await k(e, o); i % 2n == 0n && i !== 0n;) i >>= 1n, a >>= 1n;
		else o = await k(o, e);
		i >>= 1n, a >>= 1n;
	}
	if (a !== 0n) throw Error("the path is shorter than the tree is high");
	return o;
}
// src/verify.ts
var j = 1 << 20;
function M(e) {
	if (e.startsWith("{")) {
		let t = JSON.parse(e);
		if (!Array.isArray(t.path) || t.path.length > 64) throw Error("the proof has no path");
		return {
			index: t.index,
			size: t.size,
			root: f(t.root),
			path: t.path.map(f),
			entry: t.entry === null ? f(t.entry_hex ?? "") : m(t.entry)
		};
	}
	let t = e.indexOf("\n\n"), n = e.slice(0, t).split("\n");
	if (t < 0 || n.shift() !== "c2sp.org/tlog-proof@v1") throw Error("this is not a proof: its first line is not c2sp.org/tlog-proof@v1");
	n[0]?.startsWith("extra ") && n.shift();
	let r = /^index (0|[1-9]\d{0,15})$/.exec(n.shift() ?? "");
	if (!r || n.length > 64) throw Error("the proof is damaged before its checkpoint");
	let i = e.slice(t + 2), { size: a, root: o } = y(v(i).text);
	return {
		index: Number(r[1]),
		path: n.map(p),
		size: a,
		root: o,
		checkpoint: i
	};
}
async function N(e) {
	let t = [], n = [];
	for (let r of e.split("\n").map((e) => e.trim())) if (!(r === "" || r.startsWith("#"))) for (let e of r.replaceAll("\"", " ").split(/\s+/)) {
		let r = /^(ed25519|es256|ml-dsa-44):([A-Za-z0-9+/]+=*)$/.exec(e);
		r ? n.push({
			algorithm: r[1] ?? "",
			public: p(r[2] ?? "")
		}) : /^\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/.test(e) && t.push(await b(e));
	}
	return {
		keys: t,
		issuers: n
	};
}
async function P(e, t, n, r, i) {
	let { keys: a, issuers: o } = await N(n), s = await O(t), c = [{
		words: i.leaf ?? "",
		good: !0,
		detail: d(s)
	}], l = await A(s, e.index, e.size, e.path);
	if (c.push({
		words: i.inclusion ?? "",
		good: g(l, e.root),
		detail: `${e.index} / ${e.size}, ${d(e.root)}`
	}), r && c.push({
		words: i.root ?? "",
		good: r.toLowerCase() === d(e.root),
		detail: r
	}), e.checkpoint) {
		let t = v(e.checkpoint), n = y(t.text).origin;
		for (let e of t.signatures) {
			let r = (e.name === n ? i.log : i.witness) ?? "", o = a.find((t) => t.name === e.name && d(t.id) === d(e.id)), s = o && x(o) ? await C(t, o) : void 0, l = s?.time ? `, ${s.time.toISOString().slice(0, 19)}Z` : "", u = s ? "" : `, ${i.unchecked ?? ""}`;
			c.push({
				words: r,
				detail: e.name + l + u,
				...s ? { good: s.good } : {}
			});
		}
		for (let e of a.filter((e) => e.name === n)) t.signatures.some((t) => d(t.id) === d(e.id)) || c.push({
			words: i.log ?? "",
			good: !1,
			detail: e.name
		});
	}
	if (t[0] === 210) {
		let e = E(t), n = (await Promise.all(o.map((t) => D(e, t)))).filter((e) => e !== void 0), r = n.length > 0 ? { good: n.includes(!0) } : {}, a = `${e.issuer ?? ""} · ${e.subject ?? ""}`;
		c.push({
			words: i.issuer ?? "",
			detail: n.length > 0 ? a : `${a}, ${i.unchecked ?? ""}`,
			...r
		});
	}
	return c;
}
async function F(e) {
	if (e && e.size !== 0) {
		if (e.size > j) throw Error(`${e.name}: ${e.size} > ${j}`);
		return new Uint8Array(await e.arrayBuffer());
	}
}
function I(e, t, n) {
	let r = document.createElement(e);
	return r.className = t, r.textContent = n, r;
}
function L(e) {
	let t = document.querySelector("[data-verify-result]");
	if (!t) return;
	let n = JSON.parse(t.dataset.words ?? "{}"), r = (t) => e.elements.namedItem(t);
	e.addEventListener("submit", async (e) => {
		e.preventDefault();
		try {
			let e = await F(r("proof").files?.[0] ?? null), i = e && M(new TextDecoder("utf-8", { fatal: !0 }).decode(e)), a = await F(r("entry").files?.[0] ?? null) ?? i?.entry;
			if (!i || !a) {
				t.replaceChildren(I("p", "bad", n.files ?? ""));
				return;
			}
			let o = await P(i, a, r("trust").value, r("root").value.trim(), n), s = document.createElement("ul");
			for (let e of o) {
				let t = e.good === void 0 ? "○" : e.good ? "✓" : "✕", n = e.good === void 0 ? "quiet" : e.good ? "good" : "bad";
				s.append(I("li", n, `${t} ${e.words}: ${e.detail}`));
			}
			let c = o.some((e) => e.good === !1);
			t.replaceChildren(I("p", c ? "bad" : "good", (c ? n.bad : n.good) ?? ""), s, I("p", "quiet", n.assumed ?? ""));
		} catch (e) {
			t.replaceChildren(I("p", "bad", `${n.bad ?? ""} ${e instanceof Error ? e.message : ""}`));
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
function R() {
	try {
		return JSON.parse(document.body.dataset.words ?? "{}");
	} catch {
		return {};
	}
}
// src/main.ts
function z() {
	let t = R();
	for (let e of document.querySelectorAll("table[data-sortable]")) n(e, t);
	for (let e of document.querySelectorAll("table[data-filter]")) i(e, t);
	s(t);
	for (let e of document.querySelectorAll("a[data-figure]")) l(e, t);
	for (let n of document.querySelectorAll("form.date-bar")) e(n, t);
	for (let e of document.querySelectorAll("form[data-verify]")) L(e);
	u();
	for (let e of document.querySelectorAll("[data-address]")) e.textContent?.startsWith("/") && location.protocol.startsWith("http") && (e.textContent = location.origin + e.textContent);
}
z();
