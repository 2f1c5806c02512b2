// SPDX-License-Identifier: Apache-2.0

// What stands before `/ui` in the address: empty on daybook's own listener, `/daybook` on the gateway's.
// Anything that is not a plain path (such as `//host`) counts as no prefix.
export function prefixOf(pathname: string): string {
  const match = /^((?:\/[A-Za-z0-9._~-]+)*?)\/ui(?:\/|$)/.exec(pathname);
  return match?.[1] ?? "";
}

export const prefix = prefixOf(globalThis.location?.pathname ?? "/");
