/**
 * How well text can be read: WCAG's contrast ratio of every visible text inside an element, SVG's included.
 *
 * The functions run in the page, so each is self-contained but for the others here.
 */
import type { Locator } from "@playwright/test";

export interface Contrast {
  readonly text: string;
  readonly ratio: number;
  readonly colours: string;
}

/** The contrast of each visible text inside the element. */
export function contrastsOf(element: Locator): Promise<Contrast[]> {
  return element.evaluate(inPage<Contrast[]>(contrasts));
}

/** Luminance (0 black to 1 white) of what lies behind the element. */
export function luminanceBehind(element: Locator): Promise<number> {
  return element.evaluate(inPage<number>(backgroundLuminance));
}

function inPage<Result>(run: (root: Element) => Result): (root: Element) => Result {
  const helpers = [rgba, over, background, luminance, run].map(String).join("\n");
  return new Function("root", `${helpers}\n return ${run.name}(root);`) as (root: Element) => Result;
}

function backgroundLuminance(root: Element): number {
  return luminance(background(root));
}

/** The visible texts inside `root`, each with its contrast; what is disabled is exempt, as in WCAG. */
function contrasts(root: Element): Contrast[] {
  const found: Contrast[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim();
    if (!element || !text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      continue;
    if (element.closest(":disabled, [aria-hidden=true], style, script")) continue;
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const style = getComputedStyle(element);
    const behind = background(element);
    const front = over(rgba(element instanceof SVGElement ? style.fill : style.color), behind);
    const [light, dark] = [luminance(front), luminance(behind)].sort((a, b) => b - a) as [number, number];
    found.push({
      text: text.slice(0, 40),
      ratio: (light + 0.05) / (dark + 0.05),
      colours: `${front} on ${behind}`,
    });
  }
  return found;
}

type Rgba = readonly [number, number, number, number];

/** Any CSS colour, by painting it. */
function rgba(colour: string): Rgba {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 0] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}

function over(front: Rgba, back: Rgba): Rgba {
  const mix = (i: 0 | 1 | 2): number => front[i] * front[3] + back[i] * (1 - front[3]);
  return [mix(0), mix(1), mix(2), 1];
}

/** What is painted behind an element's middle: shapes before it in a drawing, and the nearest painted ancestors. */
function background(element: Element): Rgba {
  const layers: Rgba[] = [];
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  for (let each: Element | null = element; each; each = each.parentElement) {
    if (each instanceof SVGElement) {
      let before = each.previousElementSibling;
      for (; before; before = before.previousElementSibling) {
        const { fill, fillOpacity } = getComputedStyle(before);
        const room = before.getBoundingClientRect();
        const covers = room.left <= x && x <= room.right && room.top <= y && y <= room.bottom;
        if (!covers || fill === "none" || !/^(rect|circle|ellipse)$/.test(before.tagName)) continue;
        const [r, g, b, a] = rgba(fill);
        layers.push([r, g, b, a * Number(fillOpacity)]);
      }
    } else layers.push(rgba(getComputedStyle(each).backgroundColor));
    if (layers.at(-1)?.[3] === 1) break;
  }
  return layers.reduceRight<Rgba>((back, layer) => over(layer, back), [255, 255, 255, 1]);
}

function luminance([r, g, b]: Rgba): number {
  const linear = (value: number): number => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}
