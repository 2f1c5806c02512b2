// SPDX-License-Identifier: Apache-2.0
// Who is signed in. The session itself is a cookie that scripts cannot read; what is kept here is the CSRF
// token and whether asking for /me makes sense at all.
import { reactive, readonly } from "vue";
import { ApiError, getJson, post, setHooks } from "./api/client";
import type { Account } from "./api/types";

const STORE = "daybook.session";

interface Kept {
  csrfToken: string | null;
}
function kept(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}
function keep(value: Kept | null): void {
  try {
    if (value === null) localStorage.removeItem(STORE);
    else localStorage.setItem(STORE, JSON.stringify(value));
  } catch {
    // Without storage the session lasts as long as the page.
  }
}

interface State {
  account: Account | null;
  // Set while somebody has to sign in again over the open page.
  asking: boolean;
}
const state = reactive<State>({ account: null, asking: false });
export const session = readonly(state);
let csrfToken: string | null = kept()?.csrfToken ?? null;
let waiting: ((signedIn: boolean) => void)[] = [];

interface SignedIn {
  user?: Account;
  csrfToken?: string;
}
function take(answer: SignedIn): void {
  state.account = answer.user ?? (answer as unknown as Account);
  csrfToken = answer.csrfToken ?? csrfToken;
  keep({ csrfToken });
}

function settle(signedIn: boolean): void {
  state.asking = false;
  const all = waiting;
  waiting = [];
  for (const resolve of all) resolve(signedIn);
}

export function startSession(): void {
  setHooks({
    csrfToken: () => csrfToken,
    signInAgain: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        state.asking = true;
      }),
  });
}

// True if a session from before is still good.
export async function resume(): Promise<boolean> {
  if (state.account !== null) return true;
  if (kept() === null) return false;
  try {
    take(await getJson<SignedIn>("/api/v1/me", { plain401: true }));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      keep(null);
      return false;
    }
    throw error;
  }
}

export async function signIn(username: string, password: string): Promise<void> {
  const answer = await post("/api/v1/login", { username, password }, { plain401: true });
  const before = state.account?.id;
  take(answer as SignedIn);
  // Somebody else signed in over the open page: nothing of the first person's may stay on it.
  if (before !== undefined && before !== state.account?.id) location.reload();
  settle(true);
}

export function giveUp(): void {
  settle(false);
  state.account = null;
  keep(null);
}

export async function signOut(): Promise<void> {
  try {
    await post("/api/v1/logout", undefined, { plain401: true });
  } finally {
    csrfToken = null;
    state.account = null;
    keep(null);
  }
}

export function readsAllTenants(): boolean {
  const account = state.account;
  return account !== null && (account.tenant ?? null) === null && /^(admin|auditor)$/i.test(account.role);
}
