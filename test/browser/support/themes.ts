/** Values that VS Code gives a webview, from its own themes. */
type Theme = { readonly class: string; readonly variables: Readonly<Record<string, string>> };

const fonts = {
  'font-family': "system-ui, 'Ubuntu', 'Droid Sans', sans-serif",
  'font-size': '13px',
  'font-weight': 'normal',
  'editor-font-family': "'Droid Sans Mono', 'DejaVu Sans Mono', monospace",
  'editor-font-size': '13px',
};

const dark: Theme = {
  class: 'vscode-dark',
  variables: {
    foreground: '#cccccc',
    descriptionForeground: '#9d9d9d',
    errorForeground: '#f85149',
    focusBorder: '#0078d4',
    'editor-background': '#1f1f1f',
    'editor-foreground': '#cccccc',
    'editorWidget-background': '#202020',
    'widget-border': '#313131',
    'button-background': '#0078d4',
    'button-foreground': '#ffffff',
    'button-hoverBackground': '#026ec1',
    'button-border': '#ffffff12',
    'button-secondaryBackground': '#313131',
    'button-secondaryForeground': '#cccccc',
    'button-secondaryHoverBackground': '#3c3c3c',
    'checkbox-background': '#313131',
    'checkbox-border': '#3c3c3c',
    'checkbox-foreground': '#cccccc',
    'dropdown-background': '#313131',
    'dropdown-border': '#3c3c3c',
    'dropdown-foreground': '#cccccc',
    'input-background': '#313131',
    'input-border': '#3c3c3c',
    'input-foreground': '#cccccc',
    'input-placeholderForeground': '#989898',
    'progressBar-background': '#0078d4',
    'textCodeBlock-background': '#2b2b2b',
    'editorWarning-foreground': '#cca700',
    'charts-blue': '#3794ff',
    'charts-orange': '#d18616',
    'charts-green': '#89d185',
    'charts-purple': '#b180d7',
    'charts-red': '#f14c4c',
    'scrollbarSlider-background': '#79797966',
  },
};

const light: Theme = {
  class: 'vscode-light',
  variables: {
    foreground: '#3b3b3b',
    descriptionForeground: '#3b3b3b',
    errorForeground: '#f85149',
    focusBorder: '#005fb8',
    'editor-background': '#ffffff',
    'editor-foreground': '#3b3b3b',
    'editorWidget-background': '#f8f8f8',
    'widget-border': '#e5e5e5',
    'button-background': '#005fb8',
    'button-foreground': '#ffffff',
    'button-hoverBackground': '#0258a8',
    'button-border': '#0000001a',
    'button-secondaryBackground': '#e5e5e5',
    'button-secondaryForeground': '#3b3b3b',
    'button-secondaryHoverBackground': '#cccccc',
    'checkbox-background': '#f8f8f8',
    'checkbox-border': '#cecece',
    'checkbox-foreground': '#3b3b3b',
    'dropdown-background': '#ffffff',
    'dropdown-border': '#cecece',
    'dropdown-foreground': '#3b3b3b',
    'input-background': '#ffffff',
    'input-border': '#cecece',
    'input-foreground': '#3b3b3b',
    'input-placeholderForeground': '#767676',
    'progressBar-background': '#005fb8',
    'textCodeBlock-background': '#f8f8f8',
    'editorWarning-foreground': '#bf8803',
    'charts-blue': '#0063d3',
    'charts-orange': '#d18616',
    'charts-green': '#388a34',
    'charts-purple': '#652d90',
    'charts-red': '#e51400',
    'scrollbarSlider-background': '#64646466',
  },
};

const contrast = (foreground: string, background: string, border: string, focus: string): Theme['variables'] => ({
  foreground,
  descriptionForeground: foreground,
  errorForeground: focus,
  focusBorder: focus,
  contrastBorder: border,
  contrastActiveBorder: focus,
  'editor-background': background,
  'editor-foreground': foreground,
  'editorWidget-background': background,
  'button-foreground': foreground,
  'button-border': border,
  'button-secondaryForeground': foreground,
  'checkbox-background': background,
  'checkbox-border': border,
  'checkbox-foreground': foreground,
  'dropdown-background': background,
  'dropdown-border': border,
  'dropdown-foreground': foreground,
  'input-background': background,
  'input-border': border,
  'input-foreground': foreground,
  'input-placeholderForeground': foreground,
  'progressBar-background': border,
  'textCodeBlock-background': background,
});

const highContrast: Theme = {
  class: 'vscode-high-contrast',
  variables: {
    ...contrast('#ffffff', '#000000', '#6fc3df', '#f38518'),
    'charts-blue': '#3794ff',
    'charts-orange': '#d18616',
    'charts-green': '#89d185',
    'charts-purple': '#b180d7',
    'charts-red': '#f48771',
  },
};

const highContrastLight: Theme = {
  // As VS Code does: this theme carries both classes.
  class: 'vscode-high-contrast vscode-high-contrast-light',
  variables: {
    ...contrast('#292929', '#ffffff', '#0f4a85', '#006bbd'),
    'button-background': '#0f4a85',
    'button-foreground': '#ffffff',
    'charts-blue': '#1a85ff',
    'charts-orange': '#a34a00',
    'charts-green': '#374e06',
    'charts-purple': '#652d90',
    'charts-red': '#b5200d',
  },
};

export const themes = { dark, light, 'high-contrast': highContrast, 'high-contrast-light': highContrastLight } as const;
export type ThemeName = keyof typeof themes;

/** The style attribute of the page's root element. */
export function themeStyle(name: ThemeName): string {
  return Object.entries({ ...fonts, ...themes[name].variables })
    .map(([key, value]) => `--vscode-${key}: ${value}`)
    .join('; ');
}
