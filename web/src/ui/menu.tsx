import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

interface MenuProps {
  text?: string;
  label?: string;
  icon?: IconName;
  children: ComponentChildren;
}

/** A button that opens a list of things to do. Escape, a choice and leaving it close it. */
export function Menu({ text, label, icon, children }: MenuProps) {
  const box = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    if (box.current) box.current.open = false;
  };
  return (
    <details
      class="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !box.current?.open) return;
        event.stopPropagation();
        close();
        box.current.querySelector("summary")?.focus();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget && !box.current?.contains(event.relatedTarget as Node)) close();
      }}
    >
      <summary class={`button button-plain${text ? "" : " button-icon"}`} aria-label={text ? undefined : label} title={label}>
        {icon && <Icon name={icon} />}
        {text && <span>{text}</span>}
        {text && <Icon name="down" />}
      </summary>
      <div class="menu-list" onClick={close}>{children}</div>
    </details>
  );
}
