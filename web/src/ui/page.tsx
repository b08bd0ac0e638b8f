import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Empty, type EmptyProps } from "./empty.tsx";

interface PageHeadProps {
  title: string;
  text?: string;
  /** Buttons at the side of the title. */
  children?: ComponentChildren;
}

/** Names the window. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · katip`;
  }, [title]);
}

/** In place of a page of which there is none. */
export function NotThere(props: EmptyProps) {
  useTitle(props.title);
  return <Empty {...props} />;
}

/** The head of a page; also names the window. */
export function PageHead({ title, text, children }: PageHeadProps) {
  useTitle(title);
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
