// Elements of the page, each of the kind it is expected to be.

/** The first one; throws when the page has none, or it is of another kind. */
export const element = <E extends Element>(selector: string, kind: new () => E): E => {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`The page has no ${kind.name} ${selector}.`);
  return found;
};

/** All of this kind, in the order of the page. */
export const elements = <E extends Element>(selector: string, kind: new () => E, within: ParentNode = document): E[] =>
  [...within.querySelectorAll(selector)].flatMap((one) => (one instanceof kind ? [one] : []));

/** What an event happened to, or the nearest around it. */
export const closest = <E extends Element>(
  target: EventTarget | null,
  selector: string,
  kind: new () => E,
): E | undefined => {
  const found = target instanceof Element ? target.closest(selector) : undefined;
  return found instanceof kind ? found : undefined;
};
