/** Owns the registry of structure views: one entry per kind of figure. To add a view, write it and list it here. */

import type { FunctionComponent } from "preact";
import type { Figure } from "../classify";
import { ArrayView } from "./array";
import type { FigureProps } from "./context";
import { LinkedView } from "./linked";
import { MatrixView } from "./matrix";
import { SetView } from "./set";
import { TableView } from "./table";

type Registry = {
  readonly [K in Figure["kind"]]: FunctionComponent<FigureProps<Extract<Figure, { kind: K }>>>;
};

const VIEWS: Registry = {
  array: ArrayView,
  matrix: MatrixView,
  set: SetView,
  table: TableView,
  linked: LinkedView,
};

/** The view of a figure's kind. */
export function viewOf(figure: Figure): FunctionComponent<FigureProps<Figure>> {
  return VIEWS[figure.kind] as FunctionComponent<FigureProps<Figure>>;
}
