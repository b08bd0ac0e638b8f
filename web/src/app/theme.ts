import { effect, signal } from "@preact/signals";

/** Light, dark, or as the system is. The colours are in styles/tokens.css. */
export type Theme = "auto" | "light" | "dark";

const key = "katip.theme";
const kept = localStorage.getItem(key);

export const theme = signal<Theme>(kept === "light" || kept === "dark" ? kept : "auto");

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(key, chosen);
}

export function followTheme(): void {
  effect(() => {
    if (theme.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
}
