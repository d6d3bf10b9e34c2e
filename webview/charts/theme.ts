import { useEffect, useState } from 'preact/hooks';

/** Colours of the editor's theme, with fallbacks; the lines also differ by dash. */
export interface ChartTheme {
  readonly lines: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly background: string;
  readonly font: string;
}

export function chartTheme(): ChartTheme {
  const style = getComputedStyle(document.body);
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  const contrast = document.body.classList.contains('vscode-high-contrast');
  const text = read('--vscode-foreground', '#cccccc');
  return {
    lines: [
      read('--vscode-charts-blue', '#3794ff'),
      read('--vscode-charts-orange', '#d18616'),
      contrast ? text : read('--vscode-descriptionForeground', '#9d9d9d'),
      read('--vscode-charts-green', '#89d185'),
      read('--vscode-charts-purple', '#b180d7'),
      read('--vscode-charts-red', '#f14c4c'),
    ],
    text: contrast ? text : read('--vscode-descriptionForeground', '#9d9d9d'),
    grid: contrast ? '#80808080' : read('--vscode-widget-border', '#80808040'),
    background: read('--vscode-editor-background', '#1f1f1f'),
    font: `11px ${read('--vscode-font-family', 'sans-serif')}`,
  };
}

/** The theme, read again when the editor changes it. */
export function useTheme(): ChartTheme {
  const [theme, setTheme] = useState(chartTheme);
  useEffect(() => {
    const observer = new MutationObserver(() => {
      setTheme(chartTheme());
    });
    observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    return () => {
      observer.disconnect();
    };
  }, []);
  return theme;
}
