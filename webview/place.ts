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
  const follow = () => {
    // Once everything on the page has taken its new size.
    requestAnimationFrame(() => {
      window.scrollBy({ top: element.getBoundingClientRect().top - top, behavior: 'instant' });
    });
  };
  window.addEventListener('resize', follow);
  const stop = () => {
    window.removeEventListener('resize', follow);
  };
  for (const type of ['wheel', 'keydown', 'pointerdown']) window.addEventListener(type, stop, { once: true });
  setTimeout(stop, patienceMs);
}
