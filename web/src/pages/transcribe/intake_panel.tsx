import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Icon } from "../../ui/icon.tsx";
import { asFailure } from "../../api/loaded.ts";
import { failureText } from "../../app/failure_text.ts";
import { addAddress, addFiles } from "./intake.ts";
import { problem, start, state } from "./recorder.ts";
import { RecorderPanel } from "./recorder_panel.tsx";
import { t } from "./words.ts";

/** The three ways in: files, the microphone, an address. */
export function Intake() {
  const isOver = useDrop();
  const chooser = useRef<HTMLInputElement>(null);
  const isAddressOpen = useSignal(false);
  if (state.value !== "idle") return <RecorderPanel />;
  return (
    <div class={`drop${isOver ? " drop-over" : ""}`}>
      <Icon name="upload" />
      <p class="drop-title">{isOver ? t("drop_now") : t("drop_title")}</p>
      <p class="quiet">{t("drop_text")}</p>
      <input
        ref={chooser}
        type="file"
        multiple
        accept="audio/*,video/*,.mkv,.opus,.amr,.wma,.flac,.m4a"
        class="unseen"
        tabIndex={-1}
        aria-label={t("choose")}
        onChange={(event) => {
          addFiles(event.currentTarget.files ?? []);
          event.currentTarget.value = ""; // The same file may be chosen once more.
        }}
      />
      <div class="row drop-ways">
        <Button kind="primary" icon="file" onClick={() => chooser.current?.click()}>{t("choose")}</Button>
        <Button icon="mic" onClick={() => void start()}>{t("record")}</Button>
        <Button
          icon="link"
          isExpanded={isAddressOpen.value}
          onClick={() => { isAddressOpen.value = !isAddressOpen.value; }}
        >
          {t("address")}
        </Button>
      </div>
      {problem.value && <p class="form-error" role="alert">{t(`mic_${problem.value}`)}</p>}
      {isAddressOpen.value && <AddressForm onDone={() => { isAddressOpen.value = false; }} />}
    </div>
  );
}

/** Files that are dropped anywhere on the page. */
function useDrop(): boolean {
  const depth = useRef(0);
  const isOver = useSignal(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const set = (next: number): void => {
      depth.current = next;
      isOver.value = next > 0;
    };
    const onEnter = (event: DragEvent): void => { if (hasFiles(event)) set(depth.current + 1); };
    const onLeave = (event: DragEvent): void => { if (hasFiles(event)) set(depth.current - 1); };
    const onOver = (event: DragEvent): void => { if (hasFiles(event)) event.preventDefault(); };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      set(0);
      addFiles(event.dataTransfer?.files ?? []);
    };
    const handlers = { dragenter: onEnter, dragleave: onLeave, dragover: onOver, drop: onDrop };
    for (const [name, handle] of Object.entries(handlers)) {
      addEventListener(name, handle as EventListener);
    }
    return () => {
      for (const [name, handle] of Object.entries(handlers)) {
        removeEventListener(name, handle as EventListener);
      }
    };
  }, []);
  return isOver.value;
}

function AddressForm({ onDone }: { onDone: () => void }) {
  const address = useSignal("");
  const message = useSignal("");
  const isBusy = useSignal(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    try {
      await addAddress(address.value.trim());
      onDone();
    } catch (cause) {
      message.value = failureText(asFailure(cause));
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form class="address" onSubmit={(event) => void submit(event)}>
      <Field label={t("address_label")} hint={t("address_hint")} {...(message.value && { error: message.value })}>
        {(id, note) => (
          <input
            id={id}
            type="url"
            inputMode="url"
            required
            autofocus
            aria-describedby={note}
            value={address.value}
            onInput={(event) => { address.value = event.currentTarget.value; }}
          />
        )}
      </Field>
      <Button kind="primary" type="submit" isBusy={isBusy.value}>{t("fetch")}</Button>
    </form>
  );
}
