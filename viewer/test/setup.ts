/** The DOM of the unit tests: its IntersectionObserver never tells anything, so there is none, and every viewer is drawn. */

Reflect.deleteProperty(globalThis, "IntersectionObserver");
