// SPDX-License-Identifier: Apache-2.0
import { prefix } from "../base";

// An answer that is not 2xx, or no answer at all (status 0).
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }
}

interface Hooks {
  csrfToken: () => string | null;
  // Resolves true once the person has signed in again; then the request is sent a second time.
  signInAgain: () => Promise<boolean>;
}
let hooks: Hooks = { csrfToken: () => null, signInAgain: () => Promise.resolve(false) };
export function setHooks(next: Hooks): void {
  hooks = next;
}

export interface Options {
  method?: string;
  body?: unknown;
  signal?: AbortSignal;
  // Do not ask to sign in again on 401: the caller wants to see it.
  plain401?: boolean;
}

async function send(path: string, options: Options): Promise<Response> {
  const method = options.method ?? "GET";
  // This word keeps the server from answering 401 with a challenge that makes browsers open their own
  // password window.
  const headers: Record<string, string> = { "X-Requested-With": "XMLHttpRequest" };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  const token = hooks.csrfToken();
  if (method !== "GET" && token !== null) headers["X-CSRF-Token"] = token;
  try {
    return await fetch(prefix + path, {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, "");
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  let message = "";
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "message" in body) {
      message = String((body as { message: unknown }).message);
    }
  } catch {
    message = ""; // Not JSON: a proxy's page, of no use to the reader.
  }
  const retry = Number(response.headers.get("Retry-After"));
  return new ApiError(response.status, message, Number.isFinite(retry) && retry > 0 ? retry : null);
}

async function exchange(path: string, options: Options): Promise<Response> {
  let response = await send(path, options);
  if (response.status === 401 && !options.plain401) {
    if (await hooks.signInAgain()) response = await send(path, options);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

export async function getJson<T>(path: string, options: Options = {}): Promise<T> {
  const response = await exchange(path, options);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(response.status, "");
  }
}

export async function getText(path: string, options: Options = {}): Promise<string> {
  return (await exchange(path, options)).text();
}

export async function post(path: string, body: unknown, options: Options = {}): Promise<unknown> {
  const response = await exchange(path, { ...options, method: "POST", body });
  const text = await response.text();
  return text === "" ? null : (JSON.parse(text) as unknown);
}
