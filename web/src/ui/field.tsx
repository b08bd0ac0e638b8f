import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  label: string;
  hint?: string;
  error?: string;
  /** The input itself; it takes the id so that its label belongs to it. */
  children: (id: string, describedBy: string | undefined) => ComponentChildren;
}

/** A label, the input that belongs to it, and what is to be known about it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div class={`field${error ? " field-wrong" : ""}`}>
      <label for={id}>{label}</label>
      {children(id, note ? noteId : undefined)}
      {note && <p class="field-note" id={noteId}>{note}</p>}
    </div>
  );
}

interface TextProps {
  label: string;
  hint?: string;
  error?: string;
  value: string;
  onType: (value: string) => void;
  maxLength?: number;
  autofocus?: boolean;
  required?: boolean;
  readOnly?: boolean;
  spellcheck?: boolean;
  autocomplete?: "off";
  /** What one may choose from instead of typing it. */
  known?: string[];
}

/** A line of text. */
export function TextField({ label, hint, error, value, onType, known, ...input }: TextProps) {
  return (
    <Field label={label} {...(hint && { hint })} {...(error && { error })}>
      {(id, note) => (
        <>
          <input
            id={id}
            aria-describedby={note}
            list={known && `${id}-known`}
            value={value}
            onInput={(event) => onType(event.currentTarget.value)}
            {...input}
          />
          {known && <datalist id={`${id}-known`}>{known.map((each) => <option key={each} value={each} />)}</datalist>}
        </>
      )}
    </Field>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: [value: string, text: string][];
  onChoose: (value: string) => void;
  hint?: string;
}

export function SelectField({ label, value, options, onChoose, hint }: SelectProps) {
  return (
    <Field label={label} {...(hint && { hint })}>
      {(id, note) => (
        <select
          id={id}
          aria-describedby={note}
          value={value}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each} selected={each === value}>{text}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckProps {
  label: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  hint?: string;
}

export function CheckField({ label, isChecked, onChange, hint }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isChecked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}{hint && <small>{hint}</small>}</span>
    </label>
  );
}
