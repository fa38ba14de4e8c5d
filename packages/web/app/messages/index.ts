/** A flat object of messages: `{name}` inserts a value, `{count|one|other}` chooses by number. */
type Catalog = Readonly<Record<string, string>>;

/** Value names read from the message's text, so the compiler checks `t("greeting", { name })`. */
type Names<S extends string> = S extends `${string}{${infer Inner}}${infer Rest}`
  ? (Inner extends `${infer Name}|${string}` ? Name : Inner) | Names<Rest>
  : never;
type Values<S extends string> = [Names<S>] extends [never] ? [] : [values: Record<Names<S>, string | number>];

/**
 * Returns the translate function of one area. Each area has one file per language (`messages/en/learn.ts`), so a page
 * ships only the messages it uses.
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
