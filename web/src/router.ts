// SPDX-License-Identifier: Apache-2.0
import { createRouter, createWebHistory } from "vue-router";
import { prefix } from "./base";
import { en } from "./en";
import { resume, session } from "./session";
import { DEFAULT_TENANT } from "./shell/tenant";

export function homePath(): string {
  return `/${session.account?.tenant ?? DEFAULT_TENANT}/audit`;
}

// Where to go after signing in: a path of this application and nothing else.
export function safeReturn(to: unknown): string | null {
  return typeof to === "string" && /^\/(?![/\\])/.test(to) && !to.startsWith("/signin") ? to : null;
}

export const router = createRouter({
  history: createWebHistory(`${prefix}/ui/`),
  routes: [
    { path: "/", redirect: () => homePath() },
    { path: "/signin", name: "signin", component: () => import("./shell/SignInPage.vue"), meta: { title: en.signIn.title } },
    { path: "/:tenant/audit", name: "audit", component: () => import("./audit/AuditPage.vue"), meta: { title: en.audit.title } },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

router.beforeEach(async (to) => {
  if (to.name === "signin") return true;
  try {
    if (await resume()) return true;
  } catch {
    return true; // The server does not answer: the page itself says so.
  }
  return { name: "signin", query: to.fullPath === homePath() ? {} : { to: to.fullPath } };
});

router.afterEach((to) => {
  const title = to.meta["title"];
  document.title = typeof title === "string" ? `${title} · ${en.product}` : en.product;
});
