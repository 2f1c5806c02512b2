// SPDX-License-Identifier: Apache-2.0
// Building the page by hand: text is only ever text, never HTML.
import { ICONS, type IconName, type IconShape } from "../ui/icons";

type Child = Node | string | null;
const SVG = "http://www.w3.org/2000/svg";

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

function shape(tag: string, attributes: Record<string, string | number>): SVGElement {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

export function icon(name: IconName): SVGElement {
  const svg = shape("svg", { viewBox: "0 0 16 16", class: "i", "aria-hidden": "true" });
  const it: IconShape = ICONS[name];
  for (const [x, y, width, height, rx] of it.rects ?? []) svg.append(shape("rect", { x, y, width, height, rx }));
  for (const [cx, cy, r] of it.circles ?? []) svg.append(shape("circle", { cx, cy, r }));
  if (it.path !== undefined) svg.append(shape("path", { d: it.path }));
  return svg;
}

export function brand(): SVGElement {
  const svg = shape("svg", { viewBox: "0 0 24 24", class: "mark", "aria-hidden": "true" });
  svg.append(
    shape("rect", { class: "bg", x: 1, y: 1, width: 22, height: 22, rx: 6 }),
    shape("path", { class: "fg", d: "M12 7v3.2M12 10.2 8 13.4M12 10.2l4 3.2M8 13.4v3M16 13.4v3" }),
    shape("circle", { class: "dot", cx: 12, cy: 6.6, r: 1.9 }),
    shape("circle", { class: "dot", cx: 8, cy: 16.8, r: 1.7 }),
    shape("circle", { class: "dot", cx: 16, cy: 16.8, r: 1.7 }),
  );
  return svg;
}
