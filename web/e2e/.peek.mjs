import { launch, newPage, signIn, shot, base } from "./lib.mjs";
const b = await launch();
const p = await newPage(b);
await signIn(p); await p.locator("[data-test=ledger-badge].ok").waitFor(); await p.waitForTimeout(300); await shot(p, "d-audit");
await p.goto(base+"/ui/main/audit?query=resource%20%3D%20FLOW%20AND%20type%20%3D%20UPDATE"); await p.waitForTimeout(800);
const n = await p.locator("[role=row] .date").count(); console.log("flow updates", n);
if (n) { await p.locator("[role=row] .date").first().click(); await p.waitForTimeout(2000); await shot(p, "d-event"); 
 for (let i=0;i<Math.min(n-1,6);i++){ await p.keyboard.press("]"); await p.waitForTimeout(1200); console.log(await p.locator("[data-test=proof-badge]").innerText(), (await p.locator("[data-test=diff]").count()), await p.locator("#ev-title").innerText()); if(i==1) await shot(p,"d-event2"); } }
await p.goto(base+"/ui/_all/audit"); await p.waitForTimeout(1000); await shot(p, "d-all");
const rows = await p.locator("[role=row][data-row]").count(); let bad=0;
await p.locator("[role=row] .date").first().click();
for (let i=0;i<40 && i<rows+10;i++){ try { await p.locator("[data-test=proof-badge]:not([data-status=checking])").waitFor({timeout:5000}); } catch {} const s=await p.locator("[data-test=proof-badge]").getAttribute("data-status"); if(s!=="verified"){bad++; console.log(s, await p.locator("#ev-title").innerText(), await p.locator("[data-test=proof] .step").evaluateAll(ns=>ns.filter(x=>x.dataset.ok!=="true").map(x=>x.innerText))); await shot(p,"d-bad");} await p.keyboard.press("]"); await p.waitForTimeout(80);} 
console.log("bad", bad, p.problems);
await b.close();
