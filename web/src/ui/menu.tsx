import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

interface MenuProps {
  text?: string;
  label?: string;
  icon?: IconName;
  children: ComponentChildren;
}

/** Closes what is open when somebody presses outside of it: nothing there may take the focus. */
export function useClosedOutside(box: RefObject<HTMLDetailsElement | null>): void {
  useEffect(() => {
    const onPress = (event: PointerEvent): void => {
      if (box.current?.open && !box.current.contains(event.target as Node)) box.current.open = false;
    };
    addEventListener("pointerdown", onPress);
    return () => removeEventListener("pointerdown", onPress);
  }, []);
}

/** A button that opens a list of things to do. Escape, a choice and leaving it close it. */
export function Menu({ text, label, icon, children }: MenuProps) {
  const box = useRef<HTMLDetailsElement>(null);
  useClosedOutside(box);
  const close = (): void => {
    if (box.current) box.current.open = false;
  };
  // What was chosen is hidden now; who works by keyboard must not fall back to the top of the page.
  const returnFocus = (): void => box.current?.querySelector("summary")?.focus({ preventScroll: true });
  return (
    <details
      class="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !box.current?.open) return;
        event.stopPropagation();
        close();
        returnFocus();
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
      <div class="menu-list" onClick={() => { close(); returnFocus(); }}>{children}</div>
    </details>
  );
}
