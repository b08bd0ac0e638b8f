import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../app/words.ts";
import { Button } from "./button.tsx";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** Buttons, the last of which is the main one. */
  actions?: ComponentChildren;
  size?: "small" | "large";
}

/** A window over the page. The browser keeps the focus in it and gives it back afterwards. */
export function Dialog({ title, onClose, children, actions, size = "small" }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const isPressedOutside = useRef(false);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class={`dialog dialog-${size}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        // Who marks a text and lets go of it outside does not mean to close.
        isPressedOutside.current = event.target === box.current;
      }}
      onClick={(event) => {
        if (event.target === box.current && isPressedOutside.current) onClose();
      }}
    >
      <div class="dialog-box">
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
          <Button kind="quiet" icon="close" label={t("close")} onClick={onClose} />
        </div>
        <div class="dialog-body">{children}</div>
        {actions && <div class="dialog-actions">{actions}</div>}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: string;
  /** What the button says that goes ahead: "Delete 3 jobs". */
  action: string;
  isDangerous?: boolean;
  answer: (isYes: boolean) => void;
}

const question = signal<Question | null>(null);

/** Asks before something that cannot be undone: `if (await confirmed({…})) …`. */
export function confirmed(asked: Omit<Question, "answer">): Promise<boolean> {
  question.value?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer: (isYes) => {
        question.value = null;
        resolve(isYes);
      },
    };
  });
}

/** Where confirmed() shows its question; the shell has one. */
export function Dialogs() {
  const asked = question.value;
  if (!asked) return null;
  return (
    <Dialog
      title={asked.title}
      onClose={() => asked.answer(false)}
      actions={
        <>
          <Button onClick={() => asked.answer(false)}>{t("cancel")}</Button>
          <Button kind={asked.isDangerous ? "danger" : "primary"} onClick={() => asked.answer(true)}>
            {asked.action}
          </Button>
        </>
      }
    >
      <p>{asked.text}</p>
    </Dialog>
  );
}
