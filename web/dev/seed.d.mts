// SPDX-License-Identifier: Apache-2.0
export const flowBefore: string;
export const flowAfter: string;
