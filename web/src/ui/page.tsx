import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface PageHeadProps {
  title: string;
  text?: string;
  /** Buttons at the side of the title. */
  children?: ComponentChildren;
}

/** The head of a page; also names the window. */
export function PageHead({ title, text, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · katip`;
  }, [title]);
  return (
    <div class="page-head">
      <div>
        <h1>{title}</h1>
        {text && <p class="quiet">{text}</p>}
      </div>
      {children && <div class="page-actions">{children}</div>}
    </div>
  );
}
