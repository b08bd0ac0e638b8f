import { useEffect, useRef, useState } from "preact/hooks";

/** Only rows near what is seen have an element for each word: there may be a hundred thousand. */
const told = new WeakMap<Element, (isNear: boolean) => void>();
let observer: IntersectionObserver | null = null;

function observe(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) told.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: "1200px 0px" },
  );
  return observer;
}

export function useNear<T extends Element>() {
  const ref = useRef<T>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    told.set(element, setNear);
    observe().observe(element);
    return () => observe().unobserve(element);
  }, []);
  return { ref, isNear };
}
