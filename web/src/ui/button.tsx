import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps {
  children?: ComponentChildren;
  icon?: IconName;
  /** plain: beside others; primary: the one thing to do here; danger: cannot be undone. */
  kind?: "plain" | "primary" | "danger" | "quiet";
  type?: "button" | "submit";
  /** Of a button that shows only its icon; also shown when the pointer rests on it. */
  label?: string;
  isBusy?: boolean;
  isDisabled?: boolean;
  isPressed?: boolean;
  /** Of a button that shows and hides what is below it. */
  isExpanded?: boolean;
  shortcut?: string;
  onClick?: (event: MouseEvent) => void;
}

export function Button(props: ButtonProps) {
  const { children, icon, kind = "plain", type = "button", label, isBusy, isDisabled } = props;
  const title = label && props.shortcut ? `${label} (${props.shortcut})` : label;
  return (
    <button
      type={type}
      class={`button button-${kind}${children ? "" : " button-icon"}`}
      aria-label={children ? undefined : label}
      title={title}
      aria-busy={isBusy ? "true" : undefined}
      aria-pressed={props.isPressed === undefined ? undefined : props.isPressed}
      aria-expanded={props.isExpanded === undefined ? undefined : props.isExpanded}
      disabled={isDisabled || isBusy}
      onClick={props.onClick}
    >
      {icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
    </button>
  );
}
