/** What an example is: each kind of data has a name, as logs, models and the folders of templates have it. */
export const kinds = ['image'] as const;
export type Kind = (typeof kinds)[number];
