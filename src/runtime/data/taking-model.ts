/** What a model takes, the batch first. */
export interface TakingModel {
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
}
