import { expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../lib/core/testing.ts";
import { submit } from "./agents.fixture.ts";
import { openBrowser, picture } from "./browser.fixture.ts";
import { heldModel, studyPlace, until } from "./faults.fixture.ts";
import { steeredView, TOKEN } from "./steered-view.fixture.ts";

setDefaultTimeout(120_000);

const STUDY = (defaults: string) =>
  `[pairs]\nrepo = "demo_task"\nlimit = 2\n[defaults]\n${defaults}[arms.solo]\nsetting = "solo"\n[sandbox]\nunsafe_local = true\n[retries]\nfaults = 0\n[concurrency]\npairs = 1\n`;
const KEY = "s-solo/demo_task/task1/features_1_2";

describeWith("chromium", "Show 1: the live view of a running study", () => {
  test("follows an attempt step by step, and pauses the study", async () => {
    await using model = heldModel({
      moves: () => [...Array.from({ length: 6 }, (_, at) => `echo step ${at + 1}`), submit],
      holds: ({ step }) => step === 4,
    });
    await using here = studyPlace(STUDY(model.defaults));
    const study = here.start(["run"]);
    await until(() => model.waiting().length === 1);
    await using view = await steeredView(here);
    await using browser = await openBrowser();

    await using overview = await browser.open(`${view.address}#token=${TOKEN}`);
    expect(await overview.js("location.hash")).toBe("");
    const section = `document.getElementById("under-way").textContent`;
    await overview.until(`${section}.includes("agent1, step 3: echo step 3")`);
    expect(await overview.js(section)).toContain("0 of 2 done");
    const link = await overview.js(
      `document.querySelector("#under-way tbody a[href^='pairs/']").href`,
    );
    expect(link).toBe(`${view.address}pairs/${KEY}.html`);

    await using attempt = await browser.open(String(link));
    const steps = `document.querySelectorAll("details.step").length`;
    await attempt.until(`document.querySelector(".live").textContent === "live"`);
    expect(await attempt.js(steps)).toBe(3);
    await attempt.js(
      `window.sameDocument = true; document.getElementById("agent1-step-2").open = true`,
    );

    // A page behind another one draws nothing, and is not waited for.
    await overview.page.bringToFront();
    await overview.js(`document.querySelector('button[aria-label="Pause s"]').click()`);
    await overview.until(
      `document.getElementById("steer-said").textContent.includes("study s is paused")`,
    );
    await overview.until(`/study s is paused\\s*taken/.test(${section})`);
    await picture(overview.page, "live-paused-1440-light");
    model.letGo();
    await attempt.page.bringToFront();
    await attempt.until(`${steps} === 7 && document.querySelector("#verdict") !== null`);
    expect(
      await attempt.js(
        `[window.sameDocument, document.getElementById("agent1-step-2").open, document.getElementById("agent1-step-1").open]`,
      ),
    ).toEqual([true, true, false]);
    await overview.page.bringToFront();
    await overview.until(`${section}.includes("Nothing is under way; 1 run paused")`);
    expect(here.events("claimed")).toHaveLength(1);

    await attempt.page.bringToFront();
    await attempt.js(
      `document.querySelector("#annotate [name=note]").value = "<b>odd</b>"; document.querySelector("#annotate button").click()`,
    );
    await attempt.until(`document.getElementById("steer-said").textContent.includes("token")`);
    await attempt.js(
      `document.getElementById("steer-token").value = "${TOKEN}"; document.querySelector("#annotate button").click()`,
    );
    await attempt.until(
      `document.querySelector(".annotations blockquote")?.textContent === "<b>odd</b>"`,
    );
    expect(await attempt.js(`document.querySelector("#annotate [name=note]").value`)).toBe("");

    await overview.page.bringToFront();
    await overview.js(
      `document.getElementById("steer-token").value = "wrong"; document.querySelector('button[aria-label="Resume s"]').click()`,
    );
    await overview.until(
      `document.getElementById("steer-said").textContent.includes("the token is wrong")`,
    );
    expect([attempt.errors, overview.errors.filter((error) => !error.includes("403"))]).toEqual([
      [],
      [],
    ]);
    study.kill("SIGTERM");
    await study.exited;
  });
});
