// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, type Ref } from "vue";

export function useMedia(query: string): Ref<boolean> {
  const list = window.matchMedia(query);
  const matches = ref(list.matches);
  const update = () => (matches.value = list.matches);
  list.addEventListener("change", update);
  onScopeDispose(() => list.removeEventListener("change", update));
  return matches;
}

export const NARROW = "(max-width: 760px)";

// A clock for "38 s ago": one for the page, ticking only while it is looked at.
export function useNow(everyMs: number): Ref<number> {
  const now = ref(Date.now());
  const tick = () => {
    if (document.visibilityState === "visible") now.value = Date.now();
  };
  const timer = window.setInterval(tick, everyMs);
  document.addEventListener("visibilitychange", tick);
  onScopeDispose(() => {
    window.clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  });
  return now;
}
