// SPDX-License-Identifier: Apache-2.0
import { ref } from "vue";
import { en } from "../en";

const SHOWN_MS = 2600;
export const toast = ref("");
let timer = 0;

export function say(text: string): void {
  toast.value = text;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => (toast.value = ""), SHOWN_MS);
}

// The clipboard interface exists only on secure origins; on plain http the old command still works.
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(en.copied);
    return;
  } catch {
    // Not there or refused: the other way.
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr";
  area.setAttribute("aria-label", en.copied);
  document.body.append(area);
  const focused = document.activeElement;
  area.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    done = false;
  }
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  say(done ? en.copied : en.copyByHand);
}
