import { loadState, saveState } from './host.js';

const patienceMs = 5_000;

/** Keeps how far the page is scrolled: a hidden webview is gone, and when it is shown again the page begins anew. */
export function keepPlace(content: HTMLElement): void {
  const state = loadState();
  const place = typeof state === 'object' && state !== null && 'place' in state ? Number(state.place) : 0;
  if (place > 0) scrollWhenLongEnough(content, place);
  let timer: ReturnType<typeof setTimeout> | undefined;
  window.addEventListener('scroll', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      saveState({ place: window.scrollY });
    }, 200);
  });
}

/** The page grows as its run is read; whoever scrolls meanwhile has chosen another place. */
function scrollWhenLongEnough(content: HTMLElement, place: number): void {
  const grown = new ResizeObserver(() => {
    if (document.documentElement.scrollHeight - window.innerHeight < place) return;
    window.scrollTo(0, place);
    stop();
  });
  const stop = () => {
    grown.disconnect();
  };
  grown.observe(content);
  for (const type of ['wheel', 'keydown', 'pointerdown']) window.addEventListener(type, stop, { once: true });
  setTimeout(stop, patienceMs);
}

/** Keeps an element at its height in the window while the page becomes narrower or wider around it. */
export function holdInPlace(element: HTMLElement): void {
  const { top } = element.getBoundingClientRect();
  // Between a new size and its being painted.
  const grown = new ResizeObserver(() => {
    window.scrollBy({ top: element.getBoundingClientRect().top - top, behavior: 'instant' });
  });
  const stop = () => {
    grown.disconnect();
    document.documentElement.style.overflowAnchor = '';
  };
  // The browser would hold what stands at the top of the window instead.
  document.documentElement.style.overflowAnchor = 'none';
  grown.observe(document.body);
  for (const type of ['wheel', 'keydown', 'pointerdown']) window.addEventListener(type, stop, { once: true });
  setTimeout(stop, patienceMs);
}
