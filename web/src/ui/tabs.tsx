import { useEffect, useRef } from "preact/hooks";
import { setQuery } from "../app/router.ts";

export interface Tab<K extends string> {
  key: K;
  text: string;
}

interface TabsProps<K extends string> {
  label: string;
  tabs: Tab<K>[];
  chosen: K;
  /** The parameter of the address that holds the choice; the first tab needs none. */
  parameter: string;
  /** Parameters that belong to one tab and are dropped with it. */
  drops?: string[];
}

/** Parts of a page that have an address each: links, so that they can be kept and sent on. */
export function Tabs<K extends string>({ label, tabs, chosen, parameter, drops = [] }: TabsProps<K>) {
  const first = tabs[0]?.key;
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone not all of them are seen at once.
    const link = bar.current?.querySelector<HTMLElement>("[aria-current]");
    if (bar.current && link) bar.current.scrollLeft = link.offsetLeft - bar.current.offsetLeft - 48;
  }, [chosen]);
  return (
    <nav class="tabs" aria-label={label} ref={bar}>
      {tabs.map((tab) => (
        <a
          key={tab.key}
          href={tab.key === first ? location.pathname : `?${parameter}=${tab.key}`}
          aria-current={tab.key === chosen ? "page" : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            const dropped = Object.fromEntries(drops.map((each) => [each, null]));
            const isHere = tab.key === chosen;
            setQuery({ ...dropped, [parameter]: tab.key === first ? null : tab.key }, { replace: isHere });
          }}
        >
          {tab.text}
        </a>
      ))}
    </nav>
  );
}
