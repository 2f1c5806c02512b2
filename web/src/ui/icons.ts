// SPDX-License-Identifier: Apache-2.0
// 16 × 16 line icons: paths, circles as [cx, cy, r], rectangles as [x, y, width, height, radius].

export interface IconShape {
  path?: string;
  circles?: [number, number, number][];
  rects?: [number, number, number, number, number][];
}

export const ICONS = {
  log: { path: "M3 3.5h10M3 6.5h10M3 9.5h6M3 12.5h4" },
  shield: { path: "M8 1.8 13 3.6v4c0 3.2-2.1 5.4-5 6.6-2.9-1.2-5-3.4-5-6.6v-4L8 1.8ZM5.8 8l1.6 1.6 2.9-3.1" },
  shieldx: { path: "M8 1.8 13 3.6v4c0 3.2-2.1 5.4-5 6.6-2.9-1.2-5-3.4-5-6.6v-4L8 1.8ZM6.3 6.3l3.4 3.4M9.7 6.3 6.3 9.7" },
  key: { path: "M7.3 8.7l5.9-5.9M11 5l2 2M9.2 6.8l1.3 1.3", circles: [[5.2, 10.8, 2.9]] },
  bot: { path: "M8 2.4V5M6 8.6v1M10 8.6v1", rects: [[2.8, 5, 10.4, 8, 2]], circles: [[8, 2.2, 0.6]] },
  clock: { path: "M8 4.8V8l2.2 1.5", circles: [[8, 8, 5.8]] },
  gear: { path: "M8 1.8v1.8M8 12.4v1.8M1.8 8h1.8M12.4 8h1.8M3.6 3.6l1.3 1.3M11.1 11.1l1.3 1.3M3.6 12.4l1.3-1.3M11.1 4.9l1.3-1.3", circles: [[8, 8, 2]] },
  search: { path: "M10.2 10.2l3.3 3.3", circles: [[7, 7, 4.2]] },
  x: { path: "M4 4l8 8M12 4l-8 8" },
  down: { path: "M4.5 6.5 8 10l3.5-3.5" },
  up: { path: "M4.5 9.5 8 6l3.5 3.5" },
  right: { path: "M6.5 4.5 10 8l-3.5 3.5" },
  check: { path: "M3.5 8.4l3 3 6-6.6" },
  cal: { path: "M2.5 6.7h11M5.4 2v2.6M10.6 2v2.6", rects: [[2.5, 3.5, 11, 10, 1.6]] },
  dl: { path: "M8 2.2v7.6M4.9 6.9 8 10l3.1-3.1M3 13.3h10" },
  rows: { path: "M2.5 4h11M2.5 8h11M2.5 12h11" },
  filter: { path: "M2.5 4h11M4.5 8h7M6.5 12h3" },
  link: { path: "M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.3 6.7a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6 2.6 0 0 0 3.7 3.7l.8-.8" },
  copy: { path: "M3.6 10.7c-.6 0-1-.4-1-1V3.7c0-.6.4-1 1-1h6c.6 0 1 .4 1 1", rects: [[5.3, 5.3, 8, 8, 1.5]] },
  flow: { path: "M6.6 4.4h2.9c1.4 0 2.2.8 2.2 2.2v3.2", rects: [[2, 2.6, 4.6, 3.6, 1], [9.4, 9.8, 4.6, 3.6, 1]] },
  exec: { path: "M6.8 5.7 10.3 8l-3.5 2.3V5.7Z", circles: [[8, 8, 5.8]] },
  file: { path: "M4 1.9h5.2L12.5 5v9.1H4V1.9ZM9 2v3.2h3.4" },
  lock: { path: "M5.4 7V5.2a2.6 2.6 0 0 1 5.2 0V7", rects: [[3.3, 7, 9.4, 6.6, 1.5]] },
  user: { path: "M2.9 13.6c.4-2.8 2.3-4.2 5.1-4.2s4.7 1.4 5.1 4.2", circles: [[8, 5.2, 2.7]] },
  users: { path: "M1.8 13.3c.3-2.5 1.9-3.9 4.2-3.9s3.9 1.4 4.2 3.9M10.6 3.2a2.4 2.4 0 0 1 0 4.6M12 9.7c1.3.5 2.1 1.7 2.3 3.6", circles: [[6, 5.5, 2.5]] },
  trig: { path: "M8.9 1.8 3.4 9h4l-.6 5.2L12.4 7h-4l.5-5.2Z" },
  ns: { path: "M2.2 4.3c0-.7.5-1.2 1.2-1.2h2.9l1.5 1.7h4.8c.7 0 1.2.5 1.2 1.2v5.7c0 .7-.5 1.2-1.2 1.2H3.4c-.7 0-1.2-.5-1.2-1.2V4.3Z" },
  role: { path: "M5.8 9l-.9 5L8 12.4l3.1 1.6-.9-5", circles: [[8, 6, 3.6]] },
  sun: { path: "M8 1.6v1.4M8 13v1.4M1.6 8H3M13 8h1.4M3.5 3.5l1 1M11.5 11.5l1 1M3.5 12.5l1-1M11.5 4.5l1-1", circles: [[8, 8, 2.8]] },
  moon: { path: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z" },
  help: { path: "M6.3 6.3c.1-1 .8-1.6 1.8-1.6s1.7.6 1.7 1.5c0 1.3-1.7 1.3-1.7 2.6M8.1 10.9v.1", circles: [[8, 8, 5.8]] },
  refresh: { path: "M13 8a5 5 0 1 1-1.4-3.5L13 6M13 2.8V6H9.8" },
  warn: { path: "M8 2.3 14.2 13H1.8L8 2.3ZM8 6.4v3M8 11.2v.1" },
  plus: { path: "M8 3.2v9.6M3.2 8h9.6" },
  globe: { path: "M2.2 8h11.6M8 2.2c2 2 2.6 3.8 2.6 5.8S10 11.8 8 13.8C6 11.8 5.4 10 5.4 8S6 4.2 8 2.2Z", circles: [[8, 8, 5.8]] },
  menu: { path: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11" },
  plug: { path: "M5.8 2v3.2M10.2 2v3.2M4 5.2h8v2.3a4 4 0 0 1-8 0V5.2ZM8 11.5V14" },
  eye: { path: "M1.7 8S4 3.8 8 3.8 14.3 8 14.3 8 12 12.2 8 12.2 1.7 8 1.7 8Z", circles: [[8, 8, 1.9]] },
  box: { path: "M3.2 6v6.2c0 .5.4.8.8.8h8c.4 0 .8-.3.8-.8V6M6.5 8.6h3", rects: [[2.2, 3, 11.6, 3, 0.8]] },
  out: { path: "M6.5 2.8H3.6c-.5 0-.9.4-.9.9v8.6c0 .5.4.9.9.9h2.9M10 5l3 3-3 3M13 8H6.5" },
} satisfies Record<string, IconShape>;
export type IconName = keyof typeof ICONS;
