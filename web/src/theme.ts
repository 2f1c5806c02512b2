// SPDX-License-Identifier: Apache-2.0
// public/theme.js sets the theme before the first paint; this changes it.
import { ref } from "vue";

export type Theme = "light" | "dark";
export const theme = ref<Theme>(document.documentElement.dataset["theme"] === "dark" ? "dark" : "light");

export function switchTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  document.documentElement.dataset["theme"] = theme.value;
  try {
    localStorage.setItem("daybook.theme", theme.value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
