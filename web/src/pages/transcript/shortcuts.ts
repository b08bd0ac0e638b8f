import { signal } from "@preact/signals";

/**
 * What the keyboard does. Keys alone work while nothing is typed in; those with Ctrl (on a Mac ⌘)
 * work everywhere.
 */
export type Command =
  | "toggle" | "back" | "forward" | "previous" | "next" | "edit" | "slower" | "faster" | "doubt"
  | "doubtBefore" | "split" | "join" | "startHere" | "endHere" | "startEarlier" | "startLater" | "endEarlier"
  | "endLater" | "find" | "undo" | "redo" | "save" | "help";

interface Shortcut {
  command: Command;
  key: string;
  /** Ctrl or ⌘. */
  isCommand?: boolean;
  isShift?: boolean;
  isAlt?: boolean;
  /** As the help shows it. */
  shown: string[];
}

export const shortcuts: Shortcut[] = [
  { command: "toggle", key: " ", shown: ["Space"] },
  { command: "toggle", key: " ", isCommand: true, shown: ["Ctrl", "Space"] },
  { command: "back", key: "ArrowLeft", shown: ["←"] },
  { command: "back", key: "ArrowLeft", isAlt: true, shown: ["Alt", "←"] },
  { command: "forward", key: "ArrowRight", shown: ["→"] },
  { command: "forward", key: "ArrowRight", isAlt: true, shown: ["Alt", "→"] },
  { command: "previous", key: "ArrowUp", shown: ["↑"] },
  { command: "next", key: "ArrowDown", shown: ["↓"] },
  { command: "edit", key: "Enter", shown: ["Enter"] },
  { command: "doubt", key: "d", shown: ["D"] },
  { command: "doubtBefore", key: "D", isShift: true, shown: ["Shift", "D"] },
  { command: "split", key: "Enter", isCommand: true, shown: ["Ctrl", "Enter"] },
  { command: "join", key: "Enter", isCommand: true, isShift: true, shown: ["Ctrl", "Shift", "Enter"] },
  { command: "startHere", key: "i", shown: ["I"] },
  { command: "endHere", key: "o", shown: ["O"] },
  { command: "startEarlier", key: "ArrowLeft", isAlt: true, isShift: true, shown: ["Alt", "Shift", "←"] },
  { command: "startLater", key: "ArrowRight", isAlt: true, isShift: true, shown: ["Alt", "Shift", "→"] },
  { command: "endEarlier", key: "ArrowDown", isAlt: true, isShift: true, shown: ["Alt", "Shift", "↓"] },
  { command: "endLater", key: "ArrowUp", isAlt: true, isShift: true, shown: ["Alt", "Shift", "↑"] },
  { command: "slower", key: "[", shown: ["["] },
  { command: "faster", key: "]", shown: ["]"] },
  { command: "find", key: "f", shown: ["F"] },
  { command: "find", key: "h", isCommand: true, shown: ["Ctrl", "H"] },
  { command: "undo", key: "z", isCommand: true, shown: ["Ctrl", "Z"] },
  { command: "redo", key: "z", isCommand: true, isShift: true, shown: ["Ctrl", "Shift", "Z"] },
  { command: "redo", key: "y", isCommand: true, shown: ["Ctrl", "Y"] },
  { command: "save", key: "s", isCommand: true, shown: ["Ctrl", "S"] },
  { command: "help", key: "?", isShift: true, shown: ["?"] },
];

const key = "katip.singleKeys";
/** Keys alone can be switched off: who dictates, or hits keys by accident, needs that. */
export const hasSingleKeys = signal(globalThis.localStorage?.getItem(key) !== "off");

export function chooseSingleKeys(isOn: boolean): void {
  hasSingleKeys.value = isOn;
  localStorage.setItem(key, isOn ? "on" : "off");
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** A button that has the focus keeps its own keys. */
function isControl(target: EventTarget | null, pressed: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (pressed === " " || pressed === "Enter") && target.closest("a, button, summary") !== null;
}

export function commandOf(event: KeyboardEvent): Command | null {
  const isCommand = event.ctrlKey || event.metaKey;
  const found = shortcuts.find((each) => {
    const isSameKey = each.key.toLowerCase() === event.key.toLowerCase();
    // What needs Shift differs with the keyboard, for "?" say; letters and keys with a name are the
    // same everywhere.
    const isShiftRight = /^[a-z]+$/i.test(each.key) ? Boolean(each.isShift) === event.shiftKey : true;
    return isSameKey && isShiftRight && Boolean(each.isCommand) === isCommand &&
      Boolean(each.isAlt) === event.altKey;
  });
  if (!found) return null;
  if (found.isCommand || found.isAlt) return found.command;
  if (!hasSingleKeys.value || isTyping(event.target) || isControl(event.target, event.key)) return null;
  return found.command;
}
