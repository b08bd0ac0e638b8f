import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { Component } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isOnline } from "../api/client.ts";
import { Button } from "../ui/button.tsx";
import { Dialogs } from "../ui/dialog.tsx";
import { Empty } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import { NotThere } from "../ui/page.tsx";
import { Toasts } from "../ui/toast.tsx";
import { failureText } from "./failure_text.ts";
import { Navigation } from "./navigation.tsx";
import { findPage, type PageEntry, type PageProps, pages } from "./pages.ts";
import { go, place } from "./router.ts";
import {
  findOutWho, hasEnded, isAsking, isOpenInstallation, may, principal, sessionFailure,
} from "./session.ts";
import { SignIn, SignInAgain } from "./sign_in.tsx";
import { t } from "./words.ts";

/** The frame of the app: navigation, the page that the address names, messages, dialogs. */
export function Shell() {
  return (
    <>
      <Content />
      <Toasts />
      <Dialogs />
    </>
  );
}

function Content() {
  if (isAsking.value) return <p class="starting" aria-live="polite">{t("loading")}…</p>;
  if (sessionFailure.value) {
    return (
      <main class="alone">
        <Empty icon="warning" title={failureText(sessionFailure.value)}>
          <Button kind="primary" onClick={() => void findOutWho()}>{t("try_again")}</Button>
        </Empty>
      </main>
    );
  }
  if (!principal.value) return <SignIn />;
  return (
    <div class="frame">
      <a class="skip" href="#content">{t("skip")}</a>
      <Navigation />
      <div class="stage">
        {!isOnline.value && <p class="banner banner-warning" role="status"><Icon name="warning" />{t("offline")}</p>}
        {isOpenInstallation() && <OpenNotice />}
        <main id="content" tabIndex={-1}>
          <Broken key={place.value.path}>
            <CurrentPage />
          </Broken>
        </main>
      </div>
      {hasEnded.value && <SignInAgain />}
    </div>
  );
}

function OpenNotice() {
  return (
    <details class="banner banner-open">
      <summary><Icon name="unlock" />{t("open_short")}</summary>
      <p>{t("open_long")}</p>
    </details>
  );
}

function CurrentPage() {
  const found = findPage(place.value.path);
  if (!found) {
    return (
      <NotThere title={t("not_found_title")} text={t("not_found_text")}>
        <a class="button" href="/">{t("to_start")}</a>
      </NotThere>
    );
  }
  const { page, values } = found;
  if (!may(page.scope)) {
    const first = pages.find((each) => each.isInNavigation && may(each.scope));
    if (page.path === "/" && first) return <Redirect to={first.path} />;
    return <NotThere icon="lock" title={t("forbidden_title")} text={t("forbidden_text", { scope: page.scope })} />;
  }
  return <LoadedPage key={page.name} page={page} values={values} />;
}

/** The start is another page for whoever may not see the usual one. */
function Redirect({ to }: { to: string }) {
  useEffect(() => void go(to, { replace: true }), [to]);
  return null;
}

const loaded = new Map<string, ComponentType<PageProps>>();

function LoadedPage({ page, values }: { page: PageEntry; values: Record<string, string> }) {
  const code = useSignal(loaded.get(page.name) ?? null);
  const hasFailed = useSignal(false);
  const isFirst = useRef(true);
  useEffect(() => {
    page
      .load()
      .then((module) => {
        loaded.set(page.name, module.default);
        code.value = module.default;
      })
      .catch(() => {
        hasFailed.value = true;
      });
  }, [page.name]);
  useEffect(() => {
    // Who reads by ear or by keyboard begins at the new page, not behind the link to it.
    if (!isFirst.current || document.activeElement !== document.body) {
      document.getElementById("content")?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [page.name]);
  if (hasFailed.value) return <BrokenPage />;
  const Page = code.value;
  return Page ? <Page values={values} /> : <p class="starting">{t("loading")}…</p>;
}

function BrokenPage() {
  return (
    <Empty icon="warning" title={t("broken_title")} text={t("broken_text")}>
      <Button kind="primary" onClick={() => location.reload()}>{t("reload")}</Button>
    </Empty>
  );
}

/** A page that throws is replaced by words; the frame stays. */
class Broken extends Component<object, { isBroken: boolean }> {
  override state = { isBroken: false };
  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ isBroken: true });
  }
  override render() {
    return this.state.isBroken ? <BrokenPage /> : this.props.children;
  }
}
