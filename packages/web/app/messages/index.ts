/** A catalog is a flat object of messages; `{name}` is replaced, and `{count|one|other}` chooses by number. */
type Catalog = Readonly<Record<string, string>>;

/** The values a message needs, read from its text: `t("greeting", { name })` is checked by the compiler. */
type Names<S extends string> = S extends `${string}{${infer Inner}}${infer Rest}`
  ? (Inner extends `${infer Name}|${string}` ? Name : Inner) | Names<Rest>
  : never;
type Values<S extends string> = [Names<S>] extends [never] ? [] : [values: Record<Names<S>, string | number>];

/**
 * The words of one area. Catalogs are one file per area and language (`messages/en/learn.ts`), so a page ships its own
 * words only.
 */
export function translator<const C extends Catalog>(catalog: C) {
  return <K extends keyof C & string>(key: K, ...[values]: Values<C[K]>): string =>
    (catalog[key] ?? key).replace(
      /\{(\w+)(?:\|([^|{}]*)\|([^{}]*))?\}/g,
      (_, name: string, one?: string, other?: string) => {
        const value = (values as Record<string, string | number> | undefined)?.[name] ?? "";
        if (one === undefined || other === undefined) return String(value);
        return (Number(value) === 1 ? one : other).replace("#", String(value));
      },
    );
}
