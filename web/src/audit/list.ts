// SPDX-License-Identifier: Apache-2.0
// The rows of the current question: keyset pages pinned to the tree size of the first answer.
import { onScopeDispose, ref, shallowRef } from "vue";
import { search } from "../api/auditlogs";
import { ApiError } from "../api/client";
import type { Row } from "../api/types";

export interface Question {
  tenant: string;
  params: [string, string][];
}
const POLL_MS = 15_000;

export function useEventList(checkLedger: () => Promise<number | null>) {
  const rows = shallowRef<Row[]>([]);
  const total = ref(0);
  const treeSize = ref(0);
  const next = ref<number | null>(null);
  const loading = ref(false);
  const loaded = ref(false);
  const error = shallowRef<ApiError | null>(null);
  const loadingMore = ref(false);
  const moreFailed = ref(false);
  const tookMs = ref(0);
  const newer = ref(0);
  let question: Question | null = null;
  let running: AbortController | null = null;
  // Sizes up to this one hold nothing that was not counted. One more than answered, because the read itself
  // is recorded as an entry.
  let countedTo = 0;

  async function load(asked: Question): Promise<void> {
    running?.abort();
    const mine = (running = new AbortController());
    question = asked;
    loading.value = true;
    const started = performance.now();
    try {
      const page = await search(asked, mine.signal);
      if (mine.signal.aborted) return;
      rows.value = page.results;
      total.value = page.total;
      treeSize.value = page.treeSize;
      next.value = page.next ?? null;
      tookMs.value = Math.round(performance.now() - started);
      newer.value = 0;
      countedTo = page.treeSize + 1;
      error.value = null;
      moreFailed.value = false;
      loaded.value = true;
      void poll();
    } catch (problem) {
      if (mine.signal.aborted) return;
      error.value = problem instanceof ApiError ? problem : new ApiError(0, String(problem));
      rows.value = [];
      total.value = 0;
      next.value = null;
      loaded.value = false;
    } finally {
      if (running === mine) loading.value = false;
    }
  }

  async function more(): Promise<void> {
    const asked = question;
    if (asked === null || next.value === null || loadingMore.value || loading.value) return;
    loadingMore.value = true;
    moreFailed.value = false;
    try {
      const page = await search({ ...asked, before: next.value, treeSize: treeSize.value }, running?.signal);
      if (question !== asked) return;
      rows.value = [...rows.value, ...page.results];
      next.value = page.next ?? null;
    } catch {
      if (question === asked) moreFailed.value = true;
    } finally {
      loadingMore.value = false;
    }
  }

  // The published checkpoint is free to ask for; only when it has grown is the question put again, since
  // every search of an audit log is itself recorded.
  async function poll(): Promise<void> {
    const size = await checkLedger();
    const asked = question;
    if (size === null || asked === null || !loaded.value || size <= countedTo) return;
    try {
      const page = await search({ ...asked, size: 1 });
      if (question !== asked) return;
      countedTo = page.treeSize + 1;
      newer.value = Math.max(0, page.total - total.value);
    } catch {
      // The next round asks again.
    }
  }
  const timer = window.setInterval(() => {
    if (document.visibilityState === "visible" && newer.value === 0) void poll();
  }, POLL_MS);
  onScopeDispose(() => {
    window.clearInterval(timer);
    running?.abort();
  });

  return { rows, total, treeSize, next, loading, loaded, error, loadingMore, moreFailed, tookMs, newer, load, more, poll };
}
