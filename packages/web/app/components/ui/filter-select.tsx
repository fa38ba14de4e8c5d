import { useSearchParams } from "@remix-run/react";
import { Select } from "./field.tsx";

/**
 * One filter of a list, set to what the address says.
 *
 * `<FilterSelect label="Role" name="role" all="Any role" options={options} />`
 */
export function FilterSelect({
  name,
  all,
  options,
  ...rest
}: {
  label: string;
  name: string;
  /** Words of the choice that filters nothing. */
  all: string;
  options: readonly { value: string; label: string }[];
  className?: string;
}) {
  const [params] = useSearchParams();
  return (
    <Select
      {...rest}
      name={name}
      defaultValue={params.get(name) ?? ""}
      options={[{ value: "", label: all }, ...options]}
    />
  );
}
