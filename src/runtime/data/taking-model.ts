/** Of a model what it takes, the batch first. */
export interface TakingModel {
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
}
