import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { setQuery } from "../app/router.ts";
import { Field } from "./field.tsx";

interface TypedProps {
  label: string;
  parameter: string;
  value: string;
  placeholder?: string;
}

/** A filter that is typed: it goes into the address when the typing rests. */
export function Typed({ label, parameter, value, placeholder }: TypedProps) {
  const typed = useSignal<string | null>(null);
  useEffect(() => {
    if (typed.value === null) return undefined;
    const timer = setTimeout(() => {
      setQuery({ [parameter]: typed.value?.trim() ?? null });
      typed.value = null;
    }, 350);
    return () => clearTimeout(timer);
  }, [typed.value]);
  return (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="search"
          maxLength={200}
          spellcheck={false}
          autocomplete="off"
          placeholder={placeholder}
          value={typed.value ?? value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      )}
    </Field>
  );
}
