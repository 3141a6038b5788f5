// The pages in a browser, on the real program: `cargo xtask browser` builds it and runs this.
//
// SURETY is the program, CHROMIUM the browser. SCREENSHOTS names a folder to put pictures of every page in.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const program = process.env.SURETY ?? "../target/release/surety";
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

const PAGES = [
  "/", "/map/legal", "/map/index", "/states", "/state/JPN", "/state/USA", "/state/EUR-ATOM", "/state/JPN/L3",
  "/treaties", "/treaty/ICSANT", "/treaty/CPPNM-A", "/treaty/INFCIRC-869", "/pair?a=JPN&b=KEN&text=CPPNM", "/materials",
  "/commitments", "/reviews", "/reports", "/requirements", "/requirement/CPPNM-2A-1a", "/index", "/index?peers=JPN,KEN&w-legal=2", "/log",
  "/verify", "/compare?states=JPN&states=KEN", "/search?q=kazakstan", "/method", "/method/L3", "/data", "/sources", "/about",
  "/correct/JPN%2FL3", "/statement/T0001", "/?as_of=1987-06-30", "/nowhere",
];

let browser;
let base;
let profile;
const running = [];

/** Starts the program and waits for the address that it prints. */
async function start(args, env = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  running.push(child);
  for await (const chunk of child.stdout) {
    const found = /http:\/\/[\d.:]+\d/.exec(`${chunk}`);
    if (found) return { child, address: found[0] };
  }
  throw new Error(`${program} ${args.join(" ")} printed no address`);
}

/** Stops a process, and waits until it has ended. */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

before(async () => {
  base = (await start(["serve", "--listen", "127.0.0.1:0", "--as-of", "2026-01-01"])).address;
  profile = await mkdtemp(join(tmpdir(), "surety-browser-"));
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}, { timeout: 120_000 });

after(async () => {
  await browser?.close();
  await Promise.all(running.map(stop));
  if (profile) await rm(profile, { recursive: true, force: true });
});

/** A page that fails the test when the console or the network complains. */
async function open(path, options = {}, at = base) {
  const context = await browser.newContext({ viewport: DESK, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints = [];
  const expected = path === "/nowhere";
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !(expected && message.text().includes("404"))) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(at) && !/^(data|blob):/.test(request.url())) complaints.push(`asks elsewhere: ${request.url()}`);
  });
  // A program that is built for tests may need longer for an answer than it gives itself: the answer is there later.
  while ((await status(at + path)) === 503) await sleep(500);
  await page.goto(at + path);
  return { page, context, complaints };
}

/** How many bytes an answer has as it goes over the wire: fetch would unpack it. */
function packedLength(url) {
  return new Promise((resolve, reject) => {
    get(url, { headers: { "Accept-Encoding": "gzip" } }, async (reply) => {
      let length = 0;
      for await (const chunk of reply) length += chunk.length;
      resolve(length);
    }).on("error", reject);
  });
}

/** A port that nobody listens on at the moment. */
async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The status of an answer, packed as the browser has it. */
async function status(address) {
  const reply = await fetch(address, { headers: { "accept-encoding": "br" } });
  await reply.arrayBuffer();
  return reply.status;
}

/** What axe finds against WCAG and its own rules. */
async function violations(page) {
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

/** What the page that verifies says of a proof, an entry and whom one trusts. */
async function verified(page, proof, entry, trust) {
  await page.setInputFiles("input[name=proof]", { name: "a.tlog-proof", mimeType: "text/plain", buffer: Buffer.from(proof) });
  await page.setInputFiles("input[name=entry]", { name: "a.cose", mimeType: "application/cose", buffer: Buffer.from(entry) });
  await page.fill("textarea[name=trust]", trust);
  await page.click(".verify button");
  await page.waitForFunction(() => document.querySelector("[data-verify-result]").textContent !== "");
  const result = page.locator("[data-verify-result]");
  const [verdict, told] = [await result.locator("p").first().getAttribute("class"), await result.innerText()];
  await page.evaluate(() => document.querySelector("[data-verify-result]").replaceChildren());
  return { verdict, told };
}

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };

async function picture(page, path, colorScheme) {
  if (!process.env.SCREENSHOTS) return;
  const name = `${path.replaceAll(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "") || "world"}-${colorScheme}`;
  for (const [kind, size] of [["phone", PHONE], ["desktop", DESK]]) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-${kind}.png`), fullPage: process.env.WHOLE === "1" });
  }
}

describe("every page", () => {
  for (const path of PAGES) {
    test(path, async () => {
      const { page, context, complaints } = await open(path, { colorScheme: "light" });
      assert.ok(await page.locator("h1").innerText());
      await page.evaluate(axe);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        assert.deepEqual(await violations(page), [], colorScheme);
        await picture(page, path, colorScheme);
      }
      await page.setViewportSize(PHONE);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(sideways, 0, "sideways scroll on a phone");
      assert.deepEqual(complaints, []);
      await context.close();
    });
  }
});

describe("on a phone", () => {
  test("the menu opens without scripts, and nothing in it is wrong", async () => {
    const { page, context } = await open("/states", { viewport: PHONE, javaScriptEnabled: false });
    assert.equal(await page.locator("nav .places a").first().isVisible(), false);
    await page.click(".menu summary");
    await page.click('nav .places a[href="/treaties"]');
    await page.waitForURL(/\/treaties$/);
    await context.close();
    const scripted = await open("/treaties", { viewport: PHONE });
    await scripted.page.click(".menu summary");
    await scripted.page.evaluate(axe);
    assert.deepEqual(await violations(scripted.page), []);
    await scripted.context.close();
  });
});

describe("without scripts", () => {
  test("everything can be read, chosen and asked", async () => {
    const { page, context } = await open("/", { javaScriptEnabled: false });
    assert.equal(await page.locator("table.data tbody tr[data-state]").count() > 180, true);
    await page.fill("input[name=q]", "Kenia");
    await page.click(".search button");
    assert.match(await page.locator(".hits").innerText(), /Kenya/);
    await page.goto(`${base}/?as_of=1990-01-01`);
    assert.match(await page.locator("h1").innerText(), /1990-01-01/);
    assert.equal(await page.locator("table.data thead button").count(), 0, "controls that do nothing");
    await context.close();
  });
});

describe("with scripts", () => {
  test("tables sort and filter", async () => {
    const { page, context } = await open("/states");
    const first = () => page.locator("table.data tbody tr:visible th").first().innerText();
    const before = await first();
    await page.click("thead th:nth-child(1) button");
    await page.click("thead th:nth-child(1) button");
    assert.notEqual(await first(), before);
    assert.equal(await page.locator("thead th").first().getAttribute("aria-sort"), "descending");
    await page.fill(".filter input", "cote d");
    assert.match(await first(), /Côte d/);
    assert.equal(await page.locator("table.data tbody tr:visible").count(), 1);
    await context.close();
  });

  test("the slider opens the page of its year", async () => {
    const { page, context } = await open("/treaty/ICSANT");
    const slider = page.locator(".date-bar input[type=range]");
    await slider.evaluate((range) => {
      range.value = "2010";
      range.dispatchEvent(new Event("input", { bubbles: true }));
      range.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await page.waitForURL(/as_of=2010-12-31/);
    assert.equal(await page.inputValue(".date-bar input[type=date]"), "2010-12-31");
    await context.close();
  });

  test("the map and its table point at each other", async () => {
    const { page, context } = await open("/map/L3");
    await page.hover('tr[data-state="BRA"]');
    assert.match(await page.locator('svg [data-state="BRA"]').getAttribute("class") ?? "", /lit/);
    await page.mouse.move(0, 0);
    await page.locator('svg [data-state="BRA"]').dispatchEvent("pointerenter");
    assert.match(await page.locator('tr[data-state="BRA"]').getAttribute("class") ?? "", /lit/);
    await context.close();
  });

  test("search forgives errors of typing", async () => {
    const { page, context } = await open("/search?q=kazakstan");
    assert.match(await page.locator(".hits li").first().innerText(), /Kazakhstan/);
    await context.close();
  });

  test("tables and figures download", async () => {
    const { page, context } = await open("/treaty/ICSANT");
    const take = async (locator) => {
      const [file] = await Promise.all([page.waitForEvent("download"), locator.click()]);
      return readFile(await file.path());
    };
    assert.match(`${await take(page.locator('a[href$="treaties/ICSANT.csv"]'))}`, /^state,name,action/);
    assert.match(`${await take(page.locator("a[data-figure]").first())}`, /^<\?xml/);
    const picture = await take(page.getByRole("button", { name: "PNG" }).first());
    assert.deepEqual([...picture.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
    await page.fill(".filter input >> nth=0", "Japan");
    const shown = `${await take(page.getByRole("button", { name: "CSV as shown" }).first())}`;
    assert.equal(shown.trim().split("\n").length, 2, shown);
    await context.close();
  });

  test("a good proof holds, and a tampered one does not", async () => {
    const { page, context, complaints } = await open("/verify");
    const proof = await (await fetch(`${base}/api/v1/statements/T0001/proof`)).json();
    const check = async (text, root) => {
      const file = join(profile, "proof.json");
      await writeFile(file, text);
      await page.setInputFiles("input[name=proof]", file);
      await page.fill("input[name=root]", root);
      await page.click(".verify button");
      await page.waitForFunction(() => document.querySelector("[data-verify-result]").textContent !== "");
      const result = await page.locator("[data-verify-result] p").first().getAttribute("class");
      await page.evaluate(() => document.querySelector("[data-verify-result]").replaceChildren());
      return result;
    };
    assert.equal(await check(JSON.stringify(proof), proof.root), "good");
    assert.equal(await check(JSON.stringify({ ...proof, entry: proof.entry.replace("T0001", "T0002") }), proof.root), "bad");
    assert.equal(await check(JSON.stringify(proof), "0".repeat(64)), "bad");
    assert.equal(await check(JSON.stringify({ ...proof, index: proof.index + 1 }), proof.root), "bad");
    assert.equal(await check("{ not a proof", proof.root), "bad");
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test("a forgery that nobody vouches for is never green", async () => {
    const { page, context, complaints } = await open("/verify");
    const entry = Buffer.from(JSON.stringify({ kind: "review", about: "XAA", date: { date: "2020" }, says: { text: "made up" } }));
    const root = createHash("sha256").update(Buffer.concat([Buffer.from([0]), entry])).digest("base64");
    const proof = `c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example/fake\n1\n${root}\n\n— log.example/fake ${Buffer.alloc(68).toString("base64")}\n`;
    const forged = await verified(page, proof, entry, "");
    assert.equal(forged.verdict, "neutral", forged.told);
    assert.match(forged.told, /No signature was checked/);
    assert.match(forged.told, /Kind\s+review\s+About\s+XAA\s+Date\s+2020[^]*made up/, "what it says");
    // A line that means nothing must not pass in silence.
    const odd = await verified(page, proof, entry, "qourum w1\n");
    assert.match(odd.told, /○ A line of whom you trust was not understood: qourum w1/);
    const swapped = await verified(page, Buffer.from([0xd2, 0x84, 0x58, 0xff]), proof, "");
    assert.match(swapped.told, /This is not a proof file/);
    assert.doesNotMatch(swapped.told, /TextDecoder/);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test("the keyboard reaches the content first", async () => {
    const { page, context } = await open("/");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await context.close();
  });
});

describe("a log with a witness", { timeout: 240_000 }, () => {
  let log;
  let at;
  let trust;
  const secret = { SURETY_PASSPHRASE: "only for the tests in a browser" };
  // What the program remembers of logs is not for the machine of whoever runs this.
  const memory = () => ({ XDG_CACHE_HOME: profile, XDG_STATE_HOME: profile });
  const surety = async (...args) => (await promisify(execFile)(program, args, { env: { ...process.env, ...secret, ...memory() } })).stdout;

  before(async () => {
    log = join(profile, "log");
    const home = join(profile, "witness");
    const told = await surety("witness", "init", home, "--name", "witness.example/w1", "--unencrypted");
    const key = /witness\.example\/w1\+[0-9a-f]{8}\+B\S+/.exec(told)[0];
    const port = await freePort();
    const policy = join(profile, "policy");
    await writeFile(policy, `witness w1 ${key} http://127.0.0.1:${port}\nquorum w1\n`);
    await surety("log", "init", log, "--origin", "log.example/browser", "--policy", policy, "--without-dataset");
    const logKey = (await readFile(join(log, "log.vkey"), "utf8")).trim();
    await writeFile(join(home, "logs"), `${logKey}\n`);
    await start(["witness", "serve", home, "--listen", `127.0.0.1:${port}`], { ...secret, ...memory() });
    // The log asks its witness for what was published before the witness was there.
    const served = await start(["log", "serve", log, "--listen", "127.0.0.1:0"], { ...secret, ...memory() });
    for (;;) {
      const checkpoint = await (await fetch(`${served.address}/checkpoint`)).text();
      if (checkpoint.includes("— witness.example/w1 ")) break;
      await sleep(300);
    }
    await stop(served.child);
    at = (await start(["serve", "--log", log, "--listen", "127.0.0.1:0"], memory())).address;
    trust = `log ${logKey}\nwitness w1 ${key} http://127.0.0.1:${port}\nquorum w1\n`;
  });

  test("the page of the log tells entries, checkpoint and cosignatures, and is in order", async () => {
    const { page, context, complaints } = await open("/log", {}, at);
    assert.match(await page.locator("pre").first().innerText(), /^log\.example\/browser\n\d+\n/);
    const signers = page.getByRole("group", { name: "Signatures under the checkpoint" });
    assert.match(await signers.innerText(), /witness\.example\/w1\s+A witness\s+[0-9a-f]{8}\s+20\d\d-/);
    await page.evaluate(axe);
    assert.deepEqual(await violations(page), []);
    await picture(page, "log-with-witness", "light");
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test("a real proof holds with the keys, and nothing that was tampered with does", async () => {
    const { page, context, complaints } = await open("/log", {}, at);
    const take = async (name) => {
      const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).first().click()]);
      return readFile(await file.path());
    };
    const proof = await take(/tlog-proof/);
    const entry = await take(/\.cose/);
    assert.match(`${proof}`, /^c2sp\.org\/tlog-proof@v1\nindex \d+\n/);
    await page.goto(`${at}/verify`);
    const check = (proofBytes, entryBytes, keys) => verified(page, proofBytes, entryBytes, keys);
    const good = await check(proof, entry, trust);
    assert.equal(good.verdict, "good", good.told);
    assert.match(good.told, /✓ Signature of the log: log\.example\/browser/);
    assert.match(good.told, /✓ Cosignature: witness\.example\/w1, 20\d\d-/);
    await picture(page, "verified", "light");
    const flipped = Buffer.from(entry);
    flipped[flipped.length - 1] ^= 1;
    // The signature of this name, with its last bit turned.
    const forged = (name) => (text) => text.replace(new RegExp(`^(— ${name} )(.*)$`, "m"), (_, start, base64) => {
      const bytes = Buffer.from(base64, "base64");
      bytes[bytes.length - 1] ^= 1;
      return start + bytes.toString("base64");
    });
    const index = (text) => text.replace(/^index (\d+)$/m, (_, number) => `index ${number === "0" ? 1 : Number(number) - 1}`);
    for (const [name, change] of [["entry", undefined], ["log", forged("log.example/browser")], ["witness", forged("witness.example/w1")], ["index", index]]) {
      const bad = await check(change ? change(`${proof}`) : proof, change ? entry : flipped, trust);
      assert.equal(bad.verdict, "bad", `${name}: ${bad.told}`);
    }
    // Who asks for a witness is not content without it.
    const alone = `${proof}`.replace(/^— witness\.example\/w1 .*\n/m, "");
    const inGroup = trust.replace("quorum w1", "group g any w1\nquorum g");
    for (const keys of [trust, inGroup]) {
      assert.match((await check(proof, entry, keys)).told, /✓ Quorum of witnesses: reached/);
      const lonely = await check(alone, entry, keys);
      assert.equal(lonely.verdict, "bad", lonely.told);
      assert.match(lonely.told, /✕ Quorum of witnesses: not reached/);
    }
    const broken = await check(proof, entry, trust.replace("quorum w1", "group g 2 w1\nquorum g"));
    assert.equal(broken.verdict, "bad", broken.told);
    // Whose key it is matters as much as the key.
    const file = await readFile(join(log, "trust.toml"), "utf8");
    const known = await check(proof, entry, file);
    assert.equal(known.verdict, "good", known.told);
    assert.match(known.told, /✓ Signature of the issuer/);
    const other = await check(proof, entry, file.replaceAll(/^id = "/gm, 'id = "x-'));
    assert.equal(other.verdict, "bad", other.told);
    assert.match(other.told, /✕ Signature of the issuer: .*the key of another issuer: x-/);
    // An issuer who was admitted after the trust file was written.
    const later = await check(proof, entry, `${trust}somebody ed25519:${Buffer.alloc(32, 9).toString("base64")}\n`);
    assert.equal(later.verdict, "good", later.told);
    assert.match(later.told, /○ Signature of the issuer: .*the trust file does not know this key/);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});

describe("the first page", () => {
  test("is small and asks for little", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(base);
    assert.ok(asked.length <= 5, asked.join("\n"));
    let bytes = 0;
    for (const url of asked.filter((url) => url.startsWith(base))) {
      bytes += await packedLength(url);
    }
    assert.ok(bytes < 60_000, `${bytes} bytes`);
    console.log(`first page: ${bytes} bytes gzip in ${asked.length} requests`);
    await context.close();
  });
});

test("bad input gets the right status", async () => {
  const expected = { "/state/ZZZ": 404, "/state/XKX": 404, "/?as_of=2016-02-30": 400, "/?as_of=yesterday": 400, "/index?w-legal=-1": 400, "/index?w-legal=many": 400, "/%2e%2e/etc/passwd": 404, "/assets/../Cargo.toml": 404, "/api/v1/states/ZZZ": 404, "/search?q=%ff": 400, "/api/v1/index?weights=nonsense": 400 };
  for (const [path, code] of Object.entries(expected)) assert.equal(await status(base + path), code, path);
});
