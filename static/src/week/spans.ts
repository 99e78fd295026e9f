/** Stretches of whole numbers `[from, to)`: union, difference, overlap. Pure. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export function touches(one: Span, other: Span): boolean {
  return one.from <= other.to && other.from <= one.to;
}

export function overlaps(one: Span, other: Span): boolean {
  return one.from < other.to && other.from < one.to;
}

export function contains(outer: Span, inner: Span): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}

/** What is left of a span once others are taken out of it. */
export function without(span: Span, taken: readonly Span[]): Span[] {
  let left: Span[] = [span];
  for (const cut of taken) {
    left = left.flatMap((piece) => [
      { from: piece.from, to: Math.min(piece.to, cut.from) },
      { from: Math.max(piece.from, cut.to), to: piece.to },
    ]);
    left = left.filter((piece) => piece.from < piece.to);
  }
  return left;
}

/** The parts of a span that others cover. */
export function within(span: Span, covers: readonly Span[]): Span[] {
  return merged(covers)
    .map((cover) => ({ from: Math.max(cover.from, span.from), to: Math.min(cover.to, span.to) }))
    .filter((piece) => piece.from < piece.to);
}

/** Touching and overlapping spans as one, in order. */
export function merged(spans: readonly Span[]): Span[] {
  const found: { from: number; to: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else found.push({ ...span });
  }
  return found;
}
