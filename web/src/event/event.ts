// SPDX-License-Identifier: Apache-2.0
// One event: its row, its proof and what this browser makes of it.
import { onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { entry, proofOf } from "../api/auditlogs";
import { ApiError } from "../api/client";
import type { Proof, Row } from "../api/types";
import { checkProof, type Checked } from "../proof/check";
import { badEntry, takeVerdict } from "../proof/ledger";
import { judge, recall, type Verdict } from "../proof/memory";
import type { EntryRef } from "../shell/tenant";

export type ProofStatus = "checking" | "verified" | "unsealed" | "unknown" | "bad";

// The four states from what was found. `bad` only for what this browser computed.
export function statusOf(checked: Checked | null, verdict: Verdict | null): ProofStatus {
  if (checked === null || verdict === null) return "unknown";
  const onlyKey = checked.steps.every((step) => step.ok || step.name === "signature");
  if (!checked.ok && !(onlyKey && verdict.state === "unknown")) return "bad";
  if (verdict.state === "alarm") return "bad";
  return verdict.state === "verified" ? "verified" : "unknown";
}

const UNSEALED_RETRY_MS = 2500;

export function useEvent(ref_: Ref<EntryRef>, listed: Ref<Row | null>) {
  const row = shallowRef<Row | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const proof = shallowRef<Proof | null>(null);
  const checked = shallowRef<Checked | null>(null);
  const status = ref<ProofStatus>("checking");
  const extended = shallowRef<{ from: number | null; to: number } | null>(null);
  const partsFailed = ref(false);
  const changes = ref(0);
  let running: AbortController | null = null;
  let retry = 0;

  async function fetchRow(): Promise<void> {
    const signal = running?.signal;
    error.value = null;
    try {
      const { tenant, id } = ref_.value;
      const answer = await entry(tenant, id, signal);
      if (!signal?.aborted) row.value = answer;
    } catch (problem) {
      if (!signal?.aborted) error.value = problem instanceof ApiError ? problem : new ApiError(0, "");
    }
    if (row.value !== null) await check();
  }

  async function check(): Promise<void> {
    const signal = running?.signal;
    const shown = row.value;
    if (shown === null) return;
    window.clearTimeout(retry);
    status.value = "checking";
    partsFailed.value = false;
    try {
      const answer = await proofOf(ref_.value.tenant, ref_.value.id, signal);
      if (signal?.aborted) return;
      const trusted = recall();
      const keys = trusted?.origin === answer.origin ? trusted.keys : answer.keys;
      const result = checkProof(answer, shown, keys);
      const verdict = await judge(answer.checkpoint, answer.keys);
      if (signal?.aborted) return;
      proof.value = answer;
      checked.value = result;
      extended.value = verdict.state === "verified" ? { from: verdict.from, to: result.checkpoint?.size ?? verdict.size } : null;
      takeVerdict(verdict);
      status.value = statusOf(result, verdict);
      if (!result.ok && status.value === "bad") badEntry.value = { id: answer.id, proof: answer };
    } catch (problem) {
      if (signal?.aborted) return;
      const early = problem instanceof ApiError && (problem.status === 404 || problem.status === 503) && !shown.daybook.sealed;
      status.value = early ? "unsealed" : "unknown";
      partsFailed.value = true;
      if (early) retry = window.setTimeout(() => void check(), UNSEALED_RETRY_MS);
    }
  }

  watch(
    () => `${ref_.value.tenant ?? ""}/${ref_.value.id}`,
    () => {
      running?.abort();
      running = new AbortController();
      window.clearTimeout(retry);
      row.value = listed.value;
      error.value = null;
      proof.value = null;
      checked.value = null;
      extended.value = null;
      changes.value = 0;
      status.value = "checking";
      void (row.value === null ? fetchRow() : check());
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    running?.abort();
    window.clearTimeout(retry);
  });

  return { row, error, proof, checked, status, extended, partsFailed, changes, check, fetchRow, link: () => location.href };
}
