import { useRef } from "preact/hooks";
import { chooseLanguage, language, type Language } from "../i18n/language.ts";
import { Icon } from "../ui/icon.tsx";
import { useClosedOutside } from "../ui/menu.tsx";
import { report } from "../ui/toast.tsx";
import { findPage, pages } from "./pages.ts";
import { place } from "./router.ts";
import { may, principal, signOut } from "./session.ts";
import { chooseTheme, theme, type Theme } from "./theme.ts";
import { t } from "./words.ts";

type PageWord = Parameters<typeof t>[0];

/** A column at the side; on a phone a bar at the bottom. */
export function Navigation() {
  const current = findPage(place.value.path)?.page;
  const shown = pages.filter((page) => page.isInNavigation && may(page.scope));
  return (
    <header class="side">
      <a class="brand" href="/"><Icon name="brand" />katip</a>
      <nav aria-label={t("navigation")}>
        <ul>
          {shown.map((page) => (
            <li key={page.name}>
              <a
                href={page.path}
                aria-current={page.name === current?.name ? "page" : page.name === current?.section ? "true" : undefined}
              >
                <Icon name={page.icon} />
                <span>{t(`page_${page.name}` as PageWord)}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Settings />
    </header>
  );
}

function Settings() {
  const who = principal.value;
  const box = useRef<HTMLDetailsElement>(null);
  useClosedOutside(box);
  const close = (): void => {
    if (box.current) box.current.open = false;
  };
  return (
    <details
      class="settings"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !box.current?.open) return;
        close();
        box.current.querySelector("summary")?.focus();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget && !box.current?.contains(event.relatedTarget as Node)) close();
      }}
    >
      <summary>
        <Icon name="settings" />
        <span>{who?.kind === "user" ? who.name : t("menu")}</span>
      </summary>
      <div class="settings-panel">
        {who?.kind === "user" && <p class="quiet">{t("signed_in_as", { name: who.name })}</p>}
        <Choice
          label={t("language")}
          name="language"
          value={language.value}
          options={[["tr", "Türkçe"], ["en", "English"]]}
          onChoose={(value) => chooseLanguage(value as Language)}
        />
        <Choice
          label={t("theme")}
          name="theme"
          value={theme.value}
          options={[["auto", t("theme_auto")], ["light", t("theme_light")], ["dark", t("theme_dark")]]}
          onChoose={(value) => chooseTheme(value as Theme)}
        />
        <p class="settings-links">
          {who?.kind === "user" && <a href="/account" onClick={close}>{t("page_account")}</a>}
          <a href="/docs" target="_blank" rel="noopener">{t("api")}</a>
          {who?.kind === "user" && (
            <button type="button" class="link" onClick={() => void signOut().catch(report)}>
              {t("sign_out")}
            </button>
          )}
        </p>
      </div>
    </details>
  );
}

interface ChoiceProps {
  label: string;
  name: string;
  value: string;
  options: [string, string][];
  onChoose: (value: string) => void;
}

function Choice({ label, name, value, options, onChoose }: ChoiceProps) {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {options.map(([each, text]) => (
        <label key={each}>
          <input
            type="radio"
            name={name}
            value={each}
            checked={value === each}
            onChange={() => onChoose(each)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
