// The pages in a browser, on the real program: `cargo xtask browser` builds it and runs this.
//
// SURETY is the program, CHROMIUM the browser. SCREENSHOTS names a folder to put pictures of every page in.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

let server;
let browser;
let base;
let profile;

/** Starts the program and waits for the address that it prints. */
async function start() {
  server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--as-of", "2026-01-01"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of server.stdout) {
    const found = /http:\/\/[\d.:]+\d/.exec(`${chunk}`);
    if (found) return found[0];
  }
  throw new Error("the program printed no address");
}

before(async () => {
  base = await start();
  profile = await mkdtemp(join(tmpdir(), "surety-browser-"));
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}, { timeout: 60_000 });

after(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
  if (profile) await rm(profile, { recursive: true, force: true });
});

/** A page that fails the test when the console or the network complains. */
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints = [];
  const expected = path === "/nowhere";
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !(expected && message.text().includes("404"))) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) complaints.push(`asks elsewhere: ${request.url()}`);
  });
  const reply = await page.goto(base + path);
  return { page, context, complaints, reply };
}

const known = async (path) => {
  const reply = await fetch(base + path);
  await reply.arrayBuffer();
  return reply.status;
};

describe("every page", () => {
  for (const path of PAGES) {
    test(path, async () => {
      for (const colorScheme of ["light", "dark"]) {
        const { page, context, complaints } = await open(path, { colorScheme });
        assert.ok(await page.locator("h1").innerText());
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
        assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`), [], colorScheme);
        await page.setViewportSize({ width: 390, height: 844 });
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(sideways, 0, "sideways scroll on a phone");
        if (process.env.SCREENSHOTS) {
          const name = `${path.replaceAll(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "") || "world"}-${colorScheme}`;
          await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-phone.png`) });
          await page.setViewportSize({ width: 1280, height: 900 });
          await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}-desktop.png`), fullPage: process.env.WHOLE === "1" });
        }
        assert.deepEqual(complaints, []);
        await context.close();
      }
    });
  }
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

  test("the keyboard reaches the content first", async () => {
    const { page, context } = await open("/");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
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
      const { execFileSync } = await import("node:child_process");
      bytes += execFileSync("curl", ["-s", "-H", "Accept-Encoding: gzip", url]).length;
    }
    assert.ok(bytes < 60_000, `${bytes} bytes`);
    console.log(`first page: ${bytes} bytes gzip in ${asked.length} requests`);
    await context.close();
  });
});

test("bad input gets the right status", async () => {
  const expected = { "/state/ZZZ": 404, "/state/XKX": 404, "/?as_of=2016-02-30": 400, "/?as_of=yesterday": 400, "/index?w-legal=-1": 400, "/index?w-legal=many": 400, "/%2e%2e/etc/passwd": 404, "/assets/../Cargo.toml": 404, "/api/v1/states/ZZZ": 404, "/search?q=%ff": 400, "/api/v1/index?weights=nonsense": 400 };
  for (const [path, status] of Object.entries(expected)) assert.equal(await known(path), status, path);
});
