type Attributes = Record<string, string | number | boolean | null | undefined>;

/**
 * Makes an element: properties, attributes (those that have a dash, and `role`), children. A string is always a text node,
 * never markup.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Partial<Omit<HTMLElementTagNameMap[K], 'style'>> & { attrs?: Attributes } = {} as never,
  ...children: Array<Node | string | undefined>
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  const { attrs, ...plain } = props;
  Object.assign(made, plain);
  for (const [name, value] of Object.entries(attrs ?? {})) setAttr(made, name, value);
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

/** Sets an attribute where it differs; `null`, `undefined` and `false` remove it. */
export function setAttr(node: Element, name: string, value: string | number | boolean | null | undefined): void {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** Sets a text where it differs: what does not change costs no layout. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attrs: Attributes,
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attrs)) setAttr(made, name, value);
  made.append(...children);
  return made;
}
