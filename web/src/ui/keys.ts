// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref } from "vue";

const STORE = "daybook.keys";
function stored(): boolean {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

// Single letters can be turned off (WCAG 2.1.4).
export const singleKeys = ref(stored());
export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  try {
    localStorage.setItem(STORE, on ? "on" : "off");
  } catch {
    // Kept for this page only.
  }
}

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

// `handlers` by event.key; Shift is part of the name (`Shift F`). Escape works everywhere.
export function useKeys(handlers: Record<string, (event: KeyboardEvent) => void>): void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "Escape" && (inField(event.target) || !singleKeys.value)) return;
    // A dialog has the keyboard to itself.
    if (document.querySelector("[role=dialog][data-modal]") !== null) return;
    const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const name = event.shiftKey && /^[a-z]$/.test(letter) ? `Shift ${letter.toUpperCase()}` : letter;
    const handler = handlers[name];
    if (handler === undefined) return;
    event.preventDefault();
    handler(event);
  };
  document.addEventListener("keydown", listen);
  onScopeDispose(() => document.removeEventListener("keydown", listen));
}
