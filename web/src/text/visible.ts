// SPDX-License-Identifier: Apache-2.0

// Whoever sends a request chooses its user agent and the names in it. Characters that would hide, reorder or
// move text are shown instead of obeyed.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

function show(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}

// For one line: tab and line feed are shown as well.
export function visible(text: string): string {
  return text.replace(/[\t\n]/g, (c) => String.fromCodePoint(0x2400 + (c.codePointAt(0) ?? 0))).replace(HIDDEN, show);
}

// For blocks of text, where tab and line feed mean what they do.
export function visibleBlock(text: string): string {
  return text.replace(HIDDEN, show);
}
